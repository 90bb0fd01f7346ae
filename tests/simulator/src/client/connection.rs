//! One socket that stays: as `frontend/shared/connection.ts`, in virtual time. It says what it wants; the world does it.

use bellhop::core::socket::SocketId;

use crate::dice::Dice;

const PING_EVERY: i64 = 25_000;
const PONG_WITHIN: i64 = 10_000;
const ANSWER_WITHIN: i64 = 15_000;
const BACKOFF_BASE: i64 = 500;
const BACKOFF_CAP: i64 = 30_000;
const TICKET_MARGIN: i64 = 30_000;

/// What the connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not started, or put aside with its page.
    Idle,
    /// An upgrade is on its way, or a socket that has not answered.
    Connecting,
    /// The server has answered.
    Live,
    /// Tries again then.
    Waiting(i64),
    /// For good; the close code says why.
    Stopped(u16),
}

/// What it wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Drop this socket: nothing that it says is listened to any more.
    Drop(SocketId),
    /// Fetch a ticket, if there is none, and ask for a socket.
    Connect {
        /// Names the attempt: what belongs to an earlier one is told apart.
        turn: u64,
        /// None: fetch a new one.
        ticket: Option<String>,
    },
    /// Prove the line.
    Ping(SocketId),
    /// Give the open socket its next ticket.
    Renew(SocketId),
}

/// A connection.
#[derive(Debug)]
pub struct Connection {
    /// Where it stands.
    pub state: State,
    /// The socket that is listened to.
    pub socket: Option<SocketId>,
    /// The attempt.
    pub turn: u64,
    attempts: u32,
    live_since: i64,
    not_before: i64,
    ticket: Option<(String, i64)>,
    ping_at: i64,
    dead_at: Option<i64>,
    renew_at: i64,
}

impl Default for Connection {
    fn default() -> Self {
        Connection {
            state: State::Idle,
            socket: None,
            turn: 0,
            attempts: 0,
            live_since: 0,
            not_before: 0,
            ticket: None,
            ping_at: i64::MAX,
            dead_at: None,
            renew_at: i64::MAX,
        }
    }
}

impl Connection {
    fn drop(&mut self) -> Vec<Wish> {
        self.turn += 1;
        (self.ping_at, self.dead_at, self.renew_at) = (i64::MAX, None, i64::MAX);
        // CN1: what an earlier socket still says is ignored.
        self.socket.take().map(Wish::Drop).into_iter().collect()
    }

    /// Connects now, unless it is on its way or stopped.
    pub fn connect(&mut self, now: i64) -> Vec<Wish> {
        let mut wishes = self.drop();
        self.state = State::Connecting;
        // CN3: a ticket serves again until shortly before its end.
        let ticket = self.ticket.as_ref().filter(|(_, ends)| now < ends - TICKET_MARGIN).map(|(text, _)| text.clone());
        // CN4: a line on which the first answer takes too long is dead.
        self.dead_at = Some(now + ANSWER_WITHIN);
        wishes.push(Wish::Connect { turn: self.turn, ticket });
        wishes
    }

    /// Starts over with a new ticket: a page that is loaded again.
    pub fn restart(&mut self, now: i64) -> Vec<Wish> {
        self.ticket = None;
        self.attempts = 0;
        self.not_before = 0;
        self.connect(now)
    }

    /// Puts the socket aside.
    pub fn pause(&mut self) -> Vec<Wish> {
        self.state = State::Idle;
        self.drop()
    }

    /// A ticket was fetched.
    pub fn keep(&mut self, ticket: String, ends: i64) {
        self.ticket = Some((ticket, ends));
    }

    /// The socket of this attempt is open.
    pub fn opened(&mut self, socket: SocketId) {
        self.socket = Some(socket);
    }

    /// A frame came. `refusal`: an error of the whole socket, with its pause.
    pub fn heard(&mut self, refusal: Option<i64>, is_error: bool, now: i64, dice: &mut Dice) {
        if self.state == State::Live {
            self.dead_at = None;
        }
        // CN8
        if let Some(pause) = refusal.filter(|pause| *pause > 0) {
            self.not_before = now + pause;
        }
        if !is_error && self.state == State::Connecting {
            self.state = State::Live;
            self.live_since = now;
            self.dead_at = None;
            // CN5: the first ping comes at a random time.
            self.ping_at = now + dice.between(0, PING_EVERY);
            self.plan_renewal(now, dice);
        }
    }

    /// `pong`: the line is alive.
    pub fn pong(&mut self) {
        if self.state == State::Live {
            self.dead_at = None;
        }
    }

    /// CN13: the next ticket at 60 to 80 % of the time left.
    pub fn plan_renewal(&mut self, now: i64, dice: &mut Dice) {
        let left = self.ticket.as_ref().map_or(0, |(_, ends)| ends - now);
        self.renew_at = now + (left * (60 + dice.between(0, 20)) / 100).max(1_000);
    }

    /// CN9: 4500 to 4999 end it; CN10: 4010 needs another ticket; everything else comes back.
    pub fn closed(&mut self, code: u16, now: i64, dice: &mut Dice) -> Vec<Wish> {
        if (4500..=4999).contains(&code) {
            let wishes = self.drop();
            self.state = State::Stopped(code);
            return wishes;
        }
        if code == 4010 {
            self.ticket = None;
        }
        self.retry(now, dice)
    }

    /// CN7: full jitter up to a ceiling that doubles; ten seconds of life make it start from the bottom again.
    pub fn retry(&mut self, now: i64, dice: &mut Dice) -> Vec<Wish> {
        if self.state == State::Live && now - self.live_since >= PONG_WITHIN {
            self.attempts = 0;
        }
        let ceiling = BACKOFF_CAP.min(BACKOFF_BASE << self.attempts.min(10));
        self.attempts += 1;
        let wait = dice.between(0, ceiling).max(self.not_before - now);
        let wishes = self.drop();
        self.state = State::Waiting(now + wait);
        wishes
    }

    /// When `tick` wants to be called.
    pub fn wake_at(&self) -> Option<i64> {
        let dead = self.dead_at.unwrap_or(i64::MAX);
        let at = match self.state {
            State::Idle | State::Stopped(_) => return None,
            State::Waiting(until) => until,
            State::Connecting => dead,
            State::Live => dead.min(self.ping_at).min(self.renew_at),
        };
        Some(at)
    }

    /// Does what is due.
    pub fn tick(&mut self, now: i64, dice: &mut Dice) -> Vec<Wish> {
        match self.state {
            State::Waiting(until) if now >= until => return self.connect(now),
            State::Connecting | State::Live if self.dead_at.is_some_and(|at| now >= at) => {
                return self.retry(now, dice);
            }
            _ => {}
        }
        let (State::Live, Some(socket)) = (self.state, self.socket) else { return Vec::new() };
        let mut wishes = Vec::new();
        if now >= self.ping_at {
            // CN6: any frame within the time proves the line.
            self.ping_at = now + PING_EVERY;
            self.dead_at = Some(now + PONG_WITHIN);
            wishes.push(Wish::Ping(socket));
        }
        if now >= self.renew_at {
            self.renew_at = now + BACKOFF_CAP;
            wishes.push(Wish::Renew(socket));
        }
        wishes
    }
}
