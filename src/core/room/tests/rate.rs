//! What the visitor thinks of the bot's answers.

use super::{bot::*, harness::*};
use crate::{
    core::{
        limits::RATED_KEPT,
        protocol::wire::{self, Rating, agent_frame, client_frame::Frame},
        room::{
            effect::{Call, Effect, Input},
            rate::Ratings,
        },
        socket::SocketId,
        time::{MINUTE, SECOND},
    },
    sql::room::{RoomStore, RoomWrite},
};

fn rate(seq: u64, helpful: bool) -> Frame {
    Frame::Rate(wire::Rate { seq, helpful, client_id: "r".into() })
}

fn rated(world: &World) -> String {
    serde_json::to_string(&world.room.as_ref().unwrap().record().unwrap().rated).unwrap()
}

fn written(world: &World) -> usize {
    world.last.iter().filter(|effect| matches!(effect, Effect::Write(RoomWrite::SaveRecord(_)))).count()
}

/// What a socket that has nothing is told of each entry, with its welcome and by a page.
fn told(world: &mut World, socket: SocketId) -> Vec<Rating> {
    world.look_away();
    world.frame(socket, Frame::Hello(wire::Hello::default()));
    world.frame(socket, Frame::Page(wire::PageRequest::default()));
    let found: Vec<Vec<Rating>> = world
        .inbox(socket)
        .into_iter()
        .filter_map(|frame| match frame.frame {
            Some(agent_frame::Frame::Welcome(it)) => Some(it.messages),
            Some(agent_frame::Frame::Page(it)) => Some(it.messages),
            _ => None,
        })
        .map(|messages| messages.iter().map(wire::Message::rating).collect())
        .collect();
    assert_eq!((found.len(), &found[0]), (2, &found[1]));
    found.into_iter().next().unwrap()
}

#[test]
fn the_last_verdict_counts_and_everybody_hears_of_it() {
    let (mut world, visitor) = begun();
    world.calls();
    let agent = world.agent("Mei");
    let other = world.visitor();
    world.look_away();
    world.frame(visitor, rate(2, false));
    assert_eq!(world.seen(visitor), ["done r"]);
    assert_eq!(
        (world.seen(other), world.seen(agent)),
        (vec!["rated 2 unhelpful".into()], vec!["rated 2 unhelpful".into()])
    );
    assert_eq!((rated(&world), written(&world)), ("[[2,false]]".to_owned(), 1));
    // Said again it is no news, and nothing is written.
    world.frame(other, rate(2, false));
    assert_eq!((world.seen(other), world.seen(visitor), written(&world)), (vec!["done r".to_owned()], vec![], 0));
    world.frame(other, rate(2, true));
    assert_eq!((world.seen(visitor), rated(&world)), (vec!["rated 2 helpful".to_owned()], "[[2,true]]".to_owned()));
    world.pass(10 * SECOND);
    assert_eq!(serde_json::to_string(&world.history.rated).unwrap(), "[[2,true]]", "INV-7");
    world.crash();
    let visitor = world.visitor();
    assert_eq!(told(&mut world, visitor), [Rating::None, Rating::Helpful]);
    let agent = world.agent("Mei");
    assert_eq!(told(&mut world, agent), [Rating::None, Rating::Helpful]);
    // Whoever holds the message already hears of it, too.
    let epoch = world.room.as_ref().unwrap().record().unwrap().log_epoch;
    let tip = RoomStore(&world.sql).public_after(1, 1).unwrap().pop().unwrap().id.to_string();
    world.look_away();
    world.frame(agent, Frame::Hello(wire::Hello { log_epoch: epoch, after: 2, tip, ..wire::Hello::default() }));
    let welcome = world.inbox(agent).into_iter().find_map(|frame| match frame.frame {
        Some(agent_frame::Frame::Welcome(it)) => Some(it),
        _ => None,
    });
    let welcome = welcome.unwrap();
    assert!(welcome.messages.is_empty() && !welcome.reset);
    assert_eq!(welcome.rated, [wire::Rated { seq: 2, rating: Rating::Helpful.into() }]);
}

