use super::*;
use crate::{
    core::{
        chance::Chance,
        id::Entropy,
        limits::{SITE_CONSULTS_PER_HOUR, WORKSPACE_CONSULTS_PER_HOUR},
        port::rows_of,
        time::DAY,
    },
    sql::testing::TestDatabase,
};

const TODAY: i64 = 20_000 * DAY;

fn site(number: u128) -> SiteId {
    SiteId::draw(&mut Entropy::new(number))
}

/// Two workspaces.
fn world() -> (TestDatabase, [WorkspaceId; 2]) {
    let database = TestDatabase::migrated();
    let both = [1, 2].map(|seed| WorkspaceId::draw(&mut Entropy::new(seed)));
    for workspace in &both {
        let row = "INSERT INTO workspaces (id, name, created_at) VALUES (?, 'a', 0)";
        database.sql.connection.execute(row, [workspace.as_str()]).unwrap();
    }
    (database, both)
}

/// The usual ceilings, and a question that may take nothing.
fn count(workspace: &WorkspaceId, site: &SiteId, now: Timestamp) -> Statement {
    super::count(workspace, site, &Ceilings::default(), 0, now)
}

fn may(database: &TestDatabase, statement: Statement) -> bool {
    !rows_of(&database.run(vec![statement]).unwrap(), 0).is_empty()
}

#[test]
fn a_day_has_its_ceiling_and_so_has_each_workspace() {
    let (database, [one, other]) = world();
    // Each time another site, so that only the workspace's own ceilings are met.
    let sites = std::cell::Cell::new(0);
    let may = |workspace: &WorkspaceId, now: i64| {
        sites.set(sites.get() + 1);
        may(&database, count(workspace, &site(sites.get() % 7), Timestamp(now)))
    };
    let hours = |from: i64| (from..).map(|hour| TODAY + hour * HOUR);
    for _ in 0..WORKSPACE_CONSULTS_PER_HOUR {
        assert!(may(&one, TODAY));
    }
    assert!(!may(&one, TODAY + HOUR - 1) && !may(&one, TODAY));
    assert!(may(&other, TODAY));
    // The hours after it, as many as the day has room for.
    let mut left = u64::from(Ceilings::default().calls_per_day) - WORKSPACE_CONSULTS_PER_HOUR;
    for hour in hours(1) {
        let many = left.min(WORKSPACE_CONSULTS_PER_HOUR);
        assert!((0..many).all(|_| may(&one, hour)));
        assert!(!may(&one, hour));
        left -= many;
        if left == 0 {
            break;
        }
    }
    assert!(!may(&one, TODAY + DAY - 1));
    assert!(may(&one, TODAY + DAY) && may(&one, TODAY + DAY));
}

#[test]
fn one_site_leaves_something_of_the_hour_to_the_others() {
    let (database, [one, _]) = world();
    let may = |number: u128, now: i64| may(&database, count(&one, &site(number), Timestamp(now)));
    for _ in 0..SITE_CONSULTS_PER_HOUR {
        assert!(may(7, TODAY));
    }
    assert!(!may(7, TODAY + HOUR - 1));
    // What was refused has counted for nobody.
    for _ in SITE_CONSULTS_PER_HOUR..WORKSPACE_CONSULTS_PER_HOUR {
        assert!(may(8, TODAY));
    }
    assert!(!may(8, TODAY) && !may(9, TODAY), "the workspace's own");
    for number in [7, 8, 9] {
        assert!(may(number, TODAY + HOUR), "another hour");
    }
    let sql = "SELECT COUNT(*) FROM bot_consults, json_each(sites)";
    let kept: i64 = database.sql.connection.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 3, "of a former hour nothing is kept");
}

/// A row as the code before the sites has left it.
#[test]
fn an_older_row_counts_on() {
    let (database, [one, _]) = world();
    let row = "INSERT INTO bot_consults (workspace, hour, in_hour, in_day) VALUES (?, ?, 299, 299)";
    database.sql.connection.execute(row, rusqlite::params![one.as_str(), TODAY / HOUR]).unwrap();
    let may = |now: i64| may(&database, count(&one, &site(7), Timestamp(now)));
    assert!(may(TODAY) && !may(TODAY) && may(TODAY + HOUR));
}

