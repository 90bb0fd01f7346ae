-- The conversations that are not over: few, however long the history is, so that a list of them looks at no other. `status` moves by a
-- statement of its own, like `active_hour`: a message that changes neither writes no index.
CREATE INDEX conversations_unresolved ON conversations (workspace, active_hour) WHERE status <> 'resolved';
