-- Pictures of a workspace, each once, by the hash that is their public name. What shows one names its hash: whatever nobody names any more goes.
CREATE TABLE pictures (
  workspace TEXT NOT NULL,
  hash TEXT NOT NULL,
  type TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  set_at INTEGER NOT NULL,
  PRIMARY KEY (workspace, hash)
);
CREATE INDEX pictures_hash ON pictures (hash);
-- The hash of an agent's picture.
ALTER TABLE agents ADD COLUMN picture TEXT;