#[test]
fn a_site_s_calls_have_a_ceiling_by_the_hour() {
    let (database, [one, other]) = world();
    let may = |workspace: &WorkspaceId, number: u128, now: i64| {
        may(&database, count_action(workspace, &site(number), Timestamp(now)))
    };
    for _ in 0..SITE_ACTIONS_PER_HOUR {
        assert!(may(&one, 7, TODAY));
    }
    assert!(!may(&one, 7, TODAY + HOUR - 1) && may(&one, 8, TODAY));
    assert!(!may(&other, 7, TODAY + HOUR), "INV-8: the site is another workspace's");
    assert!(may(&one, 7, TODAY + HOUR) && may(&one, 7, TODAY + HOUR));
}

#[test]
fn a_bot_of_one_s_own_has_a_ceiling_of_its_own_and_so_have_its_tries() {
    let (database, [one, other]) = world();
    let may = |workspace: &WorkspaceId, site: &SiteId| may(&database, count_webhook(workspace, site, Timestamp(TODAY)));
    for _ in 0..SITE_WEBHOOKS_PER_HOUR {
        assert!(may(&one, &site(7)));
    }
    assert!(!may(&one, &site(7)) && may(&one, &site(8)));
    let action = |number: u128| super::count_action(&one, &site(number), Timestamp(TODAY));
    assert!(super::tests::may(&database, action(7)), "actions are counted beside it");
    // Tries belong to no site, and to one workspace.
    for workspace in [&one, &other] {
        assert!(may(workspace, &SiteId::of_none(workspace)) && may(workspace, &SiteId::of_none(workspace)));
        assert_eq!(SiteId::parse(SiteId::of_none(workspace).as_str()), Ok(SiteId::of_none(workspace)));
    }
}

/// A clock that is a little behind another, as two machines' are, gives back nothing of an hour or a day.
#[test]
fn a_clock_that_is_behind_gives_nothing_back() {
    let (database, [one, _]) = world();
    let ceilings = Ceilings { calls_per_day: 3, ..Ceilings::default() };
    let may = |now: i64| may(&database, super::count(&one, &site(7), &ceilings, 9, Timestamp(now)));
    assert!(may(TODAY) && may(TODAY - 1) && may(TODAY + 1));
    assert!(!may(TODAY - 1) && !may(TODAY));
    let spent = |now: i64| read(&database, &one, now);
    assert_eq!((spent(TODAY), spent(TODAY - 1)), (Spent { calls: 3, tokens: 27 }, Spent { calls: 3, tokens: 27 }));
    assert_eq!(spent(TODAY + DAY), Spent::default(), "another day");
    // One that was wrong by far ends no workspace's days.
    assert!(may(TODAY + 400 * DAY) && may(TODAY + DAY));
}

fn read(database: &TestDatabase, workspace: &WorkspaceId, now: i64) -> Spent {
    read_spent(rows_of(&database.run(vec![spent(workspace, Timestamp(now))]).unwrap(), 0).first())
}

/// What a workspace has on a day, as it should be.
#[derive(Default, Clone, Copy)]
struct Book {
    hour: i64,
    in_hour: u64,
    of_site: [u64; 3],
    calls: u64,
    tokens: i64,
}

impl Book {
    /// Whether a question may be asked, and what it is counted as.
    fn take(&mut self, ceilings: &Ceilings, site: usize, most: u32, hour: i64) -> bool {
        let mut next = *self;
        if hour / 24 != next.hour / 24 {
            (next.calls, next.tokens) = (0, 0);
        }
        if hour != next.hour {
            (next.hour, next.in_hour, next.of_site) = (hour, 0, [0; 3]);
        }
        next.calls += 1;
        next.in_hour += 1;
        next.of_site[site] += 1;
        next.tokens += i64::from(most);
        let fits = next.calls <= u64::from(ceilings.calls_per_day)
            && next.tokens <= i64::from(ceilings.tokens_per_day)
            && next.in_hour <= ceilings.per_hour()
            && next.of_site[site] <= ceilings.per_site();
        if fits {
            *self = next;
        }
        fits
    }
}

