-- The ids of a conversation's tags, as JSON; told by its Room like the rest of the row. Nothing was ever kept in the table before it.
ALTER TABLE conversations ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
DROP TABLE conversation_tags;
