//! What the bot asks the owner's system: kept before it is asked, tried a few times, asked again by whoever wakes the Room, and answered once.
//!
//! The message that it is about stays the first that is owed, so nothing behind it is judged before it is done, and there is one answer to
//! each (INV-2). Whatever takes the conversation from the bot drops the answer; whatever fails hands over (INV-6).

use super::{Stage, is_late};
use crate::core::{
    backoff::Backoff,
    bot::{
        action::{ActionCall, PendingAction, Reply},
        dialogue::{Decision, Phase, Reason, hand_over},
        form::Form,
        turn::Turn,
    },
    id::Entropy,
    limits::{ACTION_LIFE, ACTION_TRIES, ACTIONS_PER_HOUR, BOT_OWED, BOT_PATIENCE},
    room::{
        Room,
        effect::{Call, Effects},
        entry::Offer,
    },
    time::{HOUR, Timestamp},
};

/// How it stands in this process.
#[derive(Debug, Default)]
pub(super) struct Acting {
    /// The so many-th try; 0: none yet.
    attempt: u8,
    step: Step,
    backoff: Backoff,
}

#[derive(Debug, Default)]
enum Step {
    /// It is to be made.
    #[default]
    Due,
    /// It is under way. Since when.
    UnderWay(Timestamp),
    /// It has failed, and the next is made then.
    Resting(Timestamp),
}

impl Acting {
    /// When something is to be done about it.
    pub(super) fn due(&self) -> Option<Timestamp> {
        match self.step {
            Step::Due => None,
            Step::UnderWay(since) => Some(since.plus(BOT_PATIENCE)),
            Step::Resting(until) => Some(until),
        }
    }
}

impl Room {
    /// The bot has decided to ask. Nothing leaves before that is on disk.
    pub(super) fn act(
        &mut self,
        to: u64,
        mut action: Box<PendingAction>,
        mut turn: Turn,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        let is_tagged = self.put_on(std::mem::take(&mut turn.tags), now, fx);
        let Some(record) = &mut self.record else { return };
        record.acted.retain(|at| (0..HOUR).contains(&now.since(*at)));
        let is_over = record.acted.len() >= ACTIONS_PER_HOUR;
        self.bot.form = Some(action.form.clone());
        (action.to, action.turn) = (to, Some(turn).filter(|turn| !turn.is_reply));
        action.subject = record.signed(to);
        record.action = Some(action);
        if is_over {
            return self.action_fails(to, Reason::Action, now, entropy, fx);
        }
        record.acted.push(now);
        self.bot.stage = Stage::Acting(Acting::default());
        if is_tagged {
            self.save_record(now, fx);
        } else {
            self.save_record_quietly(fx);
        }
        self.try_action(now, fx);
    }

    fn try_action(&mut self, now: Timestamp, fx: &mut Effects) {
        let (Some(record), Stage::Acting(acting)) = (&self.record, &mut self.bot.stage) else { return };
        let Some(action) = &record.action else { return };
        acting.attempt += 1;
        acting.step = Step::UnderWay(now);
        fx.call(Call::Act(Box::new(ActionCall {
            workspace: record.workspace.clone(),
            site: record.site.clone(),
            conversation: record.conversation.clone(),
            visitor: record.visitor.clone(),
            // A store that was put back gives the number to another message.
            key: format!("act_{}_{}_{}", record.conversation.object_id(), record.log_epoch, action.to),
            attempt: acting.attempt,
            action: (**action).clone(),
        })));
    }

    /// After every input, while one is under way.
    pub(super) fn pump_action(&mut self, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        let is_kept = self.record.as_ref().is_some_and(|record| record.action.is_some());
        if self.phase() != Phase::Pending || !is_kept {
            // Whoever waits for a person is answered by one.
            self.bot.next();
            return;
        }
        if self.bot.owed.len() > BOT_OWED {
            let last = self.bot.owed.back().copied();
            return self.action_fails(last.unwrap_or_default(), Reason::Action, now, entropy, fx);
        }
        let Stage::Acting(acting) = &self.bot.stage else { return };
        // Whoever wakes the Room long after has a shop that knows the call no more, and a visitor who has gone.
        let decided = self.record.as_ref().and_then(|record| record.acted.last().copied());
        if acting.attempt == 0 && decided.is_none_or(|at| is_late(at, ACTION_LIFE, now)) {
            let to = self.bot.owed.front().copied();
            return self.action_fails(to.unwrap_or_default(), Reason::Action, now, entropy, fx);
        }
        match acting.step {
            Step::UnderWay(since) if is_late(since, BOT_PATIENCE, now) => self.try_again(now, entropy, fx),
            // A clock that went back ends a rest.
            Step::Resting(until) if until > now && until.since(now) <= BOT_PATIENCE => {}
            Step::Due | Step::Resting(_) => self.try_action(now, fx),
            Step::UnderWay(_) => {}
        }
    }

    /// The owner's system has answered, or has not.
    pub(in crate::core::room) fn acted(
        &mut self,
        to: u64,
        attempt: u8,
        reply: Reply,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        let is_pending = self.phase() == Phase::Pending && self.bot.owed.front() == Some(&to);
        let Stage::Acting(acting) = &self.bot.stage else { return };
        if !is_pending {
            return;
        }
        let is_last = acting.attempt == attempt && matches!(acting.step, Step::UnderWay(_));
        match reply {
            // An answer is one, whichever try it belongs to.
            Reply::Said(text) => {
                let Some(action) = self.record.as_mut().and_then(|record| record.action.take()) else { return };
                self.bot.next();
                self.bot.asked = 0;
                self.bot.turn = turn_of(*action);
                self.bot_writes(to, Offer { text, ..Offer::default() }, Phase::Pending, now, entropy, fx);
            }
            Reply::Again if is_last => self.try_again(now, entropy, fx),
            Reply::Failed if is_last => self.action_fails(to, Reason::Action, now, entropy, fx),
            // What it is only for signed visitors to ask, no other try may.
            Reply::Refused => self.action_fails(to, Reason::Unverified, now, entropy, fx),
            Reply::Again | Reply::Failed => {}
        }
    }

    fn try_again(&mut self, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        let (Stage::Acting(acting), Some(to)) = (&mut self.bot.stage, self.bot.owed.front().copied()) else { return };
        if acting.attempt >= ACTION_TRIES {
            return self.action_fails(to, Reason::Action, now, entropy, fx);
        }
        // Not all at once: what has failed one Room has failed others.
        let wait = acting.backoff.next_ms();
        acting.step = Step::Resting(now.plus(wait - (entropy.next_u64() % 1_000) as i64 * wait / 2_000));
    }

    /// People take over, with what was collected. `to`: the message that is answered so.
    fn action_fails(&mut self, to: u64, why: Reason, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        let Some(record) = &mut self.record else { return };
        let Some(action) = record.action.take() else { return };
        record.hand_to.clone_from(&action.takers.team);
        record.hand_level = action.takers.level;
        let decision = hand_over(why, action.form.language);
        self.bot.turn = turn_of(*action);
        if let Decision::Handoff { reason, text, .. } = decision {
            self.hand_over(Some(to), reason, text, now, entropy, fx);
        }
    }
}

/// A form has counted by the message that began it.
fn turn_of(action: PendingAction) -> Turn {
    let Form { intent, language, .. } = *action.form;
    let (intent, language) = (intent.to_string(), language.name().to_owned());
    action.turn.unwrap_or(Turn { is_reply: true, intent, language, ..Turn::default() })
}