/// Two workspaces whose owners change their minds, questions under way, some of which are never heard of again, and midnights: each
/// counts as the book has it, and what was really spent is never more than was allowed.
#[test]
fn inv_8_a_day_counts_as_a_book_would_have_it() {
    let mut counts = std::collections::BTreeMap::<&str, u32>::new();
    for seed in 0..40_u128 {
        let mut dice = Chance::Seed(Entropy::new(seed));
        let (database, both) = world();
        let mut books = [Book::default(); 2];
        let mut ceilings = [Ceilings { calls_per_day: 40, tokens_per_day: 60_000, ..Ceilings::default() }; 2];
        // Who asked, on which day, what was put aside, and what it takes.
        let mut under_way: Vec<(usize, i64, u32, u32)> = Vec::new();
        let mut really = std::collections::BTreeMap::<(usize, i64), i64>::new();
        let mut now = TODAY;
        for step in 0..400 {
            now += dice.below(40) as i64 * 60_000 / (1 + dice.below(9) as i64);
            let place = dice.below(2) as usize;
            let place_of = format!("seed {seed} step {step}");
            match dice.below(10) {
                0 => {
                    let calls_per_day = 1 + dice.below(60) as u32;
                    let tokens_per_day = 60_000 + dice.below(60_000) as u32;
                    ceilings[place] = Ceilings { calls_per_day, tokens_per_day, ..Ceilings::default() };
                }
                1..6 => {
                    let (most, of) = (3_000 + dice.below(9_000) as u32, dice.below(3) as usize);
                    let hour = now.div_euclid(HOUR);
                    let counted = super::count(&both[place], &site(of as u128), &ceilings[place], most, Timestamp(now));
                    let rows = database.run(vec![counted, spent(&both[place], Timestamp(now))]).unwrap();
                    let before = books[place];
                    let fits = books[place].take(&ceilings[place], of, most, hour);
                    let row = rows_of(&rows, 0).first().map(read_counted);
                    assert_eq!(row, fits.then_some(hour / 24), "{place_of}");
                    if fits {
                        *counts.entry("asked").or_default() += 1;
                        if before.hour / 24 != hour / 24 {
                            *counts.entry("a new day").or_default() += 1;
                        }
                        // More than was put aside no answer takes.
                        let takes = dice.below(u64::from(most) + 1) as u32;
                        under_way.push((place, hour / 24, most, takes));
                        *really.entry((place, hour / 24)).or_default() += i64::from(takes);
                    } else {
                        let why = ceilings[place].reached(read_spent(rows_of(&rows, 1).first()), most);
                        *counts.entry(why.name()).or_default() += 1;
                        assert_ne!(why.name(), "too_often", "{place_of}: the hour is far away");
                    }
                }
                6..9 if !under_way.is_empty() => {
                    let at = dice.below(under_way.len() as u64) as usize;
                    let (who, day, most, takes) = under_way.swap_remove(at);
                    if dice.percent(20) {
                        *counts.entry("a machine dies").or_default() += 1;
                        continue;
                    }
                    database.run(vec![settle(&both[who], day, most, takes)]).unwrap();
                    if books[who].hour / 24 == day {
                        books[who].tokens += i64::from(takes) - i64::from(most);
                    } else {
                        *counts.entry("settled too late").or_default() += 1;
                    }
                }
                _ => {}
            }
            for (place, book) in books.iter().enumerate() {
                let is_today = book.hour / 24 == now.div_euclid(DAY);
                let expected = if is_today { (book.calls, book.tokens as u64) } else { (0, 0) };
                let Spent { calls, tokens } = read(&database, &both[place], now);
                assert_eq!((calls, tokens), expected, "{place_of}: INV-8, each its own");
                let spent = really.get(&(place, now.div_euclid(DAY))).copied().unwrap_or_default();
                assert!(spent <= tokens as i64, "{place_of}: {spent} were spent, and {tokens} are known");
            }
        }
        // No owner has ever allowed more.
        assert!(really.values().all(|spent| *spent <= 120_000), "seed {seed}");
    }
    for name in ["asked", "a new day", "calls_per_day", "tokens_per_day", "a machine dies", "settled too late"] {
        assert!(counts.get(name).copied().unwrap_or_default() > 5, "{name} was tried: {counts:?}");
    }
}

#[test]
fn what_is_put_right_belongs_to_a_workspace_and_a_day() {
    let (database, [one, other]) = world();
    let (ceilings, now) = (Ceilings::default(), Timestamp(TODAY));
    for workspace in [&one, &other] {
        assert!(may(&database, super::count(workspace, &site(7), &ceilings, 500, now)));
    }
    let day = TODAY / DAY;
    let all = || (read(&database, &one, TODAY).tokens, read(&database, &other, TODAY).tokens);
    let run = |statement| drop(database.run(vec![statement]).unwrap());
    run(settle(&one, day - 1, 500, 100));
    assert_eq!(all(), (500, 500), "another day's");
    run(settle(&one, day, 500, 100));
    assert_eq!(all(), (100, 500), "INV-8");
    run(settle(&one, day, 500, 800));
    assert_eq!(all(), (400, 500), "it took more than was thought");
    run(settle(&one, day, 5_000, 0));
    assert_eq!(all(), (0, 500), "never less than nothing");
}
