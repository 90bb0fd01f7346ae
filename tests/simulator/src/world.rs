//! Everything of one run: objects, clients, lines, queue and history, and the one queue of what happens next.
//!
//! Time is virtual and belongs to the world; each object has a clock of its own, which may be wrong. Events happen in the
//! order of their time and, at the same time, of their making, so a seed is one run to the byte.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    rc::Rc,
};

use bellhop::{
    core::{
        auth::Keys,
        desk::Desk,
        id::{AgentId, ConversationId, SessionId, SiteId, TagId, TeamId, VisitorId, WorkspaceId},
        limits::points,
        principal::{Principal, Role},
        protocol::{Encoding, Payload, wire::client_frame::Frame},
        room::Room,
        socket::SocketId,
    },
    sql::testing::{TestDatabase, TestSql},
};

use crate::{
    calls::{Answer, Call},
    client::{connection::Connection, desk_list::DeskList, log::ConversationLog, outbox::Unsent},
    counts::Counts,
    desk_truth::DeskTruth,
    dice::Dice,
    faults::{Fault, Faults},
    object::Object,
    queue::Queued,
    truth::{Mark, RoomTruth, Winners},
};

/// When a run begins.
pub const START: i64 = 1_795_000_000_000;

/// What a run is made of; a failing one is made smaller by less of it.
#[derive(Debug, Clone)]
pub struct Config {
    /// Everything that is drawn comes from this.
    pub seed: u64,
    /// Events of the unsafe phase.
    pub steps: u64,
    /// Kinds of faults that never happen.
    pub without: BTreeSet<Fault>,
    /// Rooms of each workspace, at most.
    pub rooms: usize,
    /// Agents of each workspace, at most.
    pub agents: usize,
    /// Everything that happens is printed.
    pub show: bool,
}

impl Config {
    /// A whole run of a seed.
    pub fn of(seed: u64, steps: u64) -> Self {
        Config { seed, steps, without: BTreeSet::new(), rooms: 3, agents: 3, show: false }
    }
}

/// An object by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A conversation.
    Room(usize),
    /// A workspace.
    Desk(usize),
}

/// Something that happens.
pub enum Event {
    /// A frame reaches the object.
    ToServer(SocketId, Payload),
    /// A frame reaches the client.
    ToClient(SocketId, Payload),
    /// A heartbeat reaches the runtime.
    Ping(SocketId),
    /// Its answer.
    Pong(SocketId),
    /// The object learns that the client is gone.
    GoneAtServer(SocketId),
    /// The client learns that the socket is closed.
    ClosedAtClient(SocketId, u16),
    /// The line breaks, and both sides are told.
    Cut(SocketId),
    /// A ticket reaches the gateway.
    Upgrade { client: usize, turn: u64, ticket: String },
    /// The gateway lets somebody through to the object.
    Enter { client: usize, turn: u64, principal: Principal },
    /// The client learns that its socket is open.
    Opened { client: usize, turn: u64, socket: SocketId },
    /// The client learns that it was refused.
    Refused { client: usize, turn: u64, code: u16 },
    /// An alarm; the number tells an earlier one apart. None: it rings in any case.
    Ring(Place, Option<u64>),
    /// An object's timer, of that life.
    Tick(Place, u64),
    /// A call reaches whom it is for.
    Call(Call),
    /// An answer reaches the object that asked, if it still lives.
    Answer(Place, u64, Answer),
    /// The consumer works.
    Consume,
    /// A client looks at its own clock.
    ClientTick(usize),
    /// A person does something.
    Act(usize),
    /// What another window has stored is seen.
    Adopt(usize),
    /// A console says something on that socket.
    Say(usize, SocketId, Box<Frame>),
    /// Something may go wrong somewhere.
    Weather,
    /// A clock is right again.
    RightClock(Place),
    /// D1 answers again.
    DatabaseBack,
}

/// An agent of a workspace.
pub struct Agent {
    /// Which workspace.
    pub workspace: usize,
    /// Who.
    pub id: AgentId,
    /// With the canary of the workspace.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The session of now.
    pub session: SessionId,
    /// Raised by revocation.
    pub generation: u64,
    /// May not come in.
    pub disabled: bool,
}

/// A copy of a Room's store, with the truth of that moment.
pub struct RoomCopy {
    /// The store.
    pub store: TestSql,
    /// How far it was.
    pub mark: Mark,
}

/// A Room and what is around it.
pub struct RoomPlace {
    /// The object.
    pub object: Object<Room>,
    /// Which conversation.
    pub id: ConversationId,
    /// Of which workspace.
    pub workspace: usize,
    /// Its site.
    pub site: SiteId,
    /// Its visitor.
    pub visitor: VisitorId,
    /// Of the visitor's tickets.
    pub generation: u64,
    /// What the site signs of its visitor: how much they come before others. Nothing is signed of those of level 0.
    pub level: u8,
    /// The visitor is blocked.
    pub blocked: bool,
    /// Somebody still has to say something there, once it is calm.
    pub is_owed: bool,
    /// Copies of the store.
    pub copies: Vec<RoomCopy>,
    /// What is on disk.
    pub truth: RoomTruth,
    /// The alarm that is planned.
    pub planned: u64,
}

