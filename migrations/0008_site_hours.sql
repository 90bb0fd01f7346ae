-- When somebody works for a site: JSON as in teams. NULL: its team's hours, or the workspace's.
ALTER TABLE sites ADD COLUMN hours TEXT;
