//! Tenants are walls (INV-8); a socket lasts as long as its ticket, and takes what a socket may send.

use super::super::rig::*;
use crate::core::{
    desk::effect::{Answer, Call, Input},
    error::{CloseCode, Code},
    id::{Entropy, SiteId},
    internal::{AttachRequest, DetachNotice, RevokeRequest, Revoked, RoomNotice},
    limits::{AGENT_FRAMES, LIST_FRAME_COST, SOCKETS_PER_PARTICIPANT},
    principal::{AgentPrincipal, Principal, Role, VisitorPrincipal},
    protocol::{
        Encoding, FrameError, Payload, decode,
        wire::{self, agent_frame, client_frame},
    },
    socket::SocketId,
    time::{MINUTE, SECOND},
};

fn hello() -> client_frame::Frame {
    client_frame::Frame::DeskHello(wire::DeskHello::default())
}

fn revoked(number: u128) -> Revoked {
    Revoked::Agent { agent: agent(number).id, generation: 2 }
}

#[test]
fn inv_8_nobody_of_another_workspace_comes_in() {
    let mut rig = Rig::new();
    let now = rig.now;
    let good = principal(1, Role::Owner, now);
    let visitor = VisitorPrincipal {
        workspace: workspace(0),
        site: SiteId::draw(&mut Entropy::new(5)),
        visitor: visitor(1),
        conversation: conversation(1),
        generation: 1,
        expires_at: now.plus(MINUTE),
        user_agent: String::new(),
        country: String::new(),
        location: None,
        identity: None,
        must_prove: false,
    };
    let table = [
        (Principal::Agent(AgentPrincipal { workspace: workspace(1), ..good.clone() }), "not_found", CloseCode::Refused),
        (Principal::Agent(AgentPrincipal { expires_at: now, ..good }), "ticket_expired", CloseCode::TicketExpired),
        (Principal::Visitor(visitor), "forbidden", CloseCode::Refused),
    ];
    for (number, (principal, code, close)) in table.into_iter().enumerate() {
        let socket = SocketId(500 + number as u64);
        rig.feed(Input::Connected { socket, principal, encoding: Encoding::Proto });
        assert_eq!(rig.error(socket).code, code);
        assert_eq!(rig.closed.get(&socket), Some(&close));
        rig.frame(socket, hello());
        assert_eq!(rig.frames(socket).len(), 0);
    }
    let other = workspace(1);
    rig.feed(Input::Notice(Box::new(RoomNotice { workspace: other.clone(), ..notice(1, 1) })));
    assert_eq!(rig.answers.pop_front(), Some(Answer::Notice(Err(Code::NotFound))));
    let (session, generation, agent, conversation) = (session_of(1), 1, agent(1).id, conversation(1));
    let (workspace, agent_id) = (other.clone(), agent.clone());
    let attach = AttachRequest { workspace, agent: agent_id, session, generation, conversation, knock: 0 };
    let detach = DetachNotice { workspace: other.clone(), agent, conversation: attach.conversation.clone(), at: now };
    rig.feed(Input::Attach(attach));
    assert_eq!(rig.done(), Err(Code::Unauthorized));
    rig.feed(Input::Detach(detach));
    assert_eq!(rig.done(), Err(Code::NotFound));
    let request = RevokeRequest { workspace: other, revoked: revoked(1), conversations: vec![], release: true };
    rig.feed(Input::Revoke(request));
    assert_eq!(rig.done(), Err(Code::NotFound));
    assert_eq!((rig.rows_written, rig.network.len(), rig.desk.n_listed()), (0, 0, 0));
}

/// Two Desks: an id of the one is unknown at the other.
#[test]
fn inv_8_a_conversation_of_another_workspace_is_unknown() {
    let mut rig = Rig::new();
    let a = rig.console(1, Role::Owner);
    for frame in [claim(1, "x"), release(1, "x", 0), transfer(1, "x", 0, 1)] {
        rig.frame(a, frame);
        assert_eq!(rig.error(a).code, "not_found");
    }
    let sql = crate::sql::desk::find_agent(&workspace(0), &agent(1).id);
    assert!(sql.sql.contains("workspace = ?") && sql.args.contains(&workspace(0).as_str().into()));
}

