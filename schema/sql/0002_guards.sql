-- What the guards need: the waiting room, last year's figures, the canary, staged release, alerts.

-- One operation that a person must decide on; it outlives the plans that plan it again.
CREATE TABLE waiting (
  school INTEGER NOT NULL, kind INTEGER NOT NULL, a INTEGER NOT NULL, b INTEGER NOT NULL,
  op INTEGER NOT NULL,
  digest BLOB NOT NULL,                       -- of what would be done: another digest is another question
  key TEXT NOT NULL, why TEXT NOT NULL,
  plan INTEGER NOT NULL, seq INTEGER NOT NULL, -- where it stands now, to be shown
  since_ms INTEGER NOT NULL,
  state INTEGER NOT NULL DEFAULT 0,           -- 0 open, 1 approved, 2 rejected
  who TEXT, reason TEXT, at_ms INTEGER,       -- of the decision
  PRIMARY KEY (school, kind, a, b)
) WITHOUT ROWID;
CREATE INDEX waiting_since ON waiting (state, since_ms);

-- What a school held in a year, by grade and subject: the next year's counts are measured by it.
CREATE TABLE figure (
  school INTEGER NOT NULL, year INTEGER NOT NULL, grade INTEGER NOT NULL, subject TEXT NOT NULL,
  sections INTEGER NOT NULL, students INTEGER NOT NULL, memberships INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  PRIMARY KEY (school, year, grade, subject)
) WITHOUT ROWID;

-- An alert that was told and is not over; cleared rows stay as a record of when.
CREATE TABLE alert (
  code TEXT NOT NULL, school INTEGER NOT NULL, -- 0: the district
  since_ms INTEGER NOT NULL, said_ms INTEGER NOT NULL DEFAULT 0, cleared_ms INTEGER NOT NULL DEFAULT 0,
  text TEXT NOT NULL,
  PRIMARY KEY (code, school)
) WITHOUT ROWID;

ALTER TABLE school ADD COLUMN released_from INTEGER;               -- day; NULL: as configured
ALTER TABLE school ADD COLUMN released_who TEXT;
ALTER TABLE school ADD COLUMN raised_percent INTEGER NOT NULL DEFAULT 0; -- of drops, for the next run alone
ALTER TABLE school ADD COLUMN drops_ms INTEGER NOT NULL DEFAULT 0; -- when a run last took up drops
ALTER TABLE school ADD COLUMN canary INTEGER NOT NULL DEFAULT 0;   -- resumes when this school is verified
ALTER TABLE school ADD COLUMN canary_who TEXT;
ALTER TABLE school ADD COLUMN canary_reason TEXT;

ALTER TABLE found ADD COLUMN additional_buildings TEXT;

-- Stages are numbered in the order of sending; some came between.
UPDATE plan_item SET stage = CASE WHEN stage < 6 THEN stage + 1 WHEN stage = 8 THEN 11 ELSE stage + 2 END;
UPDATE batch SET stage = CASE WHEN stage < 6 THEN stage + 1 WHEN stage = 8 THEN 11 ELSE stage + 2 END;
