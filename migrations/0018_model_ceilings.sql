-- What an owner lets a workspace's language model cost; null: as this version of Bellhop would have it. And the tokens of the day that a
-- row of `bot_consults` is of: what calls under way may take counts in them.
ALTER TABLE bots ADD COLUMN calls_per_day INTEGER;
ALTER TABLE bots ADD COLUMN tokens_per_day INTEGER;
ALTER TABLE bots ADD COLUMN tokens_per_answer INTEGER;
ALTER TABLE bots ADD COLUMN calls_per_conversation INTEGER;
ALTER TABLE bot_consults ADD COLUMN tokens INTEGER NOT NULL DEFAULT 0;
