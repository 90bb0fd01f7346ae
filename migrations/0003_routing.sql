-- How a workspace routes, as JSON; empty: nothing was ever set. The Desk works with a copy: `routing_told` is the version
-- that it has confirmed, and the sweep tells it until that is `routing_version`.
ALTER TABLE workspaces ADD COLUMN routing TEXT NOT NULL DEFAULT '';
ALTER TABLE workspaces ADD COLUMN routing_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE workspaces ADD COLUMN routing_told INTEGER NOT NULL DEFAULT 0;
