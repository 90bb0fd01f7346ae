-- What the bot did about a message stands beside the message by which it did it (`core::bot::turn`, JSON): it comes with it, once, and goes
-- with it. `settled` is added when somebody has learnt from it. Of other messages the index holds nothing.
ALTER TABLE messages ADD COLUMN turn TEXT;
CREATE INDEX bot_turns_by_time ON messages (workspace, at) WHERE turn IS NOT NULL;

-- What the visitor thinks of the bot's answers: JSON, `[[seq, helpful], …]`, told with the version of the row, for an entry never changes.
ALTER TABLE conversations ADD COLUMN rated TEXT;

-- `seq` is the bot's message, `question` the visitor's. What a form led to is `replied`: the message that began it has counted. `helpful` is
-- null where nobody has said.
CREATE VIEW bot_turns AS
SELECT workspace, conversation, seq, at, turn ->> 'to' AS question, CASE WHEN turn ->> 'reply' THEN 'replied' ELSE turn ->> 'did' END AS did, COALESCE(turn ->> 'intent', '') AS intent,
  turn ->> 'score' AS score, turn -> 'near' AS near, COALESCE(turn ->> 'reason', '') AS reason,
  COALESCE(turn ->> 'pressed', 0) AS pressed, COALESCE(turn ->> 'language', '') AS language, COALESCE(turn ->> 'stood_in', 0) AS stood_in, turn ->> 'settled' AS settled,
  (SELECT r.value ->> 1 FROM conversations AS v CROSS JOIN json_each(v.rated) AS r WHERE v.id = conversation AND v.workspace = messages.workspace
    AND r.value ->> 0 = seq) AS helpful
FROM messages WHERE log = 'public' AND turn IS NOT NULL;
