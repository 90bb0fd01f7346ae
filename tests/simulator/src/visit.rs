//! INV-8 at the inner doors: what another workspace's Desk, Room or event asks for does nothing. Played after everything
//! has met, so that whatever it did shows.

use bellhop::{
    core::{
        desk::effect::{Answer as DeskAnswer, Input as DeskInput},
        error::Code,
        id::{SessionId, WorkspaceId},
        internal::{AssignOrder, AttachRequest, RevokeRequest, Revoked, RoomNotice, Status},
        pipeline::{
            delivery::Delivery,
            event::{EVENT_VERSION, RoomEvent},
        },
        room::{
            effect::{Answer as RoomAnswer, Input as RoomInput},
            record::{Cursors, Profile, Record},
        },
        time::Timestamp,
    },
    sql::{consume::consume, testing::ready},
};

use crate::world::{Place, World};

impl World {
    /// Every kind of call, to every Room and its Desk, in the name of the other workspace.
    pub fn visit(&mut self) {
        for room in 0..self.rooms.len() {
            let Some(record) = self.record(room) else { continue };
            let own = self.rooms[room].workspace;
            let stranger = self.desks[1 - own].id.clone();
            self.visit_room(room, &record, &stranger);
            self.visit_desk(own, &record, &stranger);
            self.visit_history(room, &stranger);
        }
    }

    fn visit_room(&mut self, room: usize, record: &Record, stranger: &WorkspaceId) {
        let order = AssignOrder {
            workspace: stranger.clone(),
            assignment_epoch: record.assignment_epoch + 1,
            assignee: None,
            actor: None,
            reason: String::new(),
            team: String::new(),
            team_id: None,
            ringing: false,
        };
        let answer = self.room_input(room, RoomInput::Assign(order), None);
        let is_refused = matches!(answer, Ok(Some(RoomAnswer::Assigned(Err(Code::NotFound)))));
        assert!(is_refused, "INV-8: an order of another workspace: {answer:?}");
    }

    fn visit_desk(&mut self, desk: usize, record: &Record, stranger: &WorkspaceId) {
        let now = Timestamp(self.now);
        let notice = RoomNotice {
            workspace: stranger.clone(),
            conversation: record.conversation.clone(),
            site: record.site.clone(),
            visitor: record.visitor.clone(),
            visitor_name: String::new(),
            rev: now.wire() * 2,
            status: Status::Resolved,
            snoozed_until: None,
            assignment_epoch: record.assignment_epoch + 1,
            assignee: None,
            created_at: now,
            preview: String::new(),
            preview_sender: String::new(),
            last_at: now,
            unread: 0,
            waiting_since: None,
            visitor_online: false,
            agents: None,
            ringing: Some(false),
            at: now,
            resolved_at: None,
            team: None,
            language: String::new(),
            topic: String::new(),
            location: None,
            level: 0,
            reply_to: Some(String::new()),
            undecided: false,
            is_reply: false,
            hand_to: None,
        };
        let answer = self.desk_input(desk, DeskInput::Notice(Box::new(notice)), None);
        let is_refused = matches!(answer, Ok(Some(DeskAnswer::Notice(Err(Code::NotFound)))));
        assert!(is_refused, "INV-8: a notice of another workspace: {answer:?}");
        let Some(agent) = self.agents.iter().find(|agent| agent.workspace == desk) else { return };
        let (agent, generation) = (agent.id.clone(), agent.generation + 1);
        let attach = AttachRequest {
            workspace: stranger.clone(),
            agent: agent.clone(),
            session: SessionId::draw(&mut self.dice.entropy()),
            generation,
            conversation: record.conversation.clone(),
            knock: 0,
        };
        let answer = self.desk_input(desk, DeskInput::Attach(attach), None);
        assert!(matches!(answer, Ok(Some(DeskAnswer::Done(Err(_))))), "INV-8: another's agent is let in: {answer:?}");
        let revoked = Revoked::Agent { agent, generation };
        let request = RevokeRequest { workspace: stranger.clone(), revoked, conversations: Vec::new(), release: true };
        let answer = self.desk_input(desk, DeskInput::Revoke(request), None);
        assert!(matches!(answer, Ok(Some(DeskAnswer::Done(Err(_))))), "INV-8: another's agent is revoked: {answer:?}");
    }

    /// The event would win if it were the workspace's own; the verdict after this sees what it has changed.
    fn visit_history(&mut self, room: usize, stranger: &WorkspaceId) {
        if self.wake(Place::Room(room)).is_err() {
            return;
        }
        let row = self.rooms[room].object.machine().and_then(bellhop::core::room::Room::conversation_row);
        let Some(mut conversation) = row else { return };
        conversation.workspace = stranger.clone();
        conversation.rev += 1_000;
        conversation.head += 1;
        let event = RoomEvent {
            v: EVENT_VERSION,
            conversation,
            visitor: Profile::default(),
            public: Vec::new(),
            private: Vec::new(),
            upto: Cursors::default(),
        };
        let delivery = Delivery { id: format!("stranger{room}"), body: serde_json::to_string(&event).ok() };
        drop(ready(consume(&self.database, "bellhop-events", &[delivery], Timestamp(self.now))));
    }
}
