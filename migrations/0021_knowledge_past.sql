-- What was, as JSON of the API, until it was changed or deleted (`gone`). `place` counts the bytes of a workspace that were ever kept.
CREATE TABLE knowledge_past (
  number INTEGER PRIMARY KEY,
  workspace TEXT NOT NULL REFERENCES workspaces (id),
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  until INTEGER NOT NULL,
  gone INTEGER NOT NULL,
  ended_by TEXT NOT NULL DEFAULT '',
  place INTEGER NOT NULL DEFAULT 0,
  was TEXT NOT NULL
) STRICT;
CREATE INDEX knowledge_past_of_one ON knowledge_past (workspace, kind, id, number);
CREATE INDEX knowledge_past_by_place ON knowledge_past (workspace, place);
CREATE INDEX knowledge_past_gone ON knowledge_past (workspace, kind, number) WHERE gone;

-- The newest audit entry is of this change.
CREATE TRIGGER knowledge_past_is_bounded AFTER INSERT ON knowledge_past BEGIN
  UPDATE knowledge_past SET
    ended_by = COALESCE((SELECT actor FROM audit_log WHERE workspace = NEW.workspace ORDER BY id DESC LIMIT 1), ''),
    place = 200 + octet_length(NEW.was) + (SELECT MAX(place) FROM knowledge_past WHERE workspace = NEW.workspace)
    WHERE number = NEW.number;
  DELETE FROM knowledge_past WHERE workspace = NEW.workspace AND kind = NEW.kind AND id = NEW.id AND number <=
    (SELECT number FROM knowledge_past WHERE workspace = NEW.workspace AND kind = NEW.kind AND id = NEW.id ORDER BY number DESC LIMIT 1 OFFSET 20);
  DELETE FROM knowledge_past WHERE workspace = NEW.workspace AND number <> NEW.number
    AND place <= (SELECT place FROM knowledge_past WHERE number = NEW.number) - 8000000;
END;

-- A deleted button or tag leaves `updated_at`. Where examples only come, one version an hour is kept.
CREATE TRIGGER intents_were_changed AFTER UPDATE ON intents
WHEN OLD.updated_at <> NEW.updated_at AND (OLD.says, OLD.teaches) <> (NEW.says, NEW.teaches) AND json_valid(OLD.says) AND json_valid(OLD.teaches)
BEGIN
  INSERT INTO knowledge_past (workspace, kind, id, updated_at, until, gone, was)
    SELECT OLD.workspace, 'intent', OLD.id, OLD.updated_at, NEW.updated_at, 0,
      substr(OLD.says, 1, length(OLD.says) - 1) || ',' || substr(OLD.teaches, 2)
    WHERE OLD.says <> NEW.says OR OLD.teaches -> '$.library' IS NOT NEW.teaches -> '$.library'
      OR EXISTS (SELECT 1 FROM json_each(OLD.teaches, '$.examples') WHERE value NOT IN (SELECT value FROM json_each(NEW.teaches, '$.examples')))
      OR NOT EXISTS (SELECT 1 FROM knowledge_past WHERE workspace = OLD.workspace AND kind = 'intent' AND id = OLD.id
        AND until > NEW.updated_at - 3600000);
END;
CREATE TRIGGER intents_were_deleted AFTER DELETE ON intents
WHEN json_valid(OLD.says) AND json_valid(OLD.teaches)
BEGIN
  INSERT INTO knowledge_past (workspace, kind, id, updated_at, until, gone, was)
    VALUES (OLD.workspace, 'intent', OLD.id, OLD.updated_at,
      MAX(OLD.updated_at, COALESCE((SELECT revision FROM bots WHERE workspace = OLD.workspace), 0)), 1,
      substr(OLD.says, 1, length(OLD.says) - 1) || ',' || substr(OLD.teaches, 2));
END;

CREATE TRIGGER faq_was_changed AFTER UPDATE ON faq
WHEN OLD.updated_at <> NEW.updated_at AND (OLD.locale, OLD.question, OLD.answer) <> (NEW.locale, NEW.question, NEW.answer)
BEGIN
  INSERT INTO knowledge_past (workspace, kind, id, updated_at, until, gone, was)
    VALUES (OLD.workspace, 'faq', OLD.id, OLD.updated_at, NEW.updated_at, 0,
      json_object('locale', OLD.locale, 'question', OLD.question, 'answer', OLD.answer));
END;
CREATE TRIGGER faq_was_deleted AFTER DELETE ON faq
BEGIN
  INSERT INTO knowledge_past (workspace, kind, id, updated_at, until, gone, was)
    VALUES (OLD.workspace, 'faq', OLD.id, OLD.updated_at,
      MAX(OLD.updated_at, COALESCE((SELECT revision FROM bots WHERE workspace = OLD.workspace), 0)), 1,
      json_object('locale', OLD.locale, 'question', OLD.question, 'answer', OLD.answer));
END;

CREATE TRIGGER articles_were_changed AFTER UPDATE ON articles
WHEN OLD.updated_at <> NEW.updated_at
  AND (OLD.title_en, OLD.title_zh, OLD.body_en, OLD.body_zh) <> (NEW.title_en, NEW.title_zh, NEW.body_en, NEW.body_zh)
BEGIN
  INSERT INTO knowledge_past (workspace, kind, id, updated_at, until, gone, was)
    VALUES (OLD.workspace, 'article', OLD.id, OLD.updated_at, NEW.updated_at, 0,
      json_object('title', json_object('en', OLD.title_en, 'zh', OLD.title_zh), 'body', json_object('en', OLD.body_en, 'zh', OLD.body_zh),
        'published', json(CASE WHEN OLD.published THEN 'true' ELSE 'false' END)));
END;
CREATE TRIGGER articles_were_deleted AFTER DELETE ON articles
BEGIN
  INSERT INTO knowledge_past (workspace, kind, id, updated_at, until, gone, was)
    VALUES (OLD.workspace, 'article', OLD.id, OLD.updated_at,
      MAX(OLD.updated_at, COALESCE((SELECT revision FROM bots WHERE workspace = OLD.workspace), 0)), 1,
      json_object('title', json_object('en', OLD.title_en, 'zh', OLD.title_zh), 'body', json_object('en', OLD.body_en, 'zh', OLD.body_zh),
        'published', json(CASE WHEN OLD.published THEN 'true' ELSE 'false' END)));
END;
