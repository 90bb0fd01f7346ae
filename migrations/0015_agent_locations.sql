-- Where an agent is, for routing by distance: JSON of latitude and longitude in degrees.
ALTER TABLE agents ADD COLUMN location TEXT;
