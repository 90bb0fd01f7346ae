//! The simulator's client, rule by rule: the names are those of `docs/client-rules.md`, the cases those of
//! `frontend/shared/test/conversation-log.test.ts`.

use bellhop::core::protocol::wire::{self, agent_frame::Frame as Given, client_frame::Frame};
use bellhop_simulator::client::{
    log::{ConversationLog, Effect},
    outbox::{ACK_WITHIN, Unsent},
};

const NOW: i64 = 1_000_000;

fn log() -> ConversationLog {
    ConversationLog::new(false, Vec::new(), Vec::new(), (0, String::new()))
}

fn visitor() -> wire::Participant {
    wire::Participant { kind: wire::SenderKind::Visitor.into(), ..Default::default() }
}

fn agent() -> wire::Participant {
    wire::Participant {
        kind: wire::SenderKind::Agent.into(),
        id: "agt_x".into(),
        name: "Mei".into(),
        ..Default::default()
    }
}

fn message(seq: u64, sender: wire::Participant, client_id: &str) -> wire::Message {
    let body = Some(wire::message::Body::Text(format!("text {seq}")));
    wire::Message {
        seq,
        id: format!("msg_{seq}"),
        sender: Some(sender),
        at: 1,
        client_id: client_id.into(),
        body,
        ..wire::Message::default()
    }
}

fn range(from: u64, to: u64) -> Vec<wire::Message> {
    (from..=to).map(|seq| message(seq, agent(), "")).collect()
}

fn welcome(log: &mut ConversationLog, messages: Vec<wire::Message>, log_epoch: u64, reset: bool) -> Vec<Effect> {
    let head = messages.last().map_or(log.run.last(), |last| last.seq);
    let you = Some(visitor());
    log.receive(Given::Welcome(wire::Welcome { log_epoch, head, you, messages, reset, ..Default::default() }), NOW)
}

fn give(log: &mut ConversationLog, message: wire::Message) -> Vec<Effect> {
    log.receive(Given::Message(message), NOW)
}

fn write(log: &mut ConversationLog, client_id: &str) -> Vec<Effect> {
    log.write(Unsent { client_id: client_id.into(), text: client_id.into(), choice: String::new(), failed: None }, NOW)
}

fn ack(log: &mut ConversationLog, client_id: &str, seq: u64) -> Vec<Effect> {
    let ack = wire::Ack { client_id: client_id.into(), seq, at: 5, id: format!("msg_{seq}") };
    log.receive(Given::Ack(ack), NOW)
}

fn refuse(log: &mut ConversationLog, client_id: &str, retryable: bool, retry_after_ms: u64) -> Vec<Effect> {
    let client_id = client_id.into();
    let error = wire::Error { code: "storage".into(), retryable, retry_after_ms, client_id, ..Default::default() };
    log.receive(Given::Error(error), NOW)
}

fn page(log: &mut ConversationLog, before: u64, messages: Vec<wire::Message>, more: bool) {
    log.receive(Given::Page(wire::Page { before, messages, more }), NOW);
}

fn sends(effects: &[Effect]) -> Vec<String> {
    let sent = |effect: &Effect| match effect {
        Effect::Send(Frame::Send(send)) => Some(send.client_id.clone()),
        _ => None,
    };
    effects.iter().filter_map(sent).collect()
}

fn asked(effects: &[Effect]) -> Vec<u64> {
    let asked = |effect: &Effect| match effect {
        Effect::Send(Frame::Page(page)) => Some(page.before),
        _ => None,
    };
    effects.iter().filter_map(asked).collect()
}

fn seqs(log: &ConversationLog) -> Vec<u64> {
    log.run.entries.iter().map(|item| item.seq).collect()
}

fn hello(log: &ConversationLog) -> wire::Hello {
    match log.hello() {
        Frame::Hello(hello) => hello,
        other => panic!("{other:?}"),
    }
}

