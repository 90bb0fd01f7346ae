//! What is said of a body that can't be read.

use crate::{
    api::{context::read, visitors::SessionRequest},
    core::{error::Code, problem::Problem},
};

fn refused(body: &str) -> Problem {
    let Err(problem) = read::<SessionRequest>(body) else { panic!("{body}") };
    assert_eq!(problem.code, Code::BadRequest, "{body}");
    problem
}

#[test]
fn a_member_that_is_missing_or_unknown_is_named() {
    let long = "x".repeat(500);
    for (body, field, detail) in [
        ("", "site", "missing"),
        ("{}", "site", "missing"),
        (r#"{"site":"a","tokn":"b"}"#, "tokn", "unknown"),
        (r#"{"site":"a","site":"b"}"#, "site", "duplicate"),
        (&format!(r#"{{"{long}":1}}"#), &long[..40], "unknown"),
    ] {
        let problem = refused(body);
        assert_eq!((problem.field.as_str(), problem.detail.as_str()), (field, detail), "{body}");
    }
}

#[test]
fn of_the_rest_it_is_said_where_and_nothing_that_stands_there() {
    for (body, detail) in [
        (r#"{"site":1}"#, "a member of the body is unknown or of the wrong type: line 1, column 9"),
        (
            "{\n\"site\":\"a\",\n\"token\":[\"missing field `x`\"]}",
            "a member of the body is unknown or of the wrong type: line 3, column 8",
        ),
        (r#"{"site":"a","site-id":"b"}"#, "a member of the body is unknown or of the wrong type: line 1, column 21"),
        (r#"{"日期":1}"#, "a member of the body is unknown or of the wrong type: line 1, column 9"),
        ("{\n\"site\" \"a\"}", "the body is not JSON: line 2, column 8"),
        (r#"{"site":"a""#, "the body is not JSON: line 1, column 11"),
        ("[]", "the body is not a JSON object"),
    ] {
        let problem = refused(body);
        assert_eq!((problem.field.as_str(), problem.detail.as_str()), ("", detail), "{body}");
    }
    let Err(problem) = read::<Vec<()>>(r#"{"missing field `x`":1}"#) else { panic!("a list") };
    assert_eq!(problem.field, "");
}
