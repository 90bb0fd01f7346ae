-- The few conversations that have a tag: a rare one is found among them and not among all.
CREATE INDEX conversations_tagged ON conversations (workspace, active_hour) WHERE tags <> '[]';
