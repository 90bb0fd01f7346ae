//! What goes wrong. Each seed draws its own rate for each kind (swarm testing): some never, some seldom, some often, so
//! that seeds differ in kind. A fault is drawn first and counted where it has changed something: a frame that would have
//! been lost on a line that is deaf, or a write that would have failed where nothing was written, has not happened.
//!
//! Kinds that are one thing to the product have one number: 1 to 7 lines and crashes, 9 to 11 what an object comes back
//! with, 12 and 13 alarms, 14 the queue, 15 D1, 16 an object's disk, 17 and 18 calls and the Desk, 19 clocks, 21 and 22
//! two of one visitor, 23 and 24 keys and rights, 25 versions, 26 older stores, 28 a console that sleeps. The numbers
//! between are faults that the real server is given (`tests/chaos`, `tests/e2e`). 0: no fault of ours, but what people do.

use std::collections::{BTreeMap, BTreeSet};

use crate::dice::Dice;

macro_rules! faults {
    ($($name:ident $number:literal $weight:literal $text:literal;)*) => {
        /// One kind of fault.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[allow(missing_docs)] // each says what it is in `text`
        pub enum Fault { $($name,)* }

        impl Fault {
            /// Every kind.
            pub const ALL: &'static [Fault] = &[$(Fault::$name,)*];

            /// What happens.
            pub fn text(self) -> &'static str {
                match self { $(Fault::$name => $text,)* }
            }

            /// Its number; 0: it has none.
            pub fn number(self) -> u32 {
                match self { $(Fault::$name => $number,)* }
            }

            /// Those with few occasions happen more often at each.
            fn weight(self) -> u64 {
                match self { $(Fault::$name => $weight,)* }
            }
        }
    };
}

faults! {
    FrameLost 1 1 "a frame is lost, and its line is cut soon after";
    FrameDoubled 2 2 "a frame arrives twice";
    FrameLate 3 2 "a frame, and what follows on its line, is seconds late";
    HalfOpen 4 1 "a line goes deaf without a close";
    CutAfterCommit 5 4 "the process dies after the commit, before the ack";
    CutInFanOut 6 4 "the process dies in the middle of the fan-out";
    CrashBeforeCommit 7 4 "the process dies before the commit";
    Restart 9 3 "an object restarts: all of its sockets end at once";
    Evicted 10 20 "an object sleeps and wakes from attachments";
    AttachmentMissing 11 3 "a socket comes back without attachment";
    AttachmentOld 11 3 "a socket comes back with an attachment of an earlier version";
    AlarmLate 12 30 "an alarm rings a minute late";
    AlarmEarly 12 10 "an alarm rings early";
    AlarmTwice 12 30 "an alarm rings twice";
    AlarmLost 12 10 "an alarm is lost for ten minutes";
    AlarmFails 13 60 "the alarm's work fails and is tried again";
    QueueLost 14 15 "the queue loses an event";
    QueueDoubled 14 20 "the queue gives an event twice";
    QueueReordered 14 60 "the queue mixes up a batch";
    QueueSplit 14 60 "the queue gives a part of a batch";
    QueueRetried 14 15 "the queue repeats what was acknowledged";
    QueueRefused 14 10 "the queue takes nothing";
    DatabaseFails 15 20 "D1 fails and does nothing";
    DatabaseMute 15 20 "D1 commits and says that it failed";
    DatabaseGone 15 1 "D1 answers nobody for minutes";
    WriteFails 16 8 "an object's write fails";
    CallLost 17 20 "a call between objects is lost";
    CallDoubled 17 15 "a call between objects arrives twice";
    AnswerLost 17 15 "a call is carried out, its answer is lost";
    AnswerLate 17 15 "an answer comes up to four minutes late";
    DeskRestart 18 6 "the Desk restarts";
    ClockJump 19 3 "an object's clock leaps by up to an hour";
    ClockFrozen 19 6 "an object's clock stands still: equal times";
    TwoTabs 21 30 "a second tab of the same visitor opens";
    Superseded 22 40 "a line that was given up goes on delivering";
    TicketShort 23 30 "a ticket ends in the middle of the conversation";
    KeyRotated 23 2 "the signing key is rotated";
    AgentRevoked 24 4 "an agent is revoked or disabled";
    VisitorBlocked 24 2 "a visitor is blocked";
    RevokedAsleep 24 6 "an agent is revoked while the Room sleeps";
    OldClient 25 5 "a client sends a frame that the server does not know";
    NewServer 25 5 "a server sends frames and fields that the client does not know";
    RoomRestored 26 2 "an older store of a Room is put back under live clients";
    DeskRestored 26 2 "an older store of a Desk is put back";
    ProbeSilent 28 40 "a console does not answer a probe";
    ProbeLate 28 40 "a console answers a probe late";
    ProbeTwice 28 40 "a console answers a probe twice";
    RingMissed 0 40 "an agent lets it ring";
    Intruder 0 4 "somebody of another workspace or visitor knocks";
}

/// Rates of one seed, in ten-thousandths, and what has happened.
pub struct Faults {
    rates: BTreeMap<Fault, u64>,
    /// Nothing goes wrong any more.
    pub calm: bool,
    /// How often each kind has changed something.
    pub counts: BTreeMap<Fault, u64>,
}

impl Faults {
    /// Draws the rates of a seed; kinds in `without` never happen, and change no other draw.
    pub fn draw(dice: &mut Dice, without: &BTreeSet<Fault>) -> Self {
        let mut rates = BTreeMap::new();
        for fault in Fault::ALL {
            let rate = [0, 0, 5, 15, 60][dice.place(5)] * fault.weight();
            rates.insert(*fault, if without.contains(fault) { 0 } else { rate.min(6_000) });
        }
        Faults { rates, calm: false, counts: BTreeMap::new() }
    }

    /// Whether it is to happen now. Draws in any case, so that one kind less changes no other.
    pub fn strike(&mut self, fault: Fault, dice: &mut Dice) -> bool {
        let throw = dice.below(10_000);
        !self.calm && throw < self.rates.get(&fault).copied().unwrap_or(0)
    }

    /// The kinds that may happen in this seed.
    pub fn active(&self) -> Vec<Fault> {
        self.rates.iter().filter(|(_, rate)| **rate > 0).map(|(fault, _)| *fault).collect()
    }
}