#[test]
fn inv_13_a_ticket_ends() {
    let mut rig = Rig::new();
    let (a, b) = (rig.console(1, Role::Agent), rig.console(2, Role::Agent));
    rig.pass(10 * MINUTE, &[]);
    let fresh = |number, now| Some(Principal::Agent(principal(number, Role::Agent, now)));
    rig.frame(b, client_frame::Frame::Renew(wire::Renew { ticket: "t".into() }));
    assert_eq!(rig.network.pop_front(), Some(Call::Verify { socket: b, ticket: "t".into() }));
    rig.feed(Input::Renewed { socket: b, principal: fresh(1, rig.now) });
    assert_eq!(rig.error(b).code, "unauthorized", "another agent's");
    rig.feed(Input::Renewed { socket: b, principal: None });
    assert_eq!(rig.error(b).code, "unauthorized", "no good one");
    let good = principal(2, Role::Agent, rig.now);
    for bad in [
        AgentPrincipal { workspace: workspace(1), ..good.clone() },
        AgentPrincipal { expires_at: rig.now, ..good.clone() },
    ] {
        rig.feed(Input::Renewed { socket: b, principal: Some(Principal::Agent(bad)) });
        assert_eq!(rig.error(b).code, "unauthorized", "another workspace's, or over");
    }
    rig.feed(Input::Renewed { socket: b, principal: Some(Principal::Agent(good)) });
    rig.frames(a);
    assert_eq!(rig.frames(b).len(), 0);
    rig.pass(5 * MINUTE - 1, &[]);
    assert!(rig.open.contains_key(&a));
    rig.notice(notice(1, 1));
    rig.pass(1, &[]);
    assert_eq!(rig.closed.get(&a), Some(&CloseCode::TicketExpired), "by the agenda, to the millisecond");
    assert!(rig.open.contains_key(&b));

    // Before the agenda rings, neither frame nor fan-out passes; and whoever was passed over is ended, though the clock may go back.
    let c = rig.console(3, Role::Agent);
    rig.now = rig.now.plus(15 * MINUTE);
    rig.notice(notice(2, 1));
    assert_eq!(rig.error(c).code, "ticket_expired");
    assert_eq!(rig.frames(c).len(), 0);
    assert_eq!(rig.closed.get(&c), Some(&CloseCode::TicketExpired));

    // A renewal that comes too late: frames have passed the socket by, so it must come back and catch up.
    let d = rig.console(4, Role::Agent);
    rig.now = rig.now.plus(15 * MINUTE);
    rig.notice(notice(3, 1));
    rig.feed(Input::Renewed { socket: d, principal: fresh(4, rig.now) });
    assert_eq!(rig.closed.get(&d), Some(&CloseCode::TicketExpired));
}

#[test]
fn frames_that_do_not_belong_here() {
    let mut rig = Rig::new();
    let socket = rig.connect(principal(1, Role::Agent, rig.now));
    rig.frame(socket, claim(1, "c"));
    assert_eq!(rig.error(socket).code, "hello_first");
    rig.frame(socket, hello());
    rig.frames(socket);
    let send =
        client_frame::Frame::Send(wire::Send { client_id: "c".into(), text: "hi".into(), ..wire::Send::default() });
    let note = client_frame::Frame::Note(wire::Note { client_id: "c".into(), text: "hi".into() });
    for frame in [send, note, client_frame::Frame::Hello(wire::Hello::default())] {
        rig.frame(socket, frame);
        assert_eq!(rig.error(socket).code, "unknown_frame");
    }
    let table = [
        (Ok(None), "unknown_frame"),
        (Err(FrameError::TooLarge), "too_large"),
        (Err(FrameError::Malformed), "bad_frame"),
    ];
    for (frame, code) in table {
        rig.feed(Input::Frame { socket, frame });
        assert_eq!(rig.error(socket).code, code);
    }
    rig.feed(Input::Frame { socket: SocketId(99), frame: Ok(Some(hello())) });
    assert_eq!(rig.frames(SocketId(99)).len(), 0);
    assert!(rig.open.contains_key(&socket), "none of this closes a socket");
}

