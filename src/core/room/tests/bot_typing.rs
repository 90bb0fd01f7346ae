//! That the bot is writing: said while a language model or the owner's system is asked, again as often as clients need it, and taken back.

use super::{
    around::{WRITTEN, grown, written},
    bot::*,
    harness::*,
    show::show,
};
use crate::{
    core::{
        bot::action::Reply,
        internal::{BotNotice, Revoked},
        limits::{BACKOFF, BOT_PATIENCE, CONSULT_SILENCE, TYPING_AGAIN},
        protocol::{
            Encoding,
            wire::{self, client_frame::Frame},
        },
        room::effect::{Call, Input},
        socket::SocketId,
        time::SECOND,
    },
    sql::room::RoomStore,
};

/// Everything that a socket was told of the bot since the last look: signs, and what it says.
fn heard(world: &mut World, socket: SocketId) -> Vec<String> {
    let shown: Vec<String> = world.inbox(socket).iter().map(show).collect();
    let is_bots = |it: &str| it.starts_with("typing bot") || it.starts_with("grow") || it.contains(" bot: ");
    let brief =
        |it: String| it.split(": ").next().unwrap_or_default().split(" \"").next().unwrap_or_default().to_owned();
    shown.into_iter().filter(|it| is_bots(it)).map(brief).collect()
}

/// Takes the first call that `is_it` out of the network; everything before it is answered.
fn until_asked(world: &mut World, is_it: impl Fn(&Call) -> bool) -> Call {
    for _ in 0..20 {
        let call = world.network.pop_front().expect("a call");
        if is_it(&call) {
            return call;
        }
        let answer = world.answer(call);
        world.feed(answer).unwrap();
    }
    panic!("nobody is asked");
}

const ON: &str = "typing bot on";
const OFF: &str = "typing bot off";

/// A model is asked about teapots.
fn consulting() -> (World, SocketId, crate::core::room::bot::ConsultCall) {
    let (mut world, visitor) = begun();
    world.calls();
    world.look_away();
    world.send(visitor, "t1", "the teapot");
    let Call::Consult(call) = until_asked(&mut world, |call| matches!(call, Call::Consult(_))) else { panic!() };
    (world, visitor, *call)
}

/// The owner's system is asked about a parcel.
fn acting() -> (World, SocketId, crate::core::bot::action::ActionCall) {
    let (mut world, visitor) = begun();
    world.calls();
    world.look_away();
    world.send(visitor, "t1", "track #A-1234");
    let Call::Act(call) = until_asked(&mut world, |call| matches!(call, Call::Act(_))) else { panic!() };
    (world, visitor, *call)
}

/// The clock goes on, with whatever timer there is.
fn pass(world: &mut World, millis: i64) {
    let end = world.now.plus(millis);
    while let Some(at) = world.timer.filter(|at| *at <= end) {
        world.now = at.max(world.now);
        world.timer = None;
        world.feed(Input::Tick).unwrap();
    }
    world.now = end;
}

#[test]
fn it_is_said_while_a_model_is_asked_and_nothing_is_shown() {
    let (mut world, visitor, call) = consulting();
    assert_eq!(heard(&mut world, visitor), [ON]);
    let rows = world.rows_written();
    // As often as clients need it: never more than six seconds apart.
    for _ in 0..3 {
        world.feed(grown(&call, "")).unwrap();
        pass(&mut world, TYPING_AGAIN);
        assert_eq!(heard(&mut world, visitor), [ON]);
    }
    world.feed(grown(&call, "[1] The teapot holds a lit")).unwrap();
    assert_eq!(heard(&mut world, visitor), ["grow 3 0", OFF], "what grows needs no sign");
    assert_eq!(world.rows_written(), rows, "INV-11: nothing of it is stored");
    world.feed(written(&call, WRITTEN, true)).unwrap();
    assert_eq!(heard(&mut world, visitor), ["message 4 bot"]);
    world.timer = None;
    pass(&mut world, 60 * SECOND);
    assert_eq!(heard(&mut world, visitor), Vec::<String>::new());
}

#[test]
fn it_is_said_through_all_tries_of_an_action() {
    let (mut world, visitor, call) = acting();
    let agent = world.agent("Mei");
    assert_eq!(heard(&mut world, visitor), [ON, ON], "who comes is told at once");
    assert_eq!(heard(&mut world, agent), [ON]);
    world.feed(Input::Acted { to: 3, attempt: call.attempt, reply: Reply::Again }).unwrap();
    pass(&mut world, BACKOFF.0);
    let Call::Act(again) = until_asked(&mut world, |call| matches!(call, Call::Act(_))) else { panic!() };
    assert!(heard(&mut world, visitor).iter().all(|it| it == ON), "between the tries, too");
    world.feed(Input::Acted { to: 3, attempt: again.attempt, reply: Reply::Said("Tomorrow.".into()) }).unwrap();
    for socket in [visitor, agent] {
        let heard = heard(&mut world, socket);
        assert_eq!(heard[heard.len() - 2..], ["message 4 bot", OFF], "{heard:?}");
    }
}

