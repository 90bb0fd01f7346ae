//! Sites, remembered by this isolate for half a minute, so that a busy page asks D1 once. A changed list of domains is
//! followed as fast as that.
use std::cell::RefCell;

use litemap::LiteMap;

use crate::{
    core::{
        error::Code,
        id::SiteId,
        limits::SITE_CACHE,
        port::{Database, rows_of},
        problem::Problem,
        time::Timestamp,
    },
    sql::sites::{self, PublicSite},
};

type Kept = LiteMap<SiteId, (Timestamp, Option<PublicSite>)>;

thread_local! {
    static KEPT: RefCell<Kept> = const { RefCell::new(LiteMap::new()) };
}

/// A site by its public id. That there is none is remembered as well.
pub async fn find(database: &impl Database, site: &SiteId, now: Timestamp) -> Result<PublicSite, Problem> {
    let (life, most) = SITE_CACHE;
    let kept = KEPT.with_borrow(|kept| kept.get(site).filter(|(at, _)| now.since(*at).abs() < life).cloned());
    let found = match kept {
        Some((_, found)) => found,
        None => {
            let rows = database.batch(vec![sites::public(site)]).await.map_err(|_| Problem::from(Code::Storage))?;
            let found = rows_of(&rows, 0).first().and_then(PublicSite::read);
            KEPT.with_borrow_mut(|kept| {
                if kept.len() >= most {
                    kept.clear();
                }
                kept.insert(site.clone(), (now, found.clone()));
            });
            found
        }
    };
    found.ok_or_else(|| Problem::field("site", "no such site").with_code(Code::NotFound))
}

/// Hours have changed here that any site may go by.
pub fn forget_all() {
    KEPT.with_borrow_mut(LiteMap::clear);
}

/// A site has changed here: the next request sees it. Other isolates follow in their time.
pub fn forget(site: &SiteId) {
    KEPT.with_borrow_mut(|kept| kept.remove(site));
}