#[test]
fn cl1_hello_shows_what_is_held() {
    let mut log = log();
    assert_eq!(hello(&log), wire::Hello::default());
    welcome(&mut log, range(1, 3), 1, false);
    log.mark_read();
    let shown = hello(&log);
    assert_eq!((shown.log_epoch, shown.after, shown.tip.as_str()), (1, 3, "msg_3"));
    assert_eq!((shown.delivered, shown.read), (3, 3));
}

#[test]
fn cl2_another_epoch_or_a_reset_starts_over_and_keeps_what_is_unsent() {
    for (epoch, reset) in [(2, false), (1, true)] {
        let mut log = log();
        welcome(&mut log, range(1, 9), 1, false);
        log.mark_read();
        write(&mut log, "a");
        log.disconnected();
        let effects = welcome(&mut log, range(1, 2), epoch, reset);
        assert_eq!((seqs(&log), log.read), (vec![1, 2], 0));
        assert_eq!(sends(&effects), ["a"]);
    }
}

#[test]
fn cl3_cl4_the_next_is_taken_and_the_same_again_dropped() {
    let mut log = log();
    welcome(&mut log, range(1, 2), 1, false);
    for seq in [3, 3, 1] {
        give(&mut log, message(seq, agent(), ""));
    }
    assert_eq!(seqs(&log), [1, 2, 3]);
}

#[test]
fn cl5_after_a_gap_the_newest_stands_and_the_rest_is_paged() {
    let mut log = log();
    welcome(&mut log, range(1, 2), 1, false);
    give(&mut log, message(5, agent(), ""));
    assert_eq!(seqs(&log), [5]);
    assert_eq!(asked(&log.older()), [5]);
    page(&mut log, 5, range(1, 4), false);
    assert_eq!(seqs(&log), [1, 2, 3, 4, 5]);
}

#[test]
fn cl6_one_page_at_a_time_and_again_after_a_cut() {
    let mut log = log();
    welcome(&mut log, range(30, 40), 1, false);
    assert_eq!(asked(&log.older()), [30]);
    assert!(asked(&log.older()).is_empty());
    log.disconnected();
    welcome(&mut log, range(41, 42), 1, false);
    assert_eq!(asked(&log.older()), [30]);
}

#[test]
fn cl6_a_page_that_was_refused_is_asked_for_again_when_the_server_says() {
    let mut log = log();
    welcome(&mut log, range(30, 40), 1, false);
    let refused = || Given::Error(wire::Error { retry_after_ms: 5_000, ..Default::default() });
    log.receive(refused(), NOW);
    assert_eq!(log.wake_at(), None);
    log.older();
    log.receive(refused(), NOW);
    log.tick(NOW + 4_999);
    assert!(asked(&log.older()).is_empty());
    log.tick(log.wake_at().unwrap_or_default());
    assert_eq!((asked(&log.older()), log.wake_at()), (vec![30], None));
}

#[test]
fn cl7_older_history_comes_until_the_bottom() {
    let mut log = log();
    welcome(&mut log, range(201, 300), 1, false);
    log.older();
    page(&mut log, 99, range(50, 98), true);
    assert_eq!(log.run.first(), 201);
    page(&mut log, 201, range(101, 200), true);
    assert_eq!(asked(&log.older()), [101]);
    page(&mut log, 101, range(51, 100), false);
    assert!(!log.run.older() && asked(&log.older()).is_empty());
    assert_eq!(seqs(&log), (51..=300).collect::<Vec<_>>());
}

#[test]
fn cl8_receipts_of_the_other_side_never_go_back() {
    let mut log = log();
    welcome(&mut log, vec![message(1, visitor(), "")], 1, false);
    for (delivered, read) in [(2, 1), (1, 0)] {
        let participant = Some(agent());
        log.receive(Given::Receipt(wire::Receipt { participant, delivered, read }), NOW);
        assert_eq!(log.others_reached(), (2, 1));
    }
    let own = wire::Receipt { participant: Some(visitor()), delivered: 9, read: 9 };
    log.receive(Given::Receipt(own), NOW);
    assert_eq!(log.others_reached(), (2, 1));
}

