//! A deployment in memory: real SQLite, real keys, a clock that tests turn by hand.

use std::cell::{Cell, RefCell};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use sha2::{Digest as _, Sha256};

use super::{
    context::{Context, SignedIn},
    ops::{self, SeedAnswer},
    sessions::{self, Signed},
    sign_in::{self, Credentials},
};
use crate::{
    core::{
        address::ClientAddress,
        auth::Keys,
        error::Code,
        id::Entropy,
        origin::OwnOrigin,
        port::{Columns, Statement, rows_of},
        problem::Problem,
        time::Timestamp,
    },
    sql::{
        audit::{self, Entry},
        testing::{TestDatabase, ready},
    },
};

/// Passwords of the two seeded people.
pub const OWNER: (&str, &str) = ("owner@shop.example", "owner-of-the-shop");
/// An agent.
pub const LEI: (&str, &str) = ("lei@shop.example", "lei answers chats");

pub struct World {
    pub database: TestDatabase,
    pub keys: Keys,
    pub own: OwnOrigin,
    pub now: Cell<Timestamp>,
    /// Where signing in comes from.
    pub client: RefCell<ClientAddress>,
    draws: Cell<u64>,
}

impl World {
    /// With an empty database.
    pub fn empty() -> Self {
        let secret = Base64UrlUnpadded::encode_string(&Sha256::digest(b"test"));
        World {
            database: TestDatabase::migrated(),
            keys: Keys::new(&secret, None).unwrap(),
            own: OwnOrigin::parse("https://chat.example").unwrap(),
            now: Cell::new(Timestamp(1_795_000_000_000)),
            client: RefCell::new(ClientAddress::of(Some("192.0.2.1"), None)),
            draws: Cell::new(0),
        }
    }

    /// With a workspace, an owner, an agent and a site.
    pub fn seeded() -> Self {
        let world = World::empty();
        world.seed().unwrap();
        world
    }

    pub fn seed(&self) -> Result<SeedAnswer, Problem> {
        let seed = format!(
            r#"{{"workspace":"Shop","owner":{{"name":"Olga","email":"{}","password":"{}"}},
                "agents":[{{"name":"Lei","email":"{}","password":"{}"}}],
                "site":{{"name":"Shop","domains":["shop.example"],"greeting":"Hello"}},
                "faq":[{{"question":"When?","answer":"Soon.","locale":"en"}}]}}"#,
            OWNER.0, OWNER.1, LEI.0, LEI.1
        );
        ready(ops::seed(&self.cx(), &super::context::read(&seed).unwrap()))
    }

    /// The world of one request.
    pub fn cx(&self) -> Context<'_, TestDatabase> {
        self.cx_over(&self.database)
    }

    /// The same over another way to the database.
    pub fn cx_over<'world, D>(&'world self, database: &'world D) -> Context<'world, D> {
        let draw = self.draws.get() + 1;
        self.draws.set(draw);
        Context {
            database,
            keys: &self.keys,
            own: &self.own,
            loopback: false,
            now: self.now.get(),
            entropy: RefCell::new(Entropy::new(u128::from(draw) << 64)),
            secret: Sha256::digest(draw.to_le_bytes()).into(),
        }
    }

    pub fn wait(&self, millis: i64) {
        self.now.set(self.now.get().plus(millis));
    }

    pub fn sign_in(&self, who: (&str, &str)) -> Result<SignedIn, Problem> {
        let given = Credentials { email: who.0.to_owned(), password: who.1.to_owned() };
        ready(sign_in::sign_in(&self.cx(), &given, &self.client.borrow()))
    }

    /// Whoever this cookie is, now.
    pub fn signed(&self, token: &str) -> Result<Signed, Code> {
        let token = self.keys.session(token, self.now.get()).map_err(|error| error.code(false))?;
        ready(sessions::authenticate(&self.cx(), &token)).map_err(|problem| problem.code)
    }

    /// Signed in and ready to act.
    pub fn enter(&self, who: (&str, &str)) -> Signed {
        self.signed(&self.sign_in(who).unwrap().token).unwrap()
    }

    /// A number out of the database.
    pub fn count(&self, sql: &'static str) -> i64 {
        let rows = self.database.run(vec![Statement::new(sql, [])]).unwrap();
        Columns::of(&rows_of(&rows, 0)[0]).int()
    }

    /// Actions of the audit log, oldest first.
    pub fn audit(&self, signed: &Signed) -> Vec<String> {
        let rows = self.database.run(vec![audit::list(&signed.principal.workspace, 1 << 50, 1_000)]).unwrap();
        rows_of(&rows, 0).iter().rev().map(|row| Entry::read(row).action).collect()
    }
}

/// The code of a refusal.
pub fn code<T>(result: Result<T, Problem>) -> Result<T, Code> {
    result.map_err(|problem| problem.code)
}
