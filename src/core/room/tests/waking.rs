//! A Room that wakes shows of its conversation what it showed before: whatever was said, and however long nobody has answered.

use super::harness::*;
use crate::core::{
    id::Entropy,
    internal::{BotTerms, IdleTerms, Status},
    limits::{BOT_OWED, DIGEST_ENTRIES, points},
    protocol::wire::{self, client_frame::Frame},
    room::{Room, effect::Call, summary::Word},
    socket::SocketId,
    time::{MINUTE, SECOND, Timestamp},
};

/// All that others are shown or told of a summary.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    last: (String, String, Timestamp),
    unread: Vec<u64>,
    waiting_since: Option<Timestamp>,
    /// After which a silence counts.
    word: Option<Word>,
}

fn shown(room: &Room) -> Shown {
    let summary = &room.summary;
    let is_pending = room.record().is_some_and(|record| record.status == Status::Pending);
    Shown {
        last: (summary.last_text.clone(), summary.last_sender.clone(), summary.last_at),
        unread: summary.unread.iter().copied().collect(),
        waiting_since: summary.waiting_since(),
        word: if is_pending { summary.last_word.max(summary.bot_word) } else { summary.last_word },
    }
}

/// Memory goes, and what is shown stays.
fn sleeps_and_shows_the_same(world: &mut World, what: &str) {
    world.wake();
    let before = shown(world.room.as_ref().unwrap());
    world.hibernate();
    world.wake();
    assert_eq!(shown(world.room.as_ref().unwrap()), before, "{what}");
}

/// People and a bot who do anything, at rates of their own.
struct Play {
    world: World,
    dice: Entropy,
    /// Of a hundred steps: an agent writes, the conversation is put away, the Desk gives it to somebody.
    rates: [u64; 3],
    visitor: SocketId,
    agents: [SocketId; 2],
    number: u64,
    steps: Vec<String>,
}

impl Play {
    fn of(seed: u64) -> Play {
        let mut dice = Entropy::new(u128::from(seed) << 32 | 0x5a1e);
        let mut world = World::default();
        let mut rate = |rates: [u64; 3]| rates[(dice.next_u64() % 3) as usize];
        if rate([0, 1, 1]) == 1 {
            world.bot = Some(BotTerms { version: 1, on: true, model: "ab".repeat(32), hold_back: None, team: None });
        }
        let minutes = rate([0, 3, 5]) as u32;
        world.idle = Some(IdleTerms { version: 1, minutes, warning_minutes: minutes / 2 });
        let rates = [rate([0, 1, 8]), rate([0, 1, 4]), rate([0, 2, 30])];
        let visitor = world.visitor();
        world.send(visitor, "first", "hello");
        let agents = [world.agent("Mei"), world.agent("Ann")];
        Play { world, dice, rates, visitor, agents, number: 0, steps: Vec::new() }
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.dice.next_u64() % limit
    }

    fn step(&mut self) {
        self.number += 1;
        let (number, agent) = (self.number, self.agents[self.below(2) as usize]);
        let name = format!("c{number}");
        let [writes, puts_away, assigns] = self.rates;
        let (put_away, given) = (writes + puts_away, writes + puts_away + assigns);
        let dice = self.below(100);
        let what = if dice < writes {
            self.world.send(agent, &name, "an answer");
            "agent"
        } else if dice < put_away {
            self.file(agent)
        } else if dice < given {
            let assignee = [None, Some("Mei"), Some("Ann")][self.below(3) as usize];
            self.world.assign(assign(number, assignee)).unwrap();
            "assign"
        } else {
            self.talk(agent, &name)
        };
        let (what, at) = (what.to_owned(), self.world.now.since(START));
        self.steps.push(format!("{number} {what} {at}"));
        let pause = [100, 200, 300, 3_000][self.below(4) as usize];
        self.world.now = self.world.now.plus(pause);
        match self.below(12) {
            0..=2 => self.world.calls(),
            3 => self.world.pass(10 * SECOND),
            4 if self.below(20) == 0 => self.world.pass(4 * MINUTE),
            // One call comes back, and those behind it wait.
            _ => {
                if let Some(call) = self.world.network.pop_front() {
                    let answer = self.world.answer(call);
                    self.world.feed(answer).unwrap();
                }
            }
        }
    }

    fn talk(&mut self, agent: SocketId, name: &str) -> &'static str {
        match self.below(12) {
            0 => {
                self.world.note(agent, name, "a note");
                "note"
            }
            1 if self.rates[0] > 0 => {
                let heads = self.world.room.as_ref().map_or(0, |room| room.heads().public);
                let seq = heads.saturating_sub(self.below(30));
                self.world.frame(agent, Frame::Read(wire::Read { seq }));
                "read"
            }
            2 if self.below(30) == 0 => {
                let (client_id, email, name) = (name.into(), "lei@shop.example".into(), String::new());
                let text = ["", "write to me"][self.below(2) as usize].to_owned();
                self.world.frame(self.visitor, Frame::LeaveEmail(wire::LeaveEmail { client_id, email, name, text }));
                "email"
            }
            _ => {
                let texts = ["hours", "stock", "hours", "parcel", "kettle?", "teapot", "hours", "refund"];
                // Somebody whom the bot can't help, now and then.
                let text = if self.below(60) == 0 { "no idea" } else { texts[self.below(8) as usize] };
                self.world.send(self.visitor, name, text);
                "visitor"
            }
        }
    }

    fn file(&mut self, agent: SocketId) -> &'static str {
        let (status, until) = match self.below(6) {
            0 => {
                let on = self.below(2) == 0;
                self.world.frame(agent, Frame::Mute(wire::Mute { on, client_id: String::new() }));
                return "mute";
            }
            1 => {
                self.world.frame(self.visitor, Frame::Leave(wire::Leave { client_id: String::new() }));
                return "leave";
            }
            2 => (wire::Status::Snoozed, self.world.now.plus(MINUTE).wire()),
            3 => (wire::Status::Open, 0),
            _ => (wire::Status::Resolved, 0),
        };
        let request = wire::SetStatus { status: status.into(), snoozed_until: until, client_id: String::new() };
        self.world.frame(agent, Frame::SetStatus(request));
        "status"
    }
}

