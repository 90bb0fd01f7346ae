//! The one catalogue of error codes (`docs/errors.md`): stable code, HTTP status, whether to try again.

/// A stable error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// 400 malformed body, parameter or frame.
    BadRequest,
    /// 400 a frame that is not valid in the socket's encoding.
    BadFrame,
    /// 400 a frame type unknown here.
    UnknownFrame,
    /// 400 a frame before `hello`.
    HelloFirst,
    /// 400 a bot's model: it does not begin like a model.
    BotModelUnknown,
    /// 400 a bot's model: another version of Bellhop wrote it.
    BotModelVersion,
    /// 400 a bot's model: it is longer than any model.
    BotModelTooLarge,
    /// 400 a bot's model: it ends too early, or goes on after its end.
    BotModelLength,
    /// 400 a bot's model: its checksum does not match.
    BotModelChecksum,
    /// 400 a bot's model: a size or number in it cannot be.
    BotModelInvalid,
    /// 400 an address that may not be called.
    UrlRefused,
    /// 400 a picture that is none.
    PictureInvalid,
    /// 401 no good credential.
    Unauthorized,
    /// 401 e-mail and password do not match.
    WrongCredentials,
    /// 401 the ticket's time is over.
    TicketExpired,
    /// 403 the role or kind may not.
    Forbidden,
    /// 403 `Origin` is not one that may.
    OriginRefused,
    /// 403 the visitor is blocked.
    VisitorBlocked,
    /// 403 what the site has signed of its visitor is not good.
    IdentityRefused,
    /// 404 nothing of that name in this workspace.
    NotFound,
    /// 405.
    MethodNotAllowed,
    /// 409 exists already or is in another state.
    Conflict,
    /// 409 another agent has it.
    AlreadyAssigned,
    /// 409 not the current assignment.
    StaleAssignment,
    /// 409 as many pictures of answers are kept as may be.
    PicturesFull,
    /// 410 a used or old link.
    Gone,
    /// 413 over a size limit.
    TooLarge,
    /// 415 not JSON.
    UnsupportedMediaType,
    /// 426 not a WebSocket upgrade that we speak.
    UpgradeRequired,
    /// 429 over a rate limit.
    RateLimited,
    /// 429 too many wrong passwords.
    LockedOut,
    /// 500 our fault.
    Internal,
    /// 503 the write did not happen.
    Storage,
    /// 503 migrations are under way.
    SchemaBehind,
    /// 503 no secrets.
    SecretsMissing,
    /// 503 the Desk could not be asked.
    DeskUnreachable,
    /// 503 the process holds as many sockets as it may.
    Overloaded,
}

impl Code {
    /// Every code, in the order of the documentation.
    pub const ALL: [Code; 37] = [
        Code::BadRequest,
        Code::BadFrame,
        Code::UnknownFrame,
        Code::HelloFirst,
        Code::BotModelUnknown,
        Code::BotModelVersion,
        Code::BotModelTooLarge,
        Code::BotModelLength,
        Code::BotModelChecksum,
        Code::BotModelInvalid,
        Code::UrlRefused,
        Code::PictureInvalid,
        Code::Unauthorized,
        Code::WrongCredentials,
        Code::TicketExpired,
        Code::Forbidden,
        Code::OriginRefused,
        Code::VisitorBlocked,
        Code::IdentityRefused,
        Code::NotFound,
        Code::MethodNotAllowed,
        Code::Conflict,
        Code::AlreadyAssigned,
        Code::StaleAssignment,
        Code::PicturesFull,
        Code::Gone,
        Code::TooLarge,
        Code::UnsupportedMediaType,
        Code::UpgradeRequired,
        Code::RateLimited,
        Code::LockedOut,
        Code::Internal,
        Code::Storage,
        Code::SchemaBehind,
        Code::SecretsMissing,
        Code::DeskUnreachable,
        Code::Overloaded,
    ];