/// Frames with flipped bytes, as a broken or hostile client might send them: each is answered or ignored, none writes
/// without an answer that says so, and the desk goes on.
#[test]
fn damaged_frames() {
    let mut rig = Rig::new();
    for number in 0..3 {
        rig.notice(notice(number, 1));
    }
    let good = [claim(0, "c"), release(1, "r", 3), transfer(2, "t", 0, 2), hello()];
    let mut entropy = Entropy::new(17);
    let mut n_read = 0;
    for step in 0..5_000 {
        if step % 100 == 0 {
            rig.pass(10 * SECOND, &[]);
            for socket in rig.open.keys().copied().collect::<Vec<_>>() {
                rig.feed(Input::Disconnected(socket));
            }
        }
        let socket = match rig.open.keys().next() {
            Some(socket) => *socket,
            None => rig.console(1, Role::Agent),
        };
        let frame = wire::ClientFrame { frame: Some(good[step % good.len()].clone()) };
        let mut bytes = prost::Message::encode_to_vec(&frame);
        for _ in 0..=entropy.next_u64() % 3 {
            let place = (entropy.next_u64() % bytes.len() as u64) as usize;
            bytes[place] = entropy.next_u64() as u8;
        }
        let frame = decode(Encoding::Proto, &Payload::Binary(bytes));
        n_read += usize::from(matches!(frame, Ok(Some(_))));
        let stored = rig.stored();
        rig.inbox.clear();
        rig.feed(Input::Frame { socket, frame });
        let frames = rig.frames(socket);
        let granted = frames.iter().any(|frame| matches!(frame, agent_frame::Frame::Assigned(_)));
        assert!(granted || rig.stored() == stored, "step {step}: {frames:?}");
        rig.network.clear();
    }
    assert!(n_read > 500, "{n_read} of them could be read");
}

#[test]
fn too_many_frames_and_too_many_sockets() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    let tabs = [rig.console(1, Role::Agent), rig.console(1, Role::Agent)];
    let other = rig.console(2, Role::Agent);
    let (mut limited, mut sent) = (0, 0);
    while rig.open.contains_key(&tabs[0]) && sent < 2 * AGENT_FRAMES.burst {
        sent += 1;
        rig.frame(tabs[0], claim(9, "c"));
        for frame in rig.frames(tabs[0]) {
            let agent_frame::Frame::Error(error) = frame else { continue };
            if error.code == "rate_limited" {
                limited += 1;
                // The last one is about the whole socket, so that its time holds for the next one.
                let about = if limited < 10 { "c" } else { "" };
                assert!(error.retry_after_ms > 0 && error.retryable && error.client_id == about);
            }
        }
    }
    assert_eq!((limited, rig.closed.get(&tabs[0])), (10, Some(&CloseCode::TooMany)));
    rig.frame(tabs[1], claim(9, "c"));
    assert_eq!(rig.error(tabs[1]).code, "rate_limited", "another tab is the same agent");
    rig.frame(other, claim(9, "c"));
    assert_eq!(rig.error(other).code, "not_found", "another agent is not");
    // Pages of the list cost more.
    rig.now = rig.now.plus(MINUTE);
    let page = || client_frame::Frame::DeskPage(wire::DeskPageRequest { after: conversation(0).to_string() });
    let answered = (0..AGENT_FRAMES.burst).take_while(|_| {
        rig.frame(other, page());
        matches!(rig.reply(other), agent_frame::Frame::DeskPage(_))
    });
    assert_eq!(answered.count() as i64, AGENT_FRAMES.burst / LIST_FRAME_COST);
    rig.now = rig.now.plus(MINUTE);
    for _ in 0..10 {
        rig.feed(Input::Frame { socket: other, frame: Err(FrameError::Malformed) });
    }
    assert_eq!(rig.closed.get(&other), Some(&CloseCode::TooMany), "rubbish ends a socket, too");
    rig.feed(Input::Disconnected(tabs[1]));
    rig.now = rig.now.plus(MINUTE);
    let sockets: Vec<SocketId> = (0..SOCKETS_PER_PARTICIPANT + 2)
        .map(|_| {
            rig.now = rig.now.plus(1);
            rig.console(1, Role::Agent)
        })
        .collect();
    for old in &sockets[..2] {
        assert_eq!(rig.closed.get(old), Some(&CloseCode::Replaced));
    }
    assert_eq!(rig.open.len(), SOCKETS_PER_PARTICIPANT);
}