/// The Desk and the history hear the time of the first message that nobody has answered, however many there have been since.
#[test]
fn whoever_was_left_alone_waits_since_the_first_message() {
    let mut world = World::default();
    let visitor = world.visitor();
    world.send(visitor, "c1", "hello");
    let agent = world.agent("Mei");
    world.send(agent, "a1", "hello");
    world.pass(MINUTE);
    let since = world.now;
    for number in 0..600 {
        world.send(visitor, &format!("v{number}"), "x");
        world.now = world.now.plus(100);
    }
    world.crash();
    let visitor = world.visitor();
    world.send(visitor, "c2", "is anybody there?");
    world.pass(5 * SECOND);
    assert_eq!(world.history.notices.last().map(|it| it.waiting_since), Some(Some(since)));
    world.agent("Mei");
    sleeps_and_shows_the_same(&mut world, "600 messages");
}

/// The bot answers one message after the other; who waits, waits since the first of the rest.
#[test]
fn what_the_bot_has_answered_is_waited_for_no_longer() {
    let mut world = World::default();
    world.bot = Some(BotTerms { version: 1, on: true, model: "ab".repeat(32), hold_back: None, team: None });
    let visitor = world.visitor();
    world.send(visitor, "c0", "hours");
    world.pass(5 * SECOND);
    let written: Vec<Timestamp> = (1..=BOT_OWED)
        .map(|number| {
            world.now = world.now.plus(100);
            world.send(visitor, &format!("c{number}"), "hours");
            world.now
        })
        .collect();
    let waits_since = |world: &World| world.room.as_ref().unwrap().summary.waiting_since();
    let mut waiting = written.iter().copied();
    assert_eq!(waits_since(&world), waiting.next());
    while let Some(place) = world.network.iter().position(|call| matches!(call, Call::AskBot(_))) {
        let question = world.network.remove(place).unwrap();
        let answer = world.answer(question);
        world.feed(answer).unwrap();
        assert_eq!(waits_since(&world), waiting.next());
    }
    assert_eq!(waiting.next(), None);
    // Also once it is people's: what was answered stays so.
    world.send(visitor, "c98", "hours");
    let since = world.now.plus(100);
    world.now = since;
    world.send(visitor, "c99", "no idea");
    world.pass(5 * SECOND);
    assert_eq!(world.room.as_ref().unwrap().record().unwrap().status, Status::Open);
    assert_eq!(waits_since(&world), Some(since));
    sleeps_and_shows_the_same(&mut world, "handed over");
}

/// Who has what changes hands so often that no word of a person is among the newest entries.
#[test]
fn a_word_is_found_behind_many_comings_and_goings() {
    let mut world = World::default();
    let visitor = world.visitor();
    world.send(visitor, "c1", "hello");
    let agent = world.agent("Mei");
    world.send(agent, "a1", "hello");
    for epoch in 1..=DIGEST_ENTRIES * 2 {
        world.assign(assign(epoch, (epoch % 2 == 1).then_some("Mei"))).unwrap();
    }
    let resolved = wire::SetStatus { status: wire::Status::Resolved.into(), ..wire::SetStatus::default() };
    world.frame(agent, Frame::SetStatus(resolved));
    sleeps_and_shows_the_same(&mut world, "comings and goings");
}

/// Whatever has happened. Blocks are small here, so that there are many of them.
#[test]
fn a_room_that_wakes_shows_what_it_showed() {
    points::draw(&mut |below| below - 1);
    let setting = |name: &str, standard: u64| std::env::var(name).map_or(standard, |text| text.parse().unwrap());
    let (first, many) = match setting("SEED", 0) {
        0 => (1, setting("SEEDS", 8)),
        seed => (seed, 1),
    };
    let mut long = 0;
    for seed in first..first + many {
        let mut play = Play::of(seed);
        for step in 1..=400 {
            play.step();
            if step % 5 == 0 {
                let tail = play.steps.len().saturating_sub(30);
                let what = format!("SEED={seed}, after {:?}", &play.steps[tail..]);
                sleeps_and_shows_the_same(&mut play.world, &what);
            }
        }
        long += u64::from(play.world.room.as_ref().is_some_and(|room| room.summary.unread.len() > 100));
    }
    assert!(many == 1 || long > many / 20, "{long}: nobody was left alone for long");
}
