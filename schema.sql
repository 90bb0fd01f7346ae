-- The history in D1: migration 1, the ground that later numbered files in `migrations/` build on.
--
-- D1 is a read model of the Rooms' logs, and the home of what no Room owns: workspaces, agents, sites. Times are epoch
-- milliseconds. Every table of a tenant carries its workspace, and every statement asks for it (INV-8). Statements are
-- separated by a line that ends in a semicolon; the Worker applies them itself, the same way in both homes.

CREATE TABLE workspaces (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
);

-- One e-mail address is one agent of one workspace, so signing in needs no workspace's name.
CREATE TABLE agents (
  id TEXT PRIMARY KEY,
  workspace TEXT NOT NULL REFERENCES workspaces (id),
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('agent', 'admin', 'owner')),
  state TEXT NOT NULL CHECK (state IN ('active', 'invited', 'disabled')),
  password_hash TEXT,
  generation INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL
);
CREATE INDEX agents_of_workspace ON agents (workspace);

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  workspace TEXT NOT NULL,
  agent TEXT NOT NULL REFERENCES agents (id),
  generation INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
);
CREATE INDEX sessions_of_agent ON sessions (agent);

-- Invitations and password resets: the token itself is never stored.
CREATE TABLE links (
  token_hash TEXT PRIMARY KEY,
  workspace TEXT NOT NULL,
  agent TEXT NOT NULL REFERENCES agents (id),
  purpose TEXT NOT NULL CHECK (purpose IN ('invitation', 'reset')),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
);
CREATE INDEX links_of_agent ON links (agent);

-- Wrong passwords by address, known or not, so that the answer to both is the same.
CREATE TABLE login_failures (
  email_hash TEXT PRIMARY KEY,
  failures INTEGER NOT NULL,
  locked_until INTEGER NOT NULL,
  at INTEGER NOT NULL
);

-- What the deployment remembers about itself: `owner_setup`, `demo_seed`.
CREATE TABLE deployment (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  at INTEGER NOT NULL
);

CREATE TABLE teams (
  id TEXT PRIMARY KEY,
  workspace TEXT NOT NULL REFERENCES workspaces (id),
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (workspace, name)
);

CREATE TABLE team_members (
  team TEXT NOT NULL REFERENCES teams (id),
  agent TEXT NOT NULL REFERENCES agents (id),
  workspace TEXT NOT NULL,
  PRIMARY KEY (team, agent)
) WITHOUT ROWID;

CREATE TABLE sites (
  id TEXT PRIMARY KEY,
  workspace TEXT NOT NULL REFERENCES workspaces (id),
  name TEXT NOT NULL,
  domains TEXT NOT NULL DEFAULT '[]',
  greeting TEXT NOT NULL DEFAULT '',
  color TEXT NOT NULL DEFAULT '',
  locale TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL
);
CREATE INDEX sites_of_workspace ON sites (workspace);

-- `profile` is what the page said, as JSON; nothing in it is proven. `generation` and `blocked` are decided here.
CREATE TABLE visitors (
  id TEXT PRIMARY KEY,
  workspace TEXT NOT NULL,
  site TEXT NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  email TEXT NOT NULL DEFAULT '',
  verified INTEGER NOT NULL DEFAULT 0,
  profile TEXT NOT NULL DEFAULT '{}',
  blocked INTEGER NOT NULL DEFAULT 0,
  generation INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL
);

-- The list is read by `active_hour` (`last_at` in whole hours): an index on the exact time would have to be written for
-- every message, this one moves once an hour. Site, visitor and beginning of a conversation never change.
CREATE TABLE conversations (
  id TEXT PRIMARY KEY,
  workspace TEXT NOT NULL,
  site TEXT NOT NULL,
  visitor TEXT NOT NULL,
  log_epoch INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  status TEXT NOT NULL,
  snoozed_until INTEGER,
  assignee TEXT,
  assignee_name TEXT NOT NULL DEFAULT '',
  assignment_epoch INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  active_hour INTEGER NOT NULL,
  last_text TEXT NOT NULL DEFAULT '',
  last_sender TEXT NOT NULL DEFAULT '',
  unread INTEGER NOT NULL DEFAULT 0,
  waiting_since INTEGER,
  head INTEGER NOT NULL,
  private_head INTEGER NOT NULL
);
CREATE INDEX conversations_by_activity ON conversations (workspace, active_hour);
CREATE INDEX conversations_of_visitor ON conversations (visitor);

-- Both logs. `rowid` ties a message to its line in `message_words`.
CREATE TABLE messages (
  rowid INTEGER PRIMARY KEY,
  conversation TEXT NOT NULL,
  log TEXT NOT NULL CHECK (log IN ('public', 'private')),
  seq INTEGER NOT NULL,
  id TEXT NOT NULL,
  workspace TEXT NOT NULL,
  sender_kind TEXT NOT NULL,
  sender_id TEXT NOT NULL DEFAULT '',
  sender_name TEXT NOT NULL DEFAULT '',
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  follows INTEGER NOT NULL DEFAULT 0,
  UNIQUE (conversation, log, seq)
);

-- Words, and overlapping pairs of Chinese characters, made by `core::words`; the texts themselves stay in `messages`.
CREATE VIRTUAL TABLE message_words USING fts5 (
  words, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2"
);

CREATE TABLE tags (
  id TEXT PRIMARY KEY,
  workspace TEXT NOT NULL,
  name TEXT NOT NULL,
  color TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  UNIQUE (workspace, name)
);

CREATE TABLE conversation_tags (
  conversation TEXT NOT NULL,
  tag TEXT NOT NULL REFERENCES tags (id),
  workspace TEXT NOT NULL,
  PRIMARY KEY (conversation, tag)
) WITHOUT ROWID;

CREATE TABLE canned_responses (
  id TEXT PRIMARY KEY,
  workspace TEXT NOT NULL,
  shortcut TEXT NOT NULL,
  text TEXT NOT NULL,
  locale TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  UNIQUE (workspace, shortcut)
);

CREATE TABLE faq (
  id TEXT PRIMARY KEY,
  workspace TEXT NOT NULL,
  question TEXT NOT NULL,
  answer TEXT NOT NULL,
  locale TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL
);
CREATE INDEX faq_of_workspace ON faq (workspace);

CREATE TABLE audit_log (
  id INTEGER PRIMARY KEY,
  workspace TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL DEFAULT '',
  detail TEXT NOT NULL DEFAULT ''
);
CREATE INDEX audit_log_by_workspace ON audit_log (workspace, id);

-- Queue messages that can't be projected, whole, with the reason: an operator reads them, nothing is thrown away.
CREATE TABLE dead_letters (
  id INTEGER PRIMARY KEY,
  message_id TEXT NOT NULL UNIQUE,
  queue TEXT NOT NULL,
  at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  body TEXT NOT NULL
);
