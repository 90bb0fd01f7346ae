-- Teams get settings, agents what routing may know of them, sites a team. What is NULL is as in the workspace, or everybody's.
ALTER TABLE teams ADD COLUMN method TEXT;
ALTER TABLE teams ADD COLUMN overflow TEXT;
ALTER TABLE agents ADD COLUMN capacity INTEGER;
ALTER TABLE agents ADD COLUMN languages TEXT NOT NULL DEFAULT '[]';
ALTER TABLE agents ADD COLUMN skills TEXT NOT NULL DEFAULT '[]';
ALTER TABLE sites ADD COLUMN team TEXT;
-- Business hours, as JSON; NULL: always open, for a team: as the workspace.
ALTER TABLE workspaces ADD COLUMN hours TEXT;
ALTER TABLE teams ADD COLUMN hours TEXT;
