//! What people and the Desk do.

use super::{
    inputs::{hands_over, wrote},
    reference::name_of,
    run::{CANARY, Fate, NAMES, Run},
};
use crate::core::{
    internal::{AssignOrder, BotNotice, BotTerms, IdleNotice, IdleTerms, Revoked},
    principal::Principal,
    protocol::{
        Encoding,
        wire::{self, client_frame::Frame},
    },
    room::{
        effect::Input,
        tests::harness::{agent, agent_ref, visitor, workspace},
    },
    time::{HOUR, MINUTE, SECOND},
};

/// What a visitor or an agent writes, in turns.
const KINDS: [&str; 21] = [
    "teapot",
    "hours",
    "track #A-1234",
    "parcel",
    "teapot",
    "teapot",
    "?",
    "#A-1234",
    "which colours does the kettle come in",
    "track #A-1234",
    "parcel #A-1234",
    "no idea",
    "parcel #A-1234",
    "teapot",
    "teapot",
    "parcel #A-1234",
    "which colours does the red kettle come in",
    "to ada@shop.example",
    "teapot",
    "cancel",
    "teapot",
];

impl Run {
    pub(super) fn write(&mut self, client: usize) {
        let client = if self.alone { client % 3 } else { client };
        self.written += 1;
        let client = &mut self.clients[client];
        if client.outbox.len() < 8 {
            // Both tabs of a visitor may send one message, as pages do that share an outbox.
            let name = format!("m{}", self.written / 2);
            if client.outbox.iter().all(|(held, _)| *held != name) && !client.acked.contains_key(&name) {
                // By what the bot makes of it: known, unsure, unknown; what begins, fills in and leaves a form. Without a number
                // that might be a parcel's.
                let kind = KINDS[(self.written / 2 % KINDS.len() as u64) as usize];
                let number: String = name.chars().flat_map(|letter| [letter, '.']).collect();
                let is_whole = kind == "cancel" || kind.contains("kettle");
                let text = if is_whole { kind.to_owned() } else { format!("text of {number} {kind}") };
                client.write(name, text);
            }
        }
    }

    pub(super) fn jot(&mut self, client: usize) {
        self.written += 1;
        let client = &mut self.clients[client];
        if client.is_agent && client.notes.len() < 8 {
            client.jot(format!("n{}", self.written), format!("{CANARY} {}", self.written));
        }
    }

    /// Typing writes nothing, whatever else is due (INV-11). Where it ends a socket whose ticket is over, that one leaves, which
    /// may write how far it has read.
    pub(super) fn talk(&mut self, client: usize) {
        if let Some(socket) = self.clients[client].socket
            && self.clients[client].live
        {
            self.reference_after_waking();
            let on = Frame::Typing(wire::Typing { on: true, preview: "half a word".into(), participant: None });
            self.frame(socket, on, Fate::Good);
            if !self.world.lines.contains_key(&socket) {
                self.wrote_only_cursors();
                return self.say("typing", "too late".into());
            }
            assert!(!wrote(&self.world.last), "INV-11: typing wrote {:?}", self.world.last);
            self.say("typing", String::new());
        }
    }

    /// Says of some entry whether it helped, with the frames that are on their way; an agent tags instead.
    pub(super) fn rate(&mut self, client: usize) {
        let said: Vec<u64> = (1..).zip(&self.reference.public).filter(|it| it.1.0 == "bot").map(|it| it.0).collect();
        let any = self.below(self.reference.public.len() as u64 + 2);
        let of_bot = said.get(self.below(said.len().max(1) as u64) as usize).copied().filter(|_| any % 4 > 0);
        let (seq, helpful) = (of_bot.unwrap_or(any), self.below(2) == 0);
        if self.clients[client].is_agent && any % 2 == 0 {
            return self.tag(client, any % 3, helpful);
        }
        let client = &mut self.clients[client];
        if client.live {
            let client_id = format!("rate-{seq}-{helpful}");
            client.out.push_back(Frame::Rate(wire::Rate { seq, helpful, client_id }));
        }
    }

