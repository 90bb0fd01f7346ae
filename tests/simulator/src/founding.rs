//! Who there is when a run begins, and who comes later: workspaces, agents, conversations, and the pages of all of them.

use bellhop::core::{
    id::{AgentId, ConversationId, SessionId, SiteId, VisitorId, WorkspaceId},
    principal::Role,
    protocol::Encoding,
    room::Settings,
};

use crate::{
    client::{connection::Connection, desk_list::DeskList, log::ConversationLog},
    desk_truth::DeskTruth,
    object::Object,
    truth::RoomTruth,
    world::{Agent, Client, DeskPlace, Event, Kind, RoomPlace, World},
};

impl World {
    /// Everyone of the beginning.
    pub fn found(&mut self) {
        for workspace in 0..2 {
            let id = WorkspaceId::draw(&mut self.dice.entropy());
            let canary = format!("~{}{:08x}~", ["left", "right"][workspace], self.dice.bits() as u32);
            let object = Object::new(id.clone());
            let (copies, truth) = (Vec::new(), DeskTruth::default());
            self.desks.push(DeskPlace {
                object,
                id,
                copies,
                truth,
                planned: 0,
                was_put_back: false,
                teams: Vec::new(),
                tags: Vec::new(),
                routing_version: 0,
                bot_version: 0,
                canary: canary.clone(),
            });
            let agents = 1 + self.dice.place(self.config.agents);
            for number in 0..agents {
                let (id, session) =
                    (AgentId::draw(&mut self.dice.entropy()), SessionId::draw(&mut self.dice.entropy()));
                let role = [Role::Owner, Role::Agent, Role::Admin][number % 3];
                let name = format!("Agent {number} {canary}");
                self.agents.push(Agent { workspace, id, name, role, session, generation: 1, disabled: false });
            }
            let rooms = 1 + self.dice.place(self.config.rooms);
            for _ in 0..rooms {
                let number = self.rooms.len();
                let settings =
                    Settings { events_delay_ms: [0, 1_000, 1_000, 20_000][self.dice.place(4)], ..Settings::default() };
                self.rooms.push(RoomPlace {
                    object: Object::new(settings),
                    id: ConversationId::from_object_id(&format!("{:064x}", number + 1)).expect("an id"),
                    workspace,
                    site: SiteId::draw(&mut self.dice.entropy()),
                    visitor: VisitorId::draw(&mut self.dice.entropy()),
                    generation: 1,
                    level: if self.dice.one_in(3) { 1 + self.dice.below(9) as u8 } else { 0 },
                    blocked: false,
                    is_owed: true,
                    copies: Vec::new(),
                    truth: RoomTruth::default(),
                    planned: 0,
                });
            }
        }
        self.found_history();
        for desk in 0..self.desks.len() {
            self.found_tags(desk);
            self.draw_routing(desk);
            self.draw_bot(desk);
        }
        for agent in 0..self.agents.len() {
            self.add_client(Kind::List(agent), false);
        }
        for room in 0..self.rooms.len() {
            self.add_client(Kind::Tab(room), false);
            let theirs: Vec<usize> =
                (0..self.agents.len()).filter(|it| self.agents[*it].workspace == self.rooms[room].workspace).collect();
            for agent in theirs {
                if self.dice.below(3) > 0 {
                    self.add_client(Kind::Console { room, agent }, false);
                }
            }
        }
        self.plan(500, Event::Weather);
    }

    /// The rows of workspaces and agents, which the Desk asks for.
    fn found_history(&self) {
        let connection = &self.database.sql.connection;
        for desk in &self.desks {
            let sql = "INSERT INTO workspaces (id, name, created_at) VALUES (?1, ?2, 0)";
            connection.execute(sql, (desk.id.as_str(), &desk.canary)).expect("a workspace");
        }
        for agent in &self.agents {
            let sql = "INSERT INTO agents (id, workspace, email, name, role, state, created_at) \
                       VALUES (?1, ?2, ?3, ?4, ?5, 'active', 0)";
            let workspace = self.desks[agent.workspace].id.as_str();
            let email = format!("{}@example.com", agent.id);
            connection
                .execute(sql, (agent.id.as_str(), workspace, email, &agent.name, agent.role.name()))
                .expect("an agent");
        }
    }

    /// A page is opened.
    pub fn add_client(&mut self, kind: Kind, is_extra: bool) -> usize {
        let number = self.clients.len();
        let encoding = if self.dice.one_in(2) { Encoding::Json } else { Encoding::Proto };
        let log = self.fresh_log(kind, (0, String::new()));
        let connection = Connection::default();
        self.clients.push(Client {
            kind,
            connection,
            log,
            list: DeskList::default(),
            encoding,
            tick_at: i64::MAX,
            is_extra,
        });
        let wait = self.dice.between(10, 4_000);
        self.plan(wait, Event::Act(number));
        number
    }

    /// A conversation as a page that is loaded finds it in its profile.
    pub fn fresh_log(&self, kind: Kind, kept: (u64, String)) -> ConversationLog {
        let unsent = |is_note| {
            let (room, who) = self.writer(kind)?;
            self.stored.get(&(room, who, is_note)).cloned()
        };
        let is_agent = !matches!(kind, Kind::Tab(_));
        ConversationLog::new(is_agent, unsent(false).unwrap_or_default(), unsent(true).unwrap_or_default(), kept)
    }
}
