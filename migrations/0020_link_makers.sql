-- Who made a link: it is good for as long as they may manage whose it is. Null: the deployment's operator, or a version that did not note it.
ALTER TABLE links ADD COLUMN made_by TEXT;