/// An event that is lost is told again, like any change of the conversation.
#[test]
fn a_verdict_that_is_lost_on_its_way_is_told_again() {
    let (mut world, visitor) = begun();
    world.calls();
    world.pass(10 * MINUTE);
    world.frame(visitor, rate(2, false));
    world.now = world.now.plus(2 * SECOND);
    world.feed(Input::Tick).unwrap();
    let before = world.network.len();
    world.network.retain(|call| !matches!(call, Call::Publish(_)));
    assert!(world.network.len() < before, "it was told");
    world.crash();
    world.pass(10 * MINUTE);
    assert_eq!(serde_json::to_string(&world.history.rated).unwrap(), "[[2,false]]");
}

#[test]
fn what_is_no_answer_is_not_rated() {
    let (mut world, visitor) = begun();
    world.calls();
    for (client_id, text) in [
        ("c2", "hello"),
        ("c3", "and what?"),
        ("c4", "where is my parcel"),
        ("c5", "#A-1234 ada@shop.example"),
        ("c6", "kettle?"),
        ("c7", "转人工"),
        ("c8", "hours"),
    ] {
        world.send(visitor, client_id, text);
        world.calls();
        world.pass(SECOND);
    }
    let agent = world.agent("Mei");
    world.send(agent, "a1", "Here I am");
    let [no, yes] = [Rating::None, Rating::Asked];
    // A greeting, a question back, what a form asks for, and a hand-over are none; what the form led to is one.
    let expected = [no, yes, no, no, no, no, no, no, no, yes];
    assert_eq!(told(&mut world, visitor)[..10], expected);
    let all = told(&mut world, visitor);
    assert_eq!((all[13], all[15]), (no, yes), "handed over, and answered to who waits: {:?}", said(&world));
    for (place, can) in all.iter().enumerate() {
        world.look_away();
        world.pass(SECOND);
        world.frame(visitor, rate(place as u64 + 1, true));
        let answer = if *can == yes { "done r" } else { "error not_found (r)" };
        assert_eq!(world.seen(visitor).last().map(String::as_str), Some(answer), "{}", place + 1);
        assert_eq!(written(&world), usize::from(*can == yes));
    }
    let head = all.len() as u64;
    for seq in [0, head + 1, head + 2, (1 << 53) - 1] {
        world.pass(SECOND);
        world.frame(visitor, rate(seq, true));
        assert_eq!(world.seen(visitor).last().unwrap(), "error not_found (r)", "{seq}");
    }
    world.look_away();
    world.frame(agent, rate(2, true));
    assert_eq!((world.seen(agent), written(&world)), (vec!["error forbidden (r)".to_owned()], 0));
}

/// Before anything was said there is nothing to say about it.
#[test]
fn of_nothing_nothing_is_said() {
    let mut world = world();
    let visitor = world.visitor();
    world.look_away();
    world.frame(visitor, rate(1, true));
    assert_eq!(world.seen(visitor), ["error not_found (r)"]);
    assert!(world.room.as_ref().unwrap().record().is_none());
}

/// A conversation keeps a bounded number, the newest; what falls out can't be said anew.
#[test]
fn the_newest_are_kept() {
    let mut ratings = Ratings::default();
    let mut dice = crate::core::id::Entropy::new(7);
    let mut known = std::collections::BTreeMap::new();
    for _ in 0..3_000 {
        let (seq, helpful) = (dice.next_u64() % 300, dice.next_u64() % 2 == 0);
        let is_taken = known.len() < RATED_KEPT || known.first_key_value().is_some_and(|(oldest, _)| *oldest <= seq);
        assert_eq!(ratings.takes(seq), is_taken);
        if is_taken {
            ratings.put(seq, helpful);
            known.insert(seq, helpful);
            if known.len() > RATED_KEPT {
                known.pop_first();
            }
        }
        assert_eq!(ratings.of(seq), known.get(&seq).copied());
        let all: Vec<(u64, bool)> = serde_json::from_str(&serde_json::to_string(&ratings).unwrap()).unwrap();
        assert!(all.iter().copied().eq(known.iter().map(|(seq, helpful)| (*seq, *helpful))));
    }
}
