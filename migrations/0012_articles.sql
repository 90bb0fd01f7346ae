-- Articles of a workspace: one text for each language, in Markdown. Either language may be empty; a draft is shown to nobody but agents.
-- `revision` of `bots` counts their changes, too.
CREATE TABLE articles (
  id TEXT PRIMARY KEY,
  workspace TEXT NOT NULL REFERENCES workspaces (id),
  published INTEGER NOT NULL,
  title_en TEXT NOT NULL,
  title_zh TEXT NOT NULL,
  body_en TEXT NOT NULL,
  body_zh TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX articles_by_time ON articles (workspace, created_at);
