-- What the guards need: the waiting room, last year's figures, the canary, staged release, alerts.

-- One operation that a person must decide on; it outlives the plans that plan it again.
CREATE TABLE waiting (
  school INTEGER NOT NULL, kind INTEGER NOT NULL, a INTEGER NOT NULL, b INTEGER NOT NULL,
  op INTEGER NOT NULL, year INTEGER NOT NULL, fields INTEGER NOT NULL,
  digest BLOB NOT NULL,                       -- of what would be done: another digest is another question
  key TEXT NOT NULL, why TEXT NOT NULL,
  guarded INTEGER NOT NULL,                   -- it waits for the number of its like, not for what it is
  plan INTEGER NOT NULL, seq INTEGER NOT NULL, -- where it stands now, to be shown
  since_ms INTEGER NOT NULL,
  state INTEGER NOT NULL DEFAULT 0,           -- 0 open, 1 approved, 2 rejected
  who TEXT, reason TEXT, at_ms INTEGER NOT NULL DEFAULT 0, -- of the decision
  PRIMARY KEY (school, kind, a, b)
) WITHOUT ROWID;
CREATE INDEX waiting_since ON waiting (state, since_ms);

-- What a school held in a year, by grade and subject: the next year's counts are measured by it.
CREATE TABLE figure (
  school INTEGER NOT NULL, year INTEGER NOT NULL, grade INTEGER NOT NULL, subject TEXT NOT NULL,
  sections INTEGER NOT NULL, students INTEGER NOT NULL, memberships INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  PRIMARY KEY (school, year, grade, subject)
) WITHOUT ROWID;

-- The subject of a course at a school, where PowerSchool grants it; by the course's identity.
CREATE TABLE subject (
  school INTEGER NOT NULL, course INTEGER NOT NULL, name TEXT NOT NULL,
  PRIMARY KEY (school, course)
) WITHOUT ROWID;

-- Schools that are to be resumed when another one's first run is verified clean.
CREATE TABLE follower (
  school INTEGER PRIMARY KEY, canary INTEGER NOT NULL, year INTEGER NOT NULL,
  who TEXT NOT NULL, reason TEXT, at_ms INTEGER NOT NULL
);
CREATE INDEX follower_canary ON follower (canary);

-- An alert that was told and is not over; cleared rows stay as a record of when.
CREATE TABLE alert (
  code TEXT NOT NULL, school INTEGER NOT NULL, -- 0: the district
  since_ms INTEGER NOT NULL, said_ms INTEGER NOT NULL DEFAULT 0, cleared_ms INTEGER NOT NULL DEFAULT 0,
  step INTEGER NOT NULL DEFAULT 0, -- another step of the same matter is told again: 14, 3, 1 days before
  text TEXT NOT NULL,
  PRIMARY KEY (code, school)
) WITHOUT ROWID;

ALTER TABLE school ADD COLUMN released_from INTEGER;               -- day; NULL: as configured
ALTER TABLE school ADD COLUMN released_who TEXT;
ALTER TABLE school ADD COLUMN drops_ms INTEGER NOT NULL DEFAULT 0; -- when a run last took up drops
ALTER TABLE quarantine ADD COLUMN plan INTEGER NOT NULL DEFAULT 0; -- the last plan that wanted what was refused
ALTER TABLE found ADD COLUMN additional_buildings TEXT;

-- People whose account somebody may have made inactive by hand: Schoology is asked before the next plan.
CREATE TABLE recheck (person INTEGER PRIMARY KEY, fresh INTEGER NOT NULL); -- fresh: take what Schoology says of him

-- Stages are numbered in the order of sending; some came between.
UPDATE plan_item SET stage = CASE WHEN stage < 6 THEN stage + 1 WHEN stage = 8 THEN 11 ELSE stage + 2 END;
UPDATE batch SET stage = CASE WHEN stage < 6 THEN stage + 1 WHEN stage = 8 THEN 11 ELSE stage + 2 END;

-- How far a look at what Schoology holds has come: the next one goes on there. daily: the daemon's own look.
CREATE TABLE check_pass (
  school INTEGER NOT NULL, daily INTEGER NOT NULL, year INTEGER NOT NULL,
  step INTEGER NOT NULL, after INTEGER NOT NULL,
  users INTEGER NOT NULL, sections INTEGER NOT NULL, courses INTEGER NOT NULL, accounts INTEGER NOT NULL,
  classes INTEGER NOT NULL, members INTEGER NOT NULL, -- seen so far, step by step
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (school, daily)
) WITHOUT ROWID;

-- What another writer made, or wrote over, where sisroll keeps the school; accepted: a person has looked at it.
CREATE TABLE foreign_object (
  school INTEGER NOT NULL, kind INTEGER NOT NULL, id INTEGER NOT NULL,
  key TEXT, parent INTEGER NOT NULL, building INTEGER NOT NULL,
  made INTEGER NOT NULL,                      -- 1: it is another's, 0: it is ours and was written over
  at_ms INTEGER NOT NULL, accepted_ms INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (school, kind, id)
) WITHOUT ROWID;

CREATE INDEX mirror_sgy ON mirror (kind, sgy_id);

-- When Schoology was found to hold something else than we wrote, and that was taken in; 0: it stands as written.
ALTER TABLE mirror ADD COLUMN read_ms INTEGER NOT NULL DEFAULT 0;