/// A Desk and what is around it.
pub struct DeskPlace {
    /// The object.
    pub object: Object<Desk>,
    /// Which workspace.
    pub id: WorkspaceId,
    /// Copies of the store.
    pub copies: Vec<(TestSql, DeskTruth)>,
    /// What is on disk.
    pub truth: DeskTruth,
    /// The alarm that is planned.
    pub planned: u64,
    /// An older store was put back: what a Room has said since is news to it, and a Room says it with the next thing
    /// that happens there.
    pub was_put_back: bool,
    /// Its teams, if they exist just now.
    pub teams: Vec<TeamId>,
    /// The tags that it names.
    pub tags: Vec<TagId>,
    /// Of its settings.
    pub routing_version: u64,
    /// Of its bot; 0: it has never had one.
    pub bot_version: u64,
    /// In every text of this workspace, and in no byte of another's (C9).
    pub canary: String,
}

/// What a client is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A tab of the visitor of a Room.
    Tab(usize),
    /// An agent's view of a Room.
    Console { room: usize, agent: usize },
    /// An agent's live list.
    List(usize),
}

/// A client.
pub struct Client {
    /// What it is for.
    pub kind: Kind,
    /// Its socket.
    pub connection: Connection,
    /// Its conversation.
    pub log: ConversationLog,
    /// Its list.
    pub list: DeskList,
    /// How it writes.
    pub encoding: Encoding,
    /// The tick that is planned.
    pub tick_at: i64,
    /// A second tab, which may go for good.
    pub is_extra: bool,
}

/// A socket between a client and an object.
pub struct Line {
    /// None: an intruder's.
    pub client: Option<usize>,
    /// To which object.
    pub place: Place,
    /// As whom.
    pub principal: Rc<Principal>,
    /// How frames are written.
    pub encoding: Encoding,
    /// When the last frame arrives, each way: order holds on a line.
    pub to_server: i64,
    /// The other way.
    pub to_client: i64,
    /// Nothing gets through any more, and nobody is told.
    pub deaf: bool,
    /// The client listens.
    pub client_end: bool,
    /// The platform holds it.
    pub server_end: bool,
    /// The client has given it up, and the object is to learn of that late: when it would have known. Nothing has come by the
    /// line since.
    pub lingers: Option<i64>,
}

/// Everything.
pub struct World {
    /// What this run is made of.
    pub config: Config,
    /// Chance.
    pub dice: Dice,
    /// What goes wrong.
    pub faults: Faults,
    /// Virtual time.
    pub now: i64,
    made: u64,
    events: BTreeMap<(i64, u64), Event>,
    /// Conversations.
    pub rooms: Vec<RoomPlace>,
    /// Workspaces.
    pub desks: Vec<DeskPlace>,
    /// Agents of all workspaces.
    pub agents: Vec<Agent>,
    /// Tabs and consoles.
    pub clients: Vec<Client>,
    /// Sockets.
    pub lines: BTreeMap<SocketId, Line>,
    /// What a browser profile keeps: unsent messages by Room, writer and log.
    pub stored: BTreeMap<(usize, String, bool), Vec<Unsent>>,
    /// The events queue.
    pub queue: Vec<Queued>,
    /// The consumer is planned.
    pub consuming: bool,
    /// Alarms that are planned too early.
    pub early_rings: BTreeSet<(Place, u64)>,
    /// The history.
    pub database: TestDatabase,
    /// The deployment's keys, and how often they were rotated.
    pub keys: Keys,
    /// Rotations of the key.
    pub rotations: u64,
    /// C6.
    pub winners: Winners,
    /// What was done.
    pub counts: Counts,
    /// The last things that happened.
    pub trace: VecDeque<String>,
    hasher: DefaultHasher,
    /// No faults and no new messages.
    pub calm: bool,
    /// Everybody's machine sleeps: what would reach them waits.
    pub asleep: Option<Vec<Event>>,
    /// What bots decide in half of the cases.
    pub bot_leans: u64,
    /// Agents do little in this run: what is the bot's stays so for long.
    pub agents_rest: bool,
    /// How slow people are: in some seeds much time passes between two messages.
    pub pace: i64,
}

/// A secret of the deployment, by its number.
pub fn secret(number: u64) -> String {
    let text: Vec<String> =
        (0..4).map(|part| format!("{:016x}", (number * 4 + part).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)).collect();
    text.concat()
}

