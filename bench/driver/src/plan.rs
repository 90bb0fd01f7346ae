//! What the driver is told to do. All bytes are hexadecimal: they go over the line as they are.

use serde::Deserialize;

/// One run.
#[derive(Debug, Deserialize)]
pub struct Plan {
    /// The server: its process, for CPU time and memory, and its port on the loopback.
    pub pid: u32,
    pub port: u16,
    /// Frames are text or binary.
    pub text: bool,
    /// Two for each room: who sends, then who receives.
    pub seats: Vec<Seat>,
    /// Sent when a socket is open; none if the server says nothing by itself.
    pub hello: Option<Hex>,
    /// How the frame begins that says the session is ready; none: it is, once it is open.
    pub ready: Option<Hex>,
    /// Sent in turn.
    pub messages: Vec<Message>,
    /// What every answer to a message has in it, whatever it says; none: nobody answers. The sender gets one for each of its
    /// messages, in their order.
    #[serde(default)]
    pub answer: Option<Hex>,
    /// Further sockets that say their hello and only listen while messages are sent; none if absent.
    #[serde(default)]
    pub listeners: Vec<Listener>,
    /// What the server is asked for before its memory is read: it collects its garbage. None: it can't.
    #[serde(default)]
    pub collect: Option<String>,
    /// Sockets that are being opened at the same time.
    pub concurrency: usize,
    pub work: Work,
}

/// One socket.
#[derive(Debug, Deserialize)]
pub struct Seat {
    pub path: String,
    /// Value of `Sec-WebSocket-Protocol`.
    pub protocols: String,
    /// Further header lines, each ended by CR LF.
    pub headers: String,
}

/// A socket to which everything that comes is only counted.
#[derive(Debug, Deserialize)]
pub struct Listener {
    pub seat: Seat,
    /// Binary.
    pub hello: Hex,
}

/// A message as it is sent, with the places of what differs from one to the next.
#[derive(Debug, Deserialize)]
pub struct Message {
    pub frame: Hex,
    /// Where the sender's name for it stands, 20 characters; none if the server wants none.
    pub id_at: Option<usize>,
    /// Where its number stands, `DIGITS` digits after a `#`.
    pub number_at: usize,
    /// What the answer to this one has in it.
    #[serde(default)]
    pub answer: Option<Hex>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Messages at a fixed total rate over all rooms.
    Pace { rate: f64, warmup: f64, secs: f64 },
    /// Open half of everything, so many a second, hold it, read the memory, and the rest alike; then, if wanted, cut all and
    /// come back at once.
    Hold { per_s: f64, hold: f64, storm: bool },
}

/// Bytes.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Hex(pub Vec<u8>);

impl TryFrom<String> for Hex {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap_or("?"));
        let bytes: Result<Vec<u8>, _> = digits.map(|pair| u8::from_str_radix(pair, 16)).collect();
        bytes.map(Hex).map_err(|error| format!("not hexadecimal: {error}"))
    }
}

/// Digits of a message's number.
pub const DIGITS: usize = 8;

impl Plan {
    /// The `n`th message.
    pub fn message(&self, n: usize) -> Option<&Message> {
        self.messages.get(n.checked_rem(self.messages.len())?)
    }
}

impl Hex {
    /// Whether a frame has these bytes in it.
    pub fn is_in(&self, frame: &[u8]) -> bool {
        frame.windows(self.0.len().max(1)).any(|part| part == self.0)
    }
}

/// What the names of a run's messages begin with.
fn name_of(run: u64) -> String {
    format!("{:08x}", run & 0xffff_ffff)
}

/// Digits of a message's number in its name.
const NAME_DIGITS: usize = 12;

impl Message {
    /// As the `n`th message of a run that is called `run`.
    pub fn write(&self, run: u64, n: usize) -> Vec<u8> {
        let mut frame = self.frame.0.clone();
        let mut put = |at: usize, text: &str| {
            if let Some(place) = frame.get_mut(at..at + text.len()) {
                place.copy_from_slice(text.as_bytes());
            }
        };
        if let Some(at) = self.id_at {
            put(at, &format!("{}{n:0NAME_DIGITS$}", name_of(run)));
        }
        put(self.number_at, &format!("{n:0DIGITS$}"));
        frame
    }
}

/// The number of the message whose text is in a frame, if there is one.
pub fn number_in(frame: &[u8]) -> Option<usize> {
    number_after(b"#", DIGITS, frame)
}

/// The number of the message that a frame names without its text, as the acknowledgement does.
pub fn named_in(frame: &[u8], run: u64) -> Option<usize> {
    number_after(name_of(run).as_bytes(), NAME_DIGITS, frame)
}

fn number_after(mark: &[u8], count: usize, frame: &[u8]) -> Option<usize> {
    let places = frame.windows(mark.len()).enumerate().filter(|(_, part)| *part == mark).map(|(at, _)| at + mark.len());
    places.filter_map(|at| frame.get(at..at + count)).find_map(|digits| {
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        std::str::from_utf8(digits).ok()?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_carries_its_number_and_a_name_of_its_own() {
        let text = format!("{{\"id\":\"{}\",\"text\":\"hi #{}\"}}", "x".repeat(20), "0".repeat(DIGITS));
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        let number_at = text.find('#').map(|at| at + 1).unwrap();
        let message = Message { frame: Hex::try_from(hex).unwrap(), id_at: Some(7), number_at, answer: None };
        let (one, other) = (message.write(7, 41), message.write(7, 42));
        assert_eq!((number_in(&one), number_in(&other)), (Some(41), Some(42)));
        assert_eq!((named_in(&one, 7), named_in(&other, 7), named_in(&one, 8)), (Some(41), Some(42), None));
        assert_ne!(one[7..27], other[7..27]);
        assert_eq!(one.len(), text.len());
        assert_eq!(number_in(b"{\"color\":\"#12ab\"}"), None);
    }

    #[test]
    fn what_is_not_hexadecimal_is_refused() {
        assert!(Hex::try_from("0g".to_owned()).is_err());
    }
}
