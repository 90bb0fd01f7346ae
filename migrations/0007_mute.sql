-- An agent wants to hear no more of it; told by its Room like the rest of the row.
ALTER TABLE conversations ADD COLUMN muted INTEGER NOT NULL DEFAULT 0;