impl World {
    /// Nothing has happened yet; everybody is about to come.
    pub fn new(config: Config) -> Self {
        let mut dice = Dice::new(config.seed);
        let faults = Faults::draw(&mut dice, &config.without);
        points::draw(&mut |limit| dice.below(limit));
        let pace = [1, 1, 4, 20][dice.place(4)];
        let (agents_rest, bot_leans) = (dice.one_in(3), dice.below(16));
        let keys = Keys::new(&secret(0), None).expect("a good secret");
        let mut world = World {
            now: START,
            made: 0,
            events: BTreeMap::new(),
            rooms: Vec::new(),
            desks: Vec::new(),
            agents: Vec::new(),
            clients: Vec::new(),
            lines: BTreeMap::new(),
            stored: BTreeMap::new(),
            queue: Vec::new(),
            consuming: false,
            early_rings: BTreeSet::new(),
            database: TestDatabase::migrated(),
            keys,
            rotations: 0,
            winners: Winners::default(),
            counts: Counts::default(),
            trace: VecDeque::new(),
            hasher: DefaultHasher::new(),
            calm: false,
            asleep: None,
            agents_rest,
            bot_leans,
            pace,
            config,
            dice,
            faults,
        };
        world.found();
        world
    }

    /// The Room that a client is for, and as whom it writes.
    pub fn writer(&self, kind: Kind) -> Option<(usize, String)> {
        match kind {
            Kind::Tab(room) => Some((room, "visitor".to_owned())),
            Kind::Console { room, agent } => Some((room, self.agents[agent].id.to_string())),
            Kind::List(_) => None,
        }
    }

    /// Something will happen after so many milliseconds.
    pub fn plan(&mut self, wait: i64, event: Event) {
        self.plan_at(self.now + wait.max(0), event);
    }

    /// Something will happen then.
    pub fn plan_at(&mut self, at: i64, event: Event) {
        self.made += 1;
        self.events.insert((at.max(self.now), self.made), event);
    }

    /// When the next thing happens.
    pub fn next_at(&self) -> i64 {
        self.events.first_key_value().map_or(i64::MAX, |((at, _), _)| *at)
    }

    /// The next thing happens.
    pub fn step(&mut self) {
        let ((at, _), event) = self.events.pop_first().expect("people go on");
        self.now = at;
        self.counts.steps += 1;
        self.now.hash(&mut self.hasher);
        let Some(event) = self.unless_asleep(event) else { return };
        match event {
            Event::ToServer(socket, payload) => self.frame_at_server(socket, &payload),
            Event::ToClient(socket, payload) => self.frame_at_client(socket, &payload),
            Event::Ping(socket) => self.ping(socket),
            Event::Pong(socket) => self.pong(socket),
            Event::GoneAtServer(socket) => self.gone_at_server(socket),
            Event::ClosedAtClient(socket, code) => self.closed_at_client(socket, code),
            Event::Cut(socket) => self.cut(socket),
            Event::Upgrade { client, turn, ticket } => self.upgrade(client, turn, &ticket),
            Event::Enter { client, turn, principal } => self.enter(client, turn, principal),
            Event::Opened { client, turn, socket } => self.opened(client, turn, socket),
            Event::Refused { client, turn, code } => self.refused(client, turn, code),
            Event::Ring(place, turn) => self.ring(place, turn),
            Event::Tick(place, life) => self.timer(place, life),
            Event::Call(call) => self.call(call),
            Event::Answer(place, life, answer) => self.answer(place, life, answer),
            Event::Consume => self.consume(),
            Event::ClientTick(client) => self.client_tick(client),
            Event::Act(client) => self.act(client),
            Event::Adopt(client) => self.adopt(client),
            Event::Say(client, socket, frame) => self.say_on(client, socket, *frame),
            Event::Weather => self.weather(),
            Event::RightClock(place) => self.right_clock(place),
            Event::DatabaseBack => self.database.down.set(false),
        }
    }

    /// Whether a fault is to happen now; whoever lets it says so by [`World::bites`].
    pub fn draws(&mut self, fault: Fault) -> bool {
        self.faults.strike(fault, &mut self.dice)
    }

    /// It has happened: something is otherwise than it would have been.
    pub fn bites(&mut self, fault: Fault) {
        *self.faults.counts.entry(fault).or_default() += 1;
        self.say(format_args!("FAULT {}", fault.text()));
    }

    /// Both at once, where nothing can keep it from happening.
    pub fn strikes(&mut self, fault: Fault) -> bool {
        let strikes = self.draws(fault);
        if strikes {
            self.bites(fault);
        }
        strikes
    }

    /// For the one who looks at a failing run, and for the digest.
    pub fn say(&mut self, what: std::fmt::Arguments<'_>) {
        let line = format!("{:>9} {what}", self.now - START);
        line.hash(&mut self.hasher);
        if self.config.show {
            println!("{line}");
        }
        if self.trace.len() >= 80 {
            self.trace.pop_front();
        }
        self.trace.push_back(line);
    }

    /// Bytes that left an object are part of the digest (C12).
    pub fn digest_bytes(&mut self, payload: &Payload) {
        match payload {
            Payload::Text(text) => text.hash(&mut self.hasher),
            Payload::Binary(bytes) => bytes.hash(&mut self.hasher),
        }
    }

    /// The digest of everything so far.
    pub fn digest(&self) -> u64 {
        self.hasher.finish()
    }
}
