-- The place of what comes beside this.
DROP TABLE IF EXISTS pictures_to_come;