#[test]
fn cl9_the_state_is_what_was_said_last() {
    let mut log = log();
    welcome(&mut log, Vec::new(), 1, false);
    let state = wire::ConversationState { status: wire::Status::Resolved.into(), ..Default::default() };
    log.receive(Given::State(state.clone()), NOW);
    assert_eq!(log.state, Some(state));
}

#[test]
fn cl10_own_cursors_are_said_once_and_count_from_another_tab() {
    let mut log = log();
    let effects = welcome(&mut log, range(1, 3), 1, false);
    assert_eq!(effects, [Effect::Send(Frame::Delivered(wire::Delivered { seq: 3 }))]);
    assert_eq!(log.mark_read(), [Effect::Send(Frame::Read(wire::Read { seq: 3 }))]);
    assert_eq!(log.mark_read(), []);
    give(&mut log, message(4, agent(), ""));
    log.disconnected();
    assert_eq!(log.mark_read(), []);
    assert_eq!(hello(&log).read, 4);
    let own = wire::Receipt { participant: Some(visitor()), delivered: 5, read: 5 };
    log.receive(Given::Receipt(own), NOW);
    assert_eq!(log.read, 5);
}

#[test]
fn cl11_an_ack_or_an_echo_settles_a_message_once() {
    let mut log = log();
    welcome(&mut log, range(1, 2), 1, false);
    write(&mut log, "a");
    assert_eq!(ack(&mut log, "a", 3), [Effect::Settled("a".into())]);
    assert_eq!(ack(&mut log, "a", 3), []);
    write(&mut log, "b");
    assert_eq!(give(&mut log, message(4, visitor(), "b")), [Effect::Settled("b".into())]);
    assert_eq!(ack(&mut log, "b", 4), []);
    assert_eq!(seqs(&log), [1, 2, 3, 4]);
}

#[test]
fn cl12_what_is_unacknowledged_goes_out_after_each_welcome_in_order() {
    let mut log = log();
    welcome(&mut log, Vec::new(), 1, false);
    for name in ["a", "b"] {
        write(&mut log, name);
    }
    ack(&mut log, "a", 1);
    log.disconnected();
    write(&mut log, "c");
    assert_eq!(sends(&welcome(&mut log, Vec::new(), 1, false)), ["b", "c"]);
    log.disconnected();
    assert_eq!(sends(&welcome(&mut log, vec![message(2, visitor(), "b")], 1, false)), ["c"]);
}

#[test]
fn cl13_a_refusal_holds_everything_or_fails_one() {
    let mut log = log();
    welcome(&mut log, Vec::new(), 1, false);
    write(&mut log, "a");
    refuse(&mut log, "a", true, 5_000);
    assert_eq!(write(&mut log, "b"), []);
    assert_eq!(log.tick(NOW + 4_999), []);
    assert_eq!(sends(&log.tick(NOW + 5_000)), ["a", "b"]);
    let mut waits = 0;
    while refuse(&mut log, "a", true, 0).is_empty() {
        waits += 1;
    }
    assert_eq!(waits, 8);
    assert!(matches!(refuse(&mut log, "b", false, 0).as_slice(), [Effect::Failed(item)] if item.client_id == "b"));
}

#[test]
fn cl14_an_overdue_ack_makes_it_send_again_on_the_same_line() {
    let mut log = log();
    welcome(&mut log, Vec::new(), 1, false);
    write(&mut log, "a");
    assert_eq!(log.tick(NOW + ACK_WITHIN - 1), []);
    assert_eq!(sends(&log.tick(NOW + ACK_WITHIN)), ["a"]);
    log.disconnected();
    assert_eq!(log.wake_at(), None);
}

#[test]
fn cl15_a_failed_message_is_sent_again_under_its_name_at_the_end() {
    let mut log = log();
    welcome(&mut log, Vec::new(), 1, false);
    for name in ["a", "b"] {
        write(&mut log, name);
    }
    refuse(&mut log, "a", false, 0);
    assert_eq!(sends(&log.retry("a", NOW)), ["a"]);
    let held: Vec<&str> = log.outbox.items.iter().map(|item| item.client_id.as_str()).collect();
    assert_eq!(held, ["b", "a"]);
}

