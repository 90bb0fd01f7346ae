//! Opening a WebSocket: what the client offers in `Sec-WebSocket-Protocol`, and how one that may not come in is told.
//!
//! A browser can't read the answer to a refused upgrade. So whoever offers a Bellhop subprotocol is let in by the
//! Worker itself, told in one error frame, and shown out with a close code; no object hears of it.

use std::fmt::{self, Display, Formatter};

use super::{
    error::{CloseCode, Code},
    limits::{PROTOCOL_HEADER_BYTES, PROTOCOL_OFFERS},
    problem::Problem,
    protocol::{
        self, Encoding, Outgoing,
        wire::{self, server_frame},
    },
};

/// What a client offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer<'header> {
    /// The first encoding that we speak.
    pub encoding: Option<Encoding>,
    /// The ticket; none when there is not exactly one.
    pub ticket: Option<&'header str>,
}

impl<'header> Offer<'header> {
    /// Reads the header; an over-long one offers nothing.
    pub fn parse(header: &'header str) -> Self {
        if header.len() > PROTOCOL_HEADER_BYTES {
            return Offer::default();
        }
        let names: Vec<&str> = header.split(',').take(PROTOCOL_OFFERS).map(str::trim).collect();
        let mut tickets = names.iter().filter_map(|name| name.strip_prefix("ticket."));
        let ticket = tickets.next().filter(|_| tickets.next().is_none());
        Offer { encoding: names.iter().find_map(|name| Encoding::of_subprotocol(name)), ticket }
    }
}

/// What an object answers the gateway with instead of accepting a socket: as text, the body of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub code: Code,
    /// How the client is shown out.
    pub close: CloseCode,
}

impl Display for Refused {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        write!(to, "{} {}", self.code.name(), self.close.entry().0)
    }
}

impl Refused {
    /// Reads what `Display` writes; a name alone, as objects refuse each other, closes as that code does.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, number) = text.split_once(' ').unwrap_or((text, ""));
        let code = Code::parse(name)?;
        let close = number.parse().ok().and_then(CloseCode::of_number).unwrap_or_else(|| close_code(code));
        Some(Refused { code, close })
    }
}

/// Where a refused client goes from here.
pub fn close_code(code: Code) -> CloseCode {
    match code {
        Code::TicketExpired => CloseCode::TicketExpired,
        Code::RateLimited | Code::LockedOut | Code::Overloaded => CloseCode::TooMany,
        Code::VisitorBlocked => CloseCode::Blocked,
        Code::Internal | Code::Storage | Code::SchemaBehind | Code::DeskUnreachable => CloseCode::Restart,
        Code::BadRequest
        | Code::BadFrame
        | Code::UnknownFrame
        | Code::HelloFirst
        | Code::Unauthorized
        | Code::WrongCredentials
        | Code::Forbidden
        | Code::OriginRefused
        | Code::IdentityRefused
        | Code::NotFound
        | Code::MethodNotAllowed
        | Code::Conflict
        | Code::AlreadyAssigned
        | Code::StaleAssignment
        | Code::PicturesFull
        | Code::Gone
        | Code::TooLarge
        | Code::UnsupportedMediaType
        | Code::UpgradeRequired
        | Code::BotModelUnknown
        | Code::BotModelVersion
        | Code::BotModelTooLarge
        | Code::BotModelLength
        | Code::BotModelChecksum
        | Code::BotModelInvalid
        | Code::UrlRefused
        | Code::PictureInvalid
        | Code::SecretsMissing => CloseCode::Refused,
    }
}

/// The frame that says why.
pub fn refusal(problem: &Problem) -> Outgoing {
    let error = wire::Error {
        retry_after_ms: problem.retry_after_ms,
        ..protocol::error_frame(problem.code, &problem.detail, "")
    };
    server_frame::Frame::Error(error).into()
}

/// JSON text that a header can carry: nothing but ASCII, everything else as `\u` escapes.
pub fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() && !character.is_ascii_control() {
            text.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::protocol::Payload;

    #[test]
    fn offers() {
        let long = format!("bellhop.v1.json, ticket.{}", "x".repeat(5_000));
        let cases = [
            ("bellhop.v1.proto, ticket.a.b.c", Some(Encoding::Proto), Some("a.b.c")),
            ("ticket.a.b.c,bellhop.v1.json", Some(Encoding::Json), Some("a.b.c")),
            ("bellhop.v1.json, bellhop.v1.proto", Some(Encoding::Json), None),
            ("bellhop.v2.json, ticket.a", None, Some("a")),
            ("bellhop.v1.json, ticket.a, ticket.b", Some(Encoding::Json), None),
            ("Bellhop.v1.json", None, None),
            ("bellhop.v1.json, ticket.", Some(Encoding::Json), Some("")),
            ("", None, None),
            (",,,", None, None),
            (&long, None, None),
        ];
        for (header, encoding, ticket) in cases {
            assert_eq!(Offer::parse(header), Offer { encoding, ticket }, "{header}");
        }
        let many = format!("{}bellhop.v1.json", "x,".repeat(PROTOCOL_OFFERS));
        assert_eq!(Offer::parse(&many), Offer::default());
    }

    #[test]
    fn who_may_come_again_is_told_to_and_nobody_else() {
        for code in Code::ALL {
            let (number, _) = close_code(code).entry();
            assert_eq!(number < 4_500, code.retryable(), "{}", code.name());
        }
    }

    #[test]
    fn what_an_object_says_of_a_socket_is_read_by_the_gateway() {
        for code in Code::ALL {
            for close in CloseCode::ALL {
                let refused = Refused { code, close };
                assert_eq!(Refused::parse(&refused.to_string()), Some(refused));
            }
            assert_eq!(Refused::parse(code.name()), Some(Refused { code, close: close_code(code) }));
        }
        assert_eq!(Refused::parse("unheard_of 4501"), None);
    }

    #[test]
    fn the_frame_says_why_in_both_encodings() {
        let problem = Problem::later(Code::RateLimited, 1_500);
        let Some(Payload::Text(text)) = refusal(&problem).encode(Encoding::Json) else { panic!("text") };
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["error"]["code"], "rate_limited");
        assert_eq!(json["error"]["retryAfterMs"], "1500");
        assert!(matches!(refusal(&problem).encode(Encoding::Proto), Some(Payload::Binary(bytes)) if !bytes.is_empty()));
    }

    #[test]
    fn headers_carry_any_name() {
        let json = serde_json::to_string("李雷 \"😀\"\u{7f}\n").unwrap();
        let text = ascii(&json);
        assert!(text.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{text}");
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), "李雷 \"😀\"\u{7f}\n");
    }
}
