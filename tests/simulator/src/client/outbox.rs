//! What was written and is not acknowledged yet: as `frontend/shared/outbox.ts`.

/// No ack for this long on a live line: send again (CL14).
pub const ACK_WITHIN: i64 = 20_000;
const RETRY_BASE: i64 = 1_000;
const RETRY_CAP: i64 = 30_000;
const MAX_TRIES: u32 = 8;

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsent {
    /// The sender's name for it.
    pub client_id: String,
    /// What it says.
    pub text: String,
    /// The button of the bot's that was pressed; empty: none.
    pub choice: String,
    /// Why it was refused for good.
    pub failed: Option<String>,
}

/// All of them, oldest first.
#[derive(Debug, Default)]
pub struct Outbox {
    /// In the order of writing.
    pub items: Vec<Unsent>,
    tries: u32,
    live: bool,
    wake_at: Option<i64>,
    /// The server asked for a pause until then; 0 when it did not.
    pub held_until: i64,
}

impl Outbox {
    /// With what was stored before.
    pub fn new(items: Vec<Unsent>) -> Self {
        Outbox { items, ..Outbox::default() }
    }

    /// Takes a message, unless it is here already; returns what goes out now.
    pub fn add(&mut self, item: Unsent, now: i64) -> Vec<Unsent> {
        if self.items.iter().any(|held| held.client_id == item.client_id) {
            return Vec::new();
        }
        self.items.push(item.clone());
        if item.failed.is_none() && self.is_ready(now) { self.expect(vec![item], now) } else { Vec::new() }
    }

    /// CL12: after each welcome all that is not acknowledged goes out again, in order.
    pub fn opened(&mut self, now: i64) -> Vec<Unsent> {
        self.live = true;
        self.flush(now)
    }

    /// The socket is gone.
    pub fn closed(&mut self) {
        self.live = false;
    }

    /// When `tick` wants to be called.
    pub fn wake_at(&self) -> Option<i64> {
        self.wake_at.filter(|_| self.live)
    }

    /// The pause is over, or an ack is overdue (CL14).
    pub fn tick(&mut self, now: i64) -> Vec<Unsent> {
        if self.wake_at().is_some_and(|at| now >= at) { self.flush(now) } else { Vec::new() }
    }

    /// CL11: it is in the log; returns it, or nothing if that was known.
    pub fn settle(&mut self, client_id: &str, now: i64) -> Option<Unsent> {
        let place = self.items.iter().position(|item| item.client_id == client_id)?;
        let item = self.items.remove(place);
        self.tries = 0;
        if now >= self.held_until {
            self.expect(Vec::new(), now);
        }
        Some(item)
    }

    /// CL13: the server refused one of them. Returns it if that is final.
    pub fn refuse(&mut self, client_id: &str, code: &str, retryable: bool, after: i64, now: i64) -> Option<Unsent> {
        let place = self.items.iter().position(|item| item.client_id == client_id)?;
        if retryable && (after > 0 || self.tries < MAX_TRIES) {
            let backoff = RETRY_CAP.min(RETRY_BASE << self.tries.min(8));
            if after == 0 {
                self.tries += 1;
            }
            self.held_until = self.held_until.max(now + if after > 0 { after } else { backoff });
            self.wake_at = Some(self.held_until);
            return None;
        }
        self.items[place].failed = Some(code.to_owned());
        Some(self.items[place].clone())
    }

    /// CL15: the writer wants a refused message sent after all; it goes to the end of the line.
    pub fn retry(&mut self, client_id: &str, now: i64) -> Vec<Unsent> {
        let held = self.items.iter().position(|item| item.client_id == client_id && item.failed.is_some());
        let Some(place) = held else { return Vec::new() };
        let item = self.items.remove(place);
        self.tries = 0;
        self.add(Unsent { failed: None, ..item }, now)
    }

    fn is_ready(&self, now: i64) -> bool {
        self.live && now >= self.held_until
    }

    fn flush(&mut self, now: i64) -> Vec<Unsent> {
        if !self.is_ready(now) {
            self.wake_at = Some(self.held_until);
            return Vec::new();
        }
        self.held_until = 0;
        let sending = self.items.iter().filter(|item| item.failed.is_none()).cloned().collect();
        self.expect(sending, now)
    }

    fn expect(&mut self, sent: Vec<Unsent>, now: i64) -> Vec<Unsent> {
        let any = self.items.iter().any(|item| item.failed.is_none());
        self.wake_at = any.then_some(now + ACK_WITHIN);
        sent
    }
}