    pub(super) fn file(&mut self, client: usize) {
        let until = self.world.now.plus(self.below(40) as i64 * 10 * SECOND + SECOND).wire();
        if self.below(4) == 0 {
            return self.mute(client);
        }
        let (status, snoozed_until) = match self.below(3) {
            0 => (wire::Status::Open, 0),
            1 => (wire::Status::Snoozed, until),
            _ => (wire::Status::Resolved, 0),
        };
        let client = &mut self.clients[client];
        if client.is_agent && client.live {
            let request = wire::SetStatus { status: status.into(), snoozed_until, client_id: String::new() };
            client.out.push_back(Frame::SetStatus(request));
        }
    }

    /// Puts one of a few tags on, or takes it off.
    fn tag(&mut self, client: usize, which: u64, on: bool) {
        let tag = format!("tag_aaaaaaaaaaaaaaa{}", which + 2);
        let client = &mut self.clients[client];
        if client.is_agent && client.live {
            client.out.push_back(Frame::Tag(wire::Tag { client_id: String::new(), tag, on }));
        }
    }

    fn mute(&mut self, client: usize) {
        let on = self.below(3) > 0;
        let client = &mut self.clients[client];
        if client.is_agent && client.live {
            client.out.push_back(Frame::Mute(wire::Mute { on, client_id: String::new() }));
        }
        self.say("mute", format!("{on}"));
    }

    /// How long it may stand still: never, or a minute or two.
    pub(super) fn idle(&mut self, version: u64) -> IdleTerms {
        let minutes = self.below(3) as u32;
        IdleTerms { version, minutes, warning_minutes: self.below(2) as u32 * minutes.saturating_sub(1) }
    }

    /// The workspace changes that. The Room may hear it late, or another one before.
    fn change_idle(&mut self) {
        let terms = self.idle(self.world.idle.map_or(1, |terms| terms.version + 1));
        self.say("idle", format!("{terms:?}"));
        self.world.idle = Some(terms);
        let told = IdleTerms { version: terms.version.saturating_sub(self.below(2) * 2), ..terms };
        self.reference_after_waking();
        let notice = IdleNotice { workspace: workspace(), terms: told };
        if self.input(Input::IdleChanged(notice), Fate::Good).is_ok() {
            self.silent();
        }
        self.look();
    }

    /// The workspace changes its bot. The Room may hear it late, or something older.
    fn change_bot(&mut self) {
        let Some(known) = self.world.bot.clone() else { return };
        let (on, back) = (self.below(4) > 0, self.below(2) * 2);
        let terms = BotTerms { version: known.version + 1, on, ..known };
        self.say("bot", format!("{terms:?}"));
        self.world.bot = Some(terms.clone());
        self.reference_after_waking();
        let told = BotTerms { version: terms.version.saturating_sub(back), ..terms };
        let notice = BotNotice { workspace: workspace(), terms: told };
        self.input(Input::BotChanged(notice), Fate::Good).ok();
        self.look();
    }

