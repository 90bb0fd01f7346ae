-- Revocations that are decided here and that the Desk has not confirmed yet (INV-13). The row is written together with
-- what it follows from, and goes once the Desk knows; what to say is read from the tables when it is said, so the row
-- only tells about whom: `subject` is an agent, a session or a visitor, `agent` whose session it is or who blocked.
CREATE TABLE pending_revocations (
  id TEXT PRIMARY KEY,
  workspace TEXT NOT NULL,
  subject TEXT NOT NULL,
  agent TEXT NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX pending_revocations_by_time ON pending_revocations (at);
