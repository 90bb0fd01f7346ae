//! Wrong passwords, counted by a keyed hash of the address, known or not.
//!
//! An attempt is counted before it is judged, in one statement: so of any number of attempts at once no more are judged
//! than the limit lets through. A right password forgets the count.

use crate::core::{
    limits::{LOCK_OUT, LOGIN_ATTEMPTS},
    port::{Columns, Row, Statement},
    time::{DAY, Timestamp},
};

const ATTEMPT: &str = "INSERT INTO login_failures (email_hash, failures, locked_until, at) VALUES (?1, 1, 0, ?2) \
     ON CONFLICT (email_hash) DO UPDATE SET at = ?2, \
     failures = CASE WHEN locked_until > ?2 THEN failures + 1 WHEN locked_until > 0 OR at <= ?3 THEN 1 ELSE failures + 1 END, \
     locked_until = CASE WHEN locked_until > ?2 THEN locked_until WHEN locked_until > 0 OR at <= ?3 THEN 0 \
     WHEN failures + 1 >= ?4 THEN ?5 ELSE 0 END RETURNING failures, locked_until";
const FORGET: &str = "DELETE FROM login_failures WHERE email_hash = ?";

/// Counts an attempt; [`Attempt::read`] says whether it may be judged.
pub fn attempt(email_hash: &str, now: Timestamp) -> Statement {
    Statement::new(
        ATTEMPT,
        [email_hash.into(), now.0.into(), now.plus(-DAY).0.into(), LOGIN_ATTEMPTS.into(), now.plus(LOCK_OUT).0.into()],
    )
}

/// The count begins anew.
pub fn forget(email_hash: &str) -> Statement {
    Statement::new(FORGET, [email_hash.into()])
}

/// What an attempt found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// It may be judged.
    Judge,
    /// Too many before it: not before this time.
    LockedUntil(Timestamp),
}

impl Attempt {
    /// Reads the row of [`attempt`].
    pub fn read(row: &Row) -> Self {
        let mut columns = Columns::of(row);
        let (failures, locked_until) = (columns.uint(), Timestamp(columns.int()));
        if failures > LOGIN_ATTEMPTS { Attempt::LockedUntil(locked_until) } else { Attempt::Judge }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        core::{port::rows_of, time::MINUTE},
        sql::testing::TestDatabase,
    };

    #[test]
    fn ten_attempts_then_a_quarter_of_an_hour() {
        let database = TestDatabase::migrated();
        let run = |at: i64| {
            let rows = database.run(vec![attempt("hash", Timestamp(at))]).unwrap();
            Attempt::read(&rows_of(&rows, 0)[0])
        };
        for at in 0..10 {
            assert_eq!(run(DAY + at), Attempt::Judge, "{at}");
        }
        let until = Attempt::LockedUntil(Timestamp(DAY + 9 + LOCK_OUT));
        assert_eq!(run(DAY + 10), until);
        assert_eq!(run(DAY + 9 + LOCK_OUT - 1), until, "trying does not make it longer");
        assert_eq!(run(DAY + 9 + LOCK_OUT), Attempt::Judge, "and it begins anew");
        for at in 1..10 {
            assert_eq!(run(DAY + LOCK_OUT + 9 + at), Attempt::Judge);
        }
        assert!(matches!(run(DAY + LOCK_OUT + 20), Attempt::LockedUntil(_)));

        database.run(vec![forget("hash")]).unwrap();
        for at in 0..9 {
            assert_eq!(run(10 * DAY + at), Attempt::Judge);
        }
        assert_eq!(run(11 * DAY + MINUTE), Attempt::Judge, "nine wrong ones are forgotten after a day");
        assert_eq!(run(11 * DAY + 2 * MINUTE), Attempt::Judge);
        let other = database.run(vec![attempt("other", Timestamp(DAY + 11))]).unwrap();
        assert_eq!(Attempt::read(&rows_of(&other, 0)[0]), Attempt::Judge);
    }
}
