-- How often the sites of a workspace had its language model asked in the hour of the row: an object of numbers by their ids. And how often
-- a site had the owner's system called in an hour (of UTC, counted from 1970).
ALTER TABLE bot_consults ADD COLUMN sites TEXT NOT NULL DEFAULT '{}';
CREATE TABLE bot_actions (
  site TEXT PRIMARY KEY,
  workspace TEXT NOT NULL REFERENCES workspaces (id),
  hour INTEGER NOT NULL,
  in_hour INTEGER NOT NULL
) STRICT;