    /// What comes from the Desk: assignments (new, old, twice) and revocations.
    pub(super) fn command(&mut self) {
        if self.below(8) == 0 {
            self.change_idle();
        }
        if self.below(10) == 0 {
            self.change_bot();
        }
        self.reference_after_waking();
        let now = self.world.now;
        match self.below(6) {
            0..=2 => {
                let names = [None, Some("Mei"), Some("Ann")];
                let order = AssignOrder {
                    workspace: workspace(),
                    assignment_epoch: (self.reference.assignment_epoch + self.below(3)).saturating_sub(1),
                    assignee: names[self.below(3) as usize].map(agent_ref),
                    actor: names[self.below(3) as usize].map(agent_ref),
                    reason: if self.below(3) == 0 { "a reason".into() } else { String::new() },
                    team: String::new(),
                    team_id: None,
                    ringing: false,
                };
                self.say("assign", format!("{order:?}"));
                if self.input(Input::Assign(order.clone()), Fate::Good).is_ok() {
                    self.adopt_bot();
                    self.reference.assign(&order);
                }
            }
            3 | 4 => {
                let name = ["Mei", "Ann"][self.below(2) as usize];
                let held = self.generations.entry(name.into()).or_insert((1, now));
                *held = (held.0 + 1, now);
                let revoked = Revoked::Agent { agent: agent(name).agent, generation: held.0 };
                self.revoke(revoked);
            }
            _ => {
                self.is_blocked = !self.is_blocked && self.below(3) == 0;
                let held = self.generations.entry("visitor".into()).or_insert((1, now));
                *held = (held.0 + 1, now);
                let (generation, blocked) = (held.0, self.is_blocked);
                let visitor = visitor(1).visitor;
                self.revoke(Revoked::Visitor { visitor, generation, blocked, by: agent_ref("Mei") });
            }
        }
        self.look();
    }

    pub(super) fn revoke(&mut self, revoked: Revoked) {
        self.say("revoke", format!("{revoked:?}"));
        if self.input(Input::Revoke(revoked.clone()), Fate::Good).is_ok() {
            self.reference.revoke(&revoked);
            // INV-13: they are out at once.
            for (socket, principal) in &self.held {
                let is_in = self.world.lines.contains_key(socket);
                let may = self.reference.owner.is_none() || self.reference.admits(principal, self.world.now);
                assert!(may || !is_in, "INV-13: {} is still here", name_of(principal));
            }
        }
    }

    /// A ticket as the gateway mints it now, or one that is still in somebody's pocket.
    pub(super) fn principal(&mut self, client: usize) -> Principal {
        let (name, is_agent) = NAMES[client];
        let who = if is_agent { name.split(' ').next().unwrap() } else { "visitor" };
        let (mut generation, since) = self.generations.get(who).copied().unwrap_or((1, self.world.now));
        if generation > 1 && (0..10 * MINUTE).contains(&self.world.now.since(since)) && self.strikes("stale ticket") {
            generation -= 1;
        }
        // When it is calm nobody is to leave in the last moment: the Desk hears of comings and goings at a pace of its own.
        let calm = if self.calm { HOUR } else { 0 };
        let expires_at = self.world.now.plus(20 * SECOND + self.below(300) as i64 * SECOND + calm);
        if is_agent {
            let mut principal = agent(who);
            (principal.generation, principal.expires_at) = (generation, expires_at);
            Principal::Agent(principal)
        } else {
            let mut principal = visitor(1);
            (principal.generation, principal.expires_at) = (generation, expires_at);
            Principal::Visitor(principal)
        }
    }

    pub(super) fn connect(&mut self, client: usize) {
        if self.clients[client].socket.is_some() || (!NAMES[client].1 && self.is_blocked) {
            return;
        }
        self.reference_after_waking();
        let principal = self.principal(client);
        let encoding = if self.below(2) == 0 { Encoding::Proto } else { Encoding::Json };
        let may = self.reference.admits(&principal, self.world.now);
        let socket = self.world.connect(principal.clone(), encoding);
        let lifts = may && self.reference.enter(&principal);
        let is_bots = hands_over(&self.world.last);
        assert!(wrote(&self.world.last) == lifts || is_bots, "INV-11: a connection wrote {:?}", self.world.last);
        let is_in = self.world.lines.contains_key(&socket);
        assert_eq!(is_in, may, "INV-13, INV-8: {} at the door", name_of(&principal));
        self.say("connect", format!("{} {}", NAMES[client].0, if is_in { "" } else { "refused" }));
        if is_in {
            self.held.insert(socket, principal);
            self.clients[client].connected(socket, encoding);
        }
        self.look();
    }
}
