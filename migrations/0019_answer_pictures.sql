-- Pictures of the bot's answers, by the name that intents know them by: hash and size. Not with those of agents, which go when nothing names
-- them: a message that was sent shows its picture for as long as it is kept.
CREATE TABLE answer_pictures (
  workspace TEXT NOT NULL,
  name TEXT NOT NULL,
  hash TEXT NOT NULL,
  set_at INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (workspace, name)
);
CREATE INDEX answer_pictures_hash ON answer_pictures (hash);
