//! Wrong passwords, counted under keyed hashes: of the e-mail address, known or not, and of the client's address, so
//! that trying one password on many accounts is no way around.
//!
//! An attempt is counted before it is judged, in one statement: so of any number of attempts at once no more are judged
//! than the limit lets through. A right password forgets the account's count and takes its own back from the client's.
//! These counts outlive what a Limiter remembers, which is gone when nobody has asked it for a while.

use crate::core::{
    limits::{CLIENT_ATTEMPTS, LOCK_OUT, LOGIN_ATTEMPTS},
    port::{Columns, Row, Statement},
    time::{DAY, Timestamp},
};

const ATTEMPT: &str = "INSERT INTO login_failures (email_hash, failures, locked_until, at) VALUES (?1, 1, 0, ?2) \
     ON CONFLICT (email_hash) DO UPDATE SET at = ?2, \
     failures = CASE WHEN locked_until > ?2 THEN failures + 1 WHEN locked_until > 0 OR at <= ?3 THEN 1 ELSE failures + 1 END, \
     locked_until = CASE WHEN locked_until > ?2 THEN locked_until WHEN locked_until > 0 OR at <= ?3 THEN 0 \
     WHEN failures + 1 >= ?4 THEN ?5 ELSE 0 END RETURNING failures, locked_until";
const FORGIVE: &str = "UPDATE login_failures SET failures = failures - 1, \
     locked_until = CASE WHEN failures - 1 < ? THEN 0 ELSE locked_until END WHERE email_hash = ? AND failures > 0";
const FORGET: &str = "DELETE FROM login_failures WHERE email_hash = ?";

/// After so many wrong ones under a key it is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// An account: 10.
    Account,
    /// A client's address, behind which an office may sit: 100.
    Client,
}

impl Counted {
    fn limit(self) -> u64 {
        match self {
            Counted::Account => LOGIN_ATTEMPTS,
            Counted::Client => CLIENT_ATTEMPTS,
        }
    }

    /// Counts an attempt; [`Counted::read`] says whether it may be judged.
    pub fn attempt(self, hash: &str, now: Timestamp) -> Statement {
        let (yesterday, unlocked_at) = (now.plus(-DAY), now.plus(LOCK_OUT));
        let args = [hash.into(), now.0.into(), yesterday.0.into(), self.limit().into(), unlocked_at.0.into()];
        Statement::new(ATTEMPT, args)
    }

    /// Reads the row of [`Counted::attempt`]: until when the key is locked, if it is.
    pub fn read(self, row: &Row) -> Option<Timestamp> {
        let mut columns = Columns::of(row);
        let (failures, locked_until) = (columns.uint(), Timestamp(columns.int()));
        (failures > self.limit()).then_some(locked_until)
    }
}

/// The count begins anew.
pub fn forget(email_hash: &str) -> Statement {
    Statement::new(FORGET, [email_hash.into()])
}

/// A client's attempt was right, so it was no wrong one.
pub fn forgive(hash: &str) -> Statement {
    Statement::new(FORGIVE, [CLIENT_ATTEMPTS.into(), hash.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        core::{port::rows_of, time::MINUTE},
        sql::testing::TestDatabase,
    };

    fn run(database: &TestDatabase, counted: Counted, key: &str, at: i64) -> Option<Timestamp> {
        let rows = database.run(vec![counted.attempt(key, Timestamp(at))]).unwrap();
        counted.read(&rows_of(&rows, 0)[0])
    }

    #[test]
    fn ten_attempts_then_a_quarter_of_an_hour() {
        let database = TestDatabase::migrated();
        let run = |at: i64| run(&database, Counted::Account, "hash", at);
        for at in 0..10 {
            assert_eq!(run(DAY + at), None, "{at}");
        }
        let until = Some(Timestamp(DAY + 9 + LOCK_OUT));
        assert_eq!(run(DAY + 10), until);
        assert_eq!(run(DAY + 9 + LOCK_OUT - 1), until, "trying does not make it longer");
        assert_eq!(run(DAY + 9 + LOCK_OUT), None, "and it begins anew");
        for at in 1..10 {
            assert_eq!(run(DAY + LOCK_OUT + 9 + at), None);
        }
        assert!(run(DAY + LOCK_OUT + 20).is_some());

        database.run(vec![forget("hash")]).unwrap();
        for at in 0..9 {
            assert_eq!(run(10 * DAY + at), None);
        }
        assert_eq!(run(11 * DAY + MINUTE), None, "nine wrong ones are forgotten after a day");
        assert_eq!(run(11 * DAY + 2 * MINUTE), None);
        assert_eq!(self::run(&database, Counted::Account, "other", DAY + 11), None);
    }

    #[test]
    fn a_client_is_locked_by_wrong_ones_only() {
        let database = TestDatabase::migrated();
        let run = |at: i64| run(&database, Counted::Client, "client", at);
        for at in 0..500 {
            assert_eq!(run(DAY + at), None, "{at}");
            database.run(vec![forgive("client")]).unwrap();
        }
        for at in 500..600 {
            assert_eq!(run(DAY + at), None, "{at}");
        }
        assert_eq!(run(DAY + 600), Some(Timestamp(DAY + 599 + LOCK_OUT)));
        // The hundredth was right after all: nobody is locked.
        let database = TestDatabase::migrated();
        let run = |at: i64| self::run(&database, Counted::Client, "client", at);
        for at in 0..100 {
            assert_eq!(run(DAY + at), None);
        }
        database.run(vec![forgive("client")]).unwrap();
        assert_eq!(run(DAY + 101), None);
        assert!(run(DAY + 102).is_some());
    }
}
