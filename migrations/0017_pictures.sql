-- Pictures by the hash that is their public name: what shows one names it, and what nobody names goes.
CREATE TABLE pictures (
  workspace TEXT NOT NULL,
  hash TEXT NOT NULL,
  bytes BLOB NOT NULL,
  set_at INTEGER NOT NULL,
  PRIMARY KEY (workspace, hash)
);
CREATE INDEX pictures_hash ON pictures (hash);
ALTER TABLE agents ADD COLUMN picture TEXT;
