-- Pictures of the bot's answers. Not with those of agents, which go when nothing names them: a message that was sent shows its picture
-- for as long as it is kept. What they weigh stands last, so that nothing else is read through it.
CREATE TABLE answer_pictures (
  workspace TEXT NOT NULL,
  hash TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  named_at INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (workspace, hash)
);
CREATE INDEX answer_pictures_hash ON answer_pictures (hash);
