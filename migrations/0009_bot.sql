-- The bot of a workspace. `revision` counts every change of it, its intents and its FAQ: who changes one of them names the revision
-- that was looked at, and marks the change with a `stamp` of its own, by which the rest of the batch knows that it was in time.
-- `hold_back` is null where the model says it. `told` is the revision that the Desk has confirmed, `learnable` the revision at which what is learnt from changed last, `model` the version that is used. `signing` is the serial number of the secret by which calls to the owner's system are signed.
-- `responder` says who answers: 'built_in', 'webhook' or 'model'; `responder_key` is sealed (`core::auth::seal`).
CREATE TABLE bots (
  workspace TEXT PRIMARY KEY REFERENCES workspaces (id),
  enabled INTEGER NOT NULL DEFAULT 0,
  hold_back INTEGER,
  handoff_team TEXT,
  model INTEGER,
  signing INTEGER NOT NULL DEFAULT 0,
  responder TEXT NOT NULL DEFAULT 'built_in',
  responder_url TEXT NOT NULL DEFAULT '',
  responder_model TEXT NOT NULL DEFAULT '',
  responder_key TEXT NOT NULL DEFAULT '',
  revision INTEGER NOT NULL DEFAULT 0,
  told INTEGER NOT NULL DEFAULT 0,
  learnable INTEGER NOT NULL DEFAULT 0,
  stamp TEXT NOT NULL DEFAULT ''
) STRICT;

-- JSON, as the API says it: `says` is what a visitor is told (title, answer, does, buttons), `teaches` what is learnt from
-- (examples, library). A conversation needs the first alone.
CREATE TABLE intents (
  workspace TEXT NOT NULL REFERENCES workspaces (id),
  id TEXT NOT NULL,
  says TEXT NOT NULL,
  teaches TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (workspace, id)
) STRICT;

-- Models never change; `hash` is the SHA-256 of the bytes. `accuracy` is in tenths of a percent, `revision` that of the bot whose
-- intents were learnt, `hold_back` what the model says itself. The bytes stand last, so that a list does not read them.
CREATE TABLE bot_models (
  workspace TEXT NOT NULL REFERENCES workspaces (id),
  version INTEGER NOT NULL,
  hash TEXT NOT NULL,
  intents INTEGER NOT NULL,
  examples INTEGER NOT NULL,
  accuracy INTEGER,
  hold_back INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  trained_at INTEGER NOT NULL,
  trained_by TEXT NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (workspace, version),
  UNIQUE (workspace, hash)
) STRICT;

-- Two languages, as in the intents; the demo wrote others.
ALTER TABLE faq ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
UPDATE faq SET locale = CASE WHEN locale LIKE 'zh%' THEN 'zh' ELSE 'en' END, updated_at = created_at;
CREATE INDEX faq_by_time ON faq (workspace, created_at, id);
DROP INDEX faq_of_workspace;