#[test]
fn whatever_ends_the_asking_takes_it_back() {
    type Ends = fn(&mut World, SocketId);
    let ends: [(&str, Ends); 8] = [
        ("an assignment", |world, _| world.feed(Input::Assign(assign(1, Some("Mei")))).unwrap()),
        ("an agent's answer", |world, _| {
            let agent = world.agent("Mei");
            world.send(agent, "a1", "Hello");
        }),
        ("an agent who mutes it", |world, _| {
            let agent = world.agent("Mei");
            world.frame(agent, Frame::Mute(wire::Mute { on: true, client_id: String::new() }));
        }),
        ("the visitor leaves", |world, visitor| {
            world.frame(visitor, Frame::Leave(wire::Leave { client_id: "l1".into() }));
        }),
        ("the bot is switched off", |world, _| {
            world.bot = Some(terms(2, false));
            let notice = BotNotice { workspace: workspace(), terms: terms(2, false) };
            world.feed(Input::BotChanged(notice)).unwrap();
        }),
        ("too much waits", |world, visitor| {
            for number in 0..25 {
                world.send(visitor, &format!("m{number}"), "the teapot");
            }
        }),
        ("too long", |world, _| {
            world.now = world.now.plus(CONSULT_SILENCE.max(4 * BOT_PATIENCE));
            for _ in 0..12 {
                world.feed(Input::Tick).unwrap();
                world.now = world.now.plus(10 * SECOND);
            }
        }),
        ("a clock that went back", |world, _| {
            world.now = world.now.plus(-60 * 60 * SECOND);
            for _ in 0..12 {
                world.feed(Input::Tick).unwrap();
                world.now = world.now.plus(10 * SECOND);
            }
        }),
    ];
    for (name, end) in ends {
        for is_model in [true, false] {
            let (mut world, visitor) = if is_model {
                let (world, visitor, _) = consulting();
                (world, visitor)
            } else {
                let (world, visitor, _) = acting();
                (world, visitor)
            };
            end(&mut world, visitor);
            let signs: Vec<String> =
                heard(&mut world, visitor).into_iter().filter(|it| it.starts_with("typing")).collect();
            assert_eq!(signs.first().map(String::as_str), Some(ON), "{name} {is_model}");
            assert_eq!(signs.last().map(String::as_str), Some(OFF), "{name} {is_model}: {signs:?}");
            assert_eq!(signs.iter().filter(|it| *it == OFF).count(), 1, "{name} {is_model}: {signs:?}");
        }
    }
}

#[test]
fn a_blocked_visitor_s_bot_writes_to_nobody() {
    let (mut world, _, _) = consulting();
    let agent = world.agent("Mei");
    heard(&mut world, agent);
    let who = super::harness::visitor(1).visitor;
    let blocked = Revoked::Visitor { visitor: who, generation: 2, blocked: true, by: agent_ref("Mei") };
    world.feed(Input::Revoke(blocked)).unwrap();
    assert_eq!(heard(&mut world, agent), [OFF]);
}

/// Sockets that outlive their machine: the next one says it again if it asks again, and takes it back if it does not.
#[test]
fn the_next_machine_goes_on_or_takes_it_back() {
    let (mut world, visitor, _) = acting();
    heard(&mut world, visitor);
    world.hibernate();
    world.wake();
    assert_eq!(heard(&mut world, visitor), [ON]);
    world.feed(Input::Assign(assign(1, Some("Mei")))).unwrap();
    assert_eq!(heard(&mut world, visitor), [OFF]);

    let (mut world, visitor, _) = consulting();
    heard(&mut world, visitor);
    world.hibernate();
    world.wake();
    let told = heard(&mut world, visitor);
    assert_eq!(told.iter().filter(|it| it.starts_with("typing")).collect::<Vec<_>>(), [OFF], "{told:?}");
    let Call::Consult(call) = until_asked(&mut world, |call| matches!(call, Call::Consult(_))) else { panic!() };
    assert_eq!(heard(&mut world, visitor), [ON]);
    world.feed(written(&call, WRITTEN, true)).unwrap();
    let told = heard(&mut world, visitor);
    assert_eq!(told[told.len() - 2..], ["message 4 bot", OFF], "{told:?}");
}

#[test]
fn where_nobody_looks_nothing_is_said_and_no_timer_is_set_for_it() {
    let (mut world, visitor) = begun();
    world.calls();
    world.send(visitor, "t1", "track #A-1234");
    world.leave(visitor);
    until_asked(&mut world, |call| matches!(call, Call::Act(_)));
    assert!(!world.room.as_ref().unwrap().bot_types());
    assert_eq!(world.room.as_ref().unwrap().typing_due(), None);
    // The one who comes back is told.
    let back = world.connect(crate::core::principal::Principal::Visitor(super::harness::visitor(1)), Encoding::Proto);
    world.frame(back, Frame::Hello(wire::Hello::default()));
    assert_eq!(heard(&mut world, back), [ON]);
    assert_eq!(RoomStore(&world.sql).public_after(3, 10).unwrap().len(), 0);
}
