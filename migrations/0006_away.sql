-- What a site does while nobody works: 'form', 'chat' or 'hide'.
ALTER TABLE sites ADD COLUMN when_closed TEXT NOT NULL DEFAULT 'form';