#[test]
fn cl16_nothing_goes_out_before_the_welcome_nor_after_the_cut() {
    let mut log = log();
    assert_eq!([write(&mut log, "a"), log.mark_read(), log.older()].concat(), []);
    welcome(&mut log, range(5, 6), 1, false);
    log.disconnected();
    assert_eq!([write(&mut log, "b"), log.mark_read(), log.older(), log.tick(NOW + 60_000)].concat(), []);
}

#[test]
fn cl19_what_is_new_is_announced_and_history_is_not() {
    let mut log = log();
    let is_news = |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::Arrived(_)));
    assert!(!is_news(&welcome(&mut log, range(1, 5), 1, false)));
    assert!(is_news(&give(&mut log, message(6, agent(), ""))));
    assert!(!is_news(&give(&mut log, message(6, agent(), ""))));
    assert!(!is_news(&give(&mut log, message(7, visitor(), "x"))));
    log.disconnected();
    assert!(is_news(&welcome(&mut log, range(8, 9), 1, false)));
}

#[test]
fn cl20_what_another_window_stored_is_sent_once_and_what_was_refused_there_waits() {
    let mut log = log();
    let item = |name: &str, failed: Option<&str>| Unsent {
        client_id: name.into(),
        text: name.into(),
        choice: String::new(),
        failed: failed.map(str::to_owned),
    };
    let stored = [item("a", None), item("b", Some("too_large"))];
    assert_eq!(log.adopt(&stored, NOW), []);
    assert_eq!(sends(&welcome(&mut log, Vec::new(), 1, false)), ["a"]);
    assert_eq!(sends(&log.adopt(&[stored[0].clone(), item("c", None)], NOW)), ["c"]);
}

#[test]
fn cl21_a_kept_cursor_counts_while_its_message_stands() {
    for (id, read) in [("msg_2", 2), ("msg_x", 0)] {
        let mut log = ConversationLog::new(false, Vec::new(), Vec::new(), (2, id.into()));
        welcome(&mut log, range(1, 3), 1, false);
        assert_eq!(log.read, read);
    }
}

#[test]
fn cl22_what_the_bot_writes_grows_until_its_message_comes() {
    let mut log = log();
    let bot = || wire::Participant { kind: wire::SenderKind::Bot.into(), ..Default::default() };
    let grow = |log: &mut ConversationLog, offset, text: &str| {
        let effects = log.receive(Given::Grow(wire::Grow { to: 1, offset, text: text.into() }), NOW);
        assert_eq!(effects, []);
    };
    welcome(&mut log, range(1, 1), 1, false);
    grow(&mut log, 0, "长");
    grow(&mut log, 1, "er");
    assert_eq!((log.growing.as_str(), log.run.last()), ("长er", 1));
    give(&mut log, message(2, agent(), ""));
    assert_eq!(log.growing, "长er", "others write meanwhile");
    grow(&mut log, 0, "anew");
    assert_eq!(log.growing, "anew");
    grow(&mut log, 0, "");
    assert_eq!(log.growing, "");
    grow(&mut log, 0, "again");
    give(&mut log, message(3, bot(), ""));
    assert_eq!((log.growing.as_str(), log.run.last()), ("", 3));
    // A line that is cut takes nothing away; the welcome says how it stands.
    grow(&mut log, 0, "half");
    log.disconnected();
    assert_eq!(log.growing, "half");
    let growing = "half of it".into();
    let back = wire::Welcome { log_epoch: 1, head: 3, you: Some(visitor()), growing, ..Default::default() };
    log.receive(Given::Welcome(back), NOW);
    assert_eq!(log.growing, "half of it");
    welcome(&mut log, vec![message(4, bot(), "")], 1, false);
    assert_eq!(log.growing, "");
}
