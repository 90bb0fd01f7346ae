-- Not with those of agents, which go when nothing names them: messages show these for as long as they are kept.
CREATE TABLE answer_pictures (
  workspace TEXT NOT NULL,
  name TEXT NOT NULL,
  hash TEXT NOT NULL,
  set_at INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (workspace, name)
);
CREATE INDEX answer_pictures_hash ON answer_pictures (hash);
