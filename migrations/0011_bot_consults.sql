-- How often a workspace's language model was asked on a day (of UTC, counted from 1970): its ceiling must hold whatever forgets.
CREATE TABLE bot_consults (
  workspace TEXT PRIMARY KEY REFERENCES workspaces (id),
  day INTEGER NOT NULL,
  asked INTEGER NOT NULL
);
