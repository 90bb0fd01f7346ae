-- How often a workspace's language model was asked in an hour (of UTC, counted from 1970) and on its day: the ceilings must hold whatever
-- forgets.
CREATE TABLE bot_consults (
  workspace TEXT PRIMARY KEY REFERENCES workspaces (id),
  hour INTEGER NOT NULL,
  in_hour INTEGER NOT NULL,
  in_day INTEGER NOT NULL
);
