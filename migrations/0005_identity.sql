-- Free slots that a team keeps for visitors with a level; the serial number of the secret by which a site signs who its visitors are
-- (0: it has none, and the secret itself is derived), and whether names and addresses are taken from that alone.
ALTER TABLE teams ADD COLUMN reserved_slots INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sites ADD COLUMN identity INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sites ADD COLUMN must_prove INTEGER NOT NULL DEFAULT 0;