    /// Name on the wire, HTTP status, and whether the same request may succeed later.
    fn entry(self) -> (&'static str, u16, bool) {
        match self {
            Code::BadRequest => ("bad_request", 400, false),
            Code::BadFrame => ("bad_frame", 400, false),
            Code::UnknownFrame => ("unknown_frame", 400, false),
            Code::HelloFirst => ("hello_first", 400, false),
            Code::BotModelUnknown => ("bot_model_unknown", 400, false),
            Code::BotModelVersion => ("bot_model_version", 400, false),
            Code::BotModelTooLarge => ("bot_model_too_large", 400, false),
            Code::BotModelLength => ("bot_model_length", 400, false),
            Code::BotModelChecksum => ("bot_model_checksum", 400, false),
            Code::BotModelInvalid => ("bot_model_invalid", 400, false),
            Code::UrlRefused => ("url_refused", 400, false),
            Code::PictureInvalid => ("picture_invalid", 400, false),
            Code::Unauthorized => ("unauthorized", 401, false),
            Code::WrongCredentials => ("wrong_credentials", 401, false),
            Code::TicketExpired => ("ticket_expired", 401, true),
            Code::Forbidden => ("forbidden", 403, false),
            Code::OriginRefused => ("origin_refused", 403, false),
            Code::VisitorBlocked => ("visitor_blocked", 403, false),
            Code::IdentityRefused => ("identity_refused", 403, false),
            Code::NotFound => ("not_found", 404, false),
            Code::MethodNotAllowed => ("method_not_allowed", 405, false),
            Code::Conflict => ("conflict", 409, false),
            Code::AlreadyAssigned => ("already_assigned", 409, false),
            Code::StaleAssignment => ("stale_assignment", 409, false),
            Code::PicturesFull => ("pictures_full", 409, false),
            Code::Gone => ("gone", 410, false),
            Code::TooLarge => ("too_large", 413, false),
            Code::UnsupportedMediaType => ("unsupported_media_type", 415, false),
            Code::UpgradeRequired => ("upgrade_required", 426, false),
            Code::RateLimited => ("rate_limited", 429, true),
            Code::LockedOut => ("locked_out", 429, true),
            Code::Internal => ("internal", 500, true),
            Code::Storage => ("storage", 503, true),
            Code::SchemaBehind => ("schema_behind", 503, true),
            Code::SecretsMissing => ("secrets_missing", 503, false),
            Code::DeskUnreachable => ("desk_unreachable", 503, true),
            Code::Overloaded => ("overloaded", 503, true),
        }
    }

    /// Stable name.
    pub fn name(self) -> &'static str {
        self.entry().0
    }

    /// Reads what `name` writes.
    pub fn parse(name: &str) -> Option<Self> {
        Code::ALL.into_iter().find(|code| code.name() == name)
    }

    /// HTTP status.
    pub fn status(self) -> u16 {
        self.entry().1
    }

    /// Whether the same request may succeed later.
    pub fn retryable(self) -> bool {
        self.entry().2
    }
}

/// Why the server ends a socket. 4000–4499: connect again; 4500–4999: do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseCode {
    /// A new connection is wanted.
    Restart,
    /// The client reads too slowly.
    Slow,
    /// Come back with a new ticket.
    TicketExpired,
    /// Over a limit.
    TooMany,
    /// The credential does not reach this.
    Refused,
    /// The session ended or the agent was disabled.
    Revoked,
    /// Pushed out by a newer socket.
    Replaced,
    /// The visitor was blocked.
    Blocked,
}

impl CloseCode {
    /// Every close code, in the order of the documentation.
    pub const ALL: [CloseCode; 8] = [
        CloseCode::Restart,
        CloseCode::Slow,
        CloseCode::TicketExpired,
        CloseCode::TooMany,
        CloseCode::Refused,
        CloseCode::Revoked,
        CloseCode::Replaced,
        CloseCode::Blocked,
    ];

    /// The one with this number.
    pub fn of_number(number: u16) -> Option<Self> {
        CloseCode::ALL.into_iter().find(|code| code.entry().0 == number)
    }

    /// The number on the wire and its short reason (at most 123 bytes).
    pub fn entry(self) -> (u16, &'static str) {
        match self {
            CloseCode::Restart => (4000, "restart"),
            CloseCode::Slow => (4008, "slow"),
            CloseCode::TicketExpired => (4010, "ticket_expired"),
            CloseCode::TooMany => (4029, "too_many"),
            CloseCode::Refused => (4500, "refused"),
            CloseCode::Revoked => (4501, "revoked"),
            CloseCode::Replaced => (4503, "replaced"),
            CloseCode::Blocked => (4504, "blocked"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_lists_exactly_the_codes_that_exist() {
        let text = include_str!("../../docs/errors.md");
        let mut rows: Vec<(String, String, String)> = text
            .lines()
            .filter(|line| line.starts_with("| `"))
            .map(|line| {
                let cells: Vec<&str> = line.split('|').map(str::trim).collect();
                (cells[1].trim_matches('`').to_owned(), cells[2].to_owned(), cells[3].to_owned())
            })
            .collect();
        for code in Code::ALL {
            let retry = if code.retryable() { "yes" } else { "no" };
            let row = (code.name().to_owned(), code.status().to_string(), retry.to_owned());
            let place = rows.iter().position(|other| *other == row);
            assert!(place.is_some(), "{row:?} is not documented");
            rows.remove(place.unwrap());
        }
        assert_eq!(rows, [], "documented, but unknown");
        for close in CloseCode::ALL {
            let (number, name) = close.entry();
            assert!(text.contains(&format!("| {number} | `{name}` |")), "{number} is not documented");
        }
    }
}
