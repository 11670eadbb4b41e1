-- The whole state of one district. Days are numbers since 1970-01-01, times are ms since 1970 UTC,
-- years are PowerSchool year ids (0: none); columns ending in _excl are exclusive ends.
-- Never edited once released: the next change is the next file.

CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;

CREATE TABLE school (
  number INTEGER PRIMARY KEY,
  dcid INTEGER NOT NULL,
  name TEXT NOT NULL,
  listed INTEGER NOT NULL DEFAULT 1,          -- seen at the last poll of PowerSchool
  phase INTEGER NOT NULL,
  since_ms INTEGER NOT NULL,
  by_who TEXT NOT NULL,
  epoch INTEGER NOT NULL DEFAULT 0,
  active INTEGER NOT NULL DEFAULT 0,
  chosen INTEGER NOT NULL DEFAULT 0,
  fallback INTEGER NOT NULL DEFAULT 0,
  verified INTEGER NOT NULL DEFAULT 0,
  sis_rolled_noted INTEGER NOT NULL DEFAULT 0,
  before_sis_rollover INTEGER NOT NULL DEFAULT 0,
  rolled_year INTEGER NOT NULL DEFAULT 0,     -- the year the evidence below speaks of
  rolled_active INTEGER NOT NULL DEFAULT 0,
  rolled_promoted INTEGER NOT NULL DEFAULT 0,
  inventory_year INTEGER NOT NULL DEFAULT 0,  -- the year for which Schoology was inventoried
  found_users INTEGER NOT NULL DEFAULT 0,     -- what that inventory saw: is the building in use?
  found_sections INTEGER NOT NULL DEFAULT 0,
  changed_ms INTEGER NOT NULL DEFAULT 0       -- the last change of choice, map or configuration
);

CREATE TABLE term (
  school INTEGER NOT NULL, id INTEGER NOT NULL, dcid INTEGER NOT NULL, yearid INTEGER NOT NULL,
  is_year INTEGER NOT NULL, portion INTEGER NOT NULL, name TEXT, abbreviation TEXT,
  first INTEGER, last INTEGER,
  mapped_first INTEGER, mapped_last INTEGER,  -- the dates when it was mapped: term-moved compares
  PRIMARY KEY (school, id)
) WITHOUT ROWID;

CREATE TABLE term_map (
  school INTEGER NOT NULL, term INTEGER NOT NULL, period INTEGER NOT NULL,
  by_who TEXT NOT NULL, at_ms INTEGER NOT NULL, forced_reason TEXT,
  PRIMARY KEY (school, term, period)
) WITHOUT ROWID;

CREATE TABLE period (id INTEGER PRIMARY KEY, title TEXT NOT NULL, start INTEGER, end INTEGER, present INTEGER NOT NULL);
CREATE TABLE role (id INTEGER PRIMARY KEY, title TEXT NOT NULL, role_type INTEGER NOT NULL);
CREATE TABLE building (id INTEGER PRIMARY KEY, title TEXT NOT NULL, code TEXT, is_school INTEGER NOT NULL DEFAULT 0);

CREATE TABLE block (
  school INTEGER NOT NULL,                    -- 0: the whole district
  code TEXT NOT NULL, since_ms INTEGER NOT NULL, why TEXT NOT NULL,
  PRIMARY KEY (school, code)
) WITHOUT ROWID;

CREATE TABLE override_ (
  school INTEGER NOT NULL, check_ TEXT NOT NULL, year INTEGER NOT NULL,
  reason TEXT NOT NULL, who TEXT NOT NULL, at_ms INTEGER NOT NULL,
  PRIMARY KEY (school, check_, year)
) WITHOUT ROWID;

-- What PowerSchool said, by SIS key.
CREATE TABLE source (
  school INTEGER NOT NULL, kind INTEGER NOT NULL, key INTEGER NOT NULL,
  a INTEGER NOT NULL DEFAULT 0, b INTEGER NOT NULL DEFAULT 0, -- the target object it speaks of
  raw_hash BLOB, context INTEGER NOT NULL DEFAULT 0,           -- fingerprint of the bytes; mapping version it was read under
  data BLOB NOT NULL,                                          -- packed record
  verdict INTEGER NOT NULL, effect INTEGER NOT NULL, again INTEGER, judged_ms INTEGER NOT NULL,
  missing INTEGER NOT NULL DEFAULT 0,                          -- 1: gone from a proven pull, 2: confirmed by asking for its key
  PRIMARY KEY (school, kind, key)
) WITHOUT ROWID;
CREATE INDEX source_target ON source (kind, a, b);
CREATE INDEX source_school_target ON source (school, kind, a, b); -- the desired side, in target order
CREATE INDEX source_person ON source (b, kind) WHERE b <> 0;

-- What Schoology has confirmed to hold, by SIS identity.
CREATE TABLE mirror (
  kind INTEGER NOT NULL, a INTEGER NOT NULL, b INTEGER NOT NULL,
  school INTEGER NOT NULL, year INTEGER NOT NULL,
  key TEXT NOT NULL,                                           -- frozen external key
  sgy_id INTEGER NOT NULL DEFAULT 0, origin INTEGER NOT NULL,
  data BLOB NOT NULL, role_by_us INTEGER NOT NULL DEFAULT 0,
  gone INTEGER NOT NULL DEFAULT 0, restorable INTEGER NOT NULL DEFAULT 0, acting INTEGER NOT NULL DEFAULT 0,
  confirmed_ms INTEGER NOT NULL,
  PRIMARY KEY (kind, a, b)
) WITHOUT ROWID;
CREATE INDEX mirror_year ON mirror (kind, school, year, a, b);
CREATE INDEX mirror_school ON mirror (kind, school, a, b);
CREATE INDEX mirror_key ON mirror (kind, key COLLATE NOCASE);

-- Which mirrored sections stand in which grading period: made from their packed values.
CREATE TABLE section_period (
  section INTEGER NOT NULL, period INTEGER NOT NULL, year INTEGER NOT NULL,
  PRIMARY KEY (section, period)
) WITHOUT ROWID;
CREATE INDEX section_period_year ON section_period (period, year);

-- What the inventory found in Schoology, made by whomever.
CREATE TABLE found (
  kind INTEGER NOT NULL, id INTEGER NOT NULL,
  key TEXT, email TEXT, username TEXT, first TEXT, preferred TEXT, last TEXT,
  title TEXT, role INTEGER NOT NULL DEFAULT 0, building INTEGER NOT NULL DEFAULT 0, parent INTEGER NOT NULL DEFAULT 0,
  periods TEXT, synced INTEGER NOT NULL DEFAULT 0, inactive INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (kind, id)
) WITHOUT ROWID;
-- Schoology folds case and people leave blanks: keys are compared without either.
CREATE INDEX found_key ON found (kind, trim(key) COLLATE NOCASE);
CREATE INDEX found_email ON found (kind, trim(email) COLLATE NOCASE);
CREATE INDEX found_username ON found (kind, trim(username) COLLATE NOCASE);
CREATE INDEX found_parent ON found (kind, parent);
CREATE INDEX found_building ON found (kind, building);

CREATE TABLE run (
  id INTEGER PRIMARY KEY AUTOINCREMENT, school INTEGER NOT NULL, kind INTEGER NOT NULL, state INTEGER NOT NULL,
  epoch INTEGER NOT NULL, year INTEGER NOT NULL, who TEXT NOT NULL,
  started_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL DEFAULT 0, plan INTEGER NOT NULL DEFAULT 0,
  outcome TEXT, why TEXT,                                      -- outcome: done, failed, stopped, interrupted
  counts TEXT                                                  -- JSON: admitted and verdicts by kind
);
CREATE INDEX run_school ON run (school, id);
CREATE INDEX run_outcome ON run (school, kind, outcome, id);
CREATE INDEX run_open ON run (id) WHERE ended_ms = 0;

CREATE TABLE plan (
  id INTEGER PRIMARY KEY AUTOINCREMENT, school INTEGER NOT NULL, run INTEGER NOT NULL, epoch INTEGER NOT NULL,
  year INTEGER NOT NULL, kind INTEGER NOT NULL, state TEXT NOT NULL, -- building, sealed, applying, done, abandoned
  digest TEXT, items INTEGER NOT NULL DEFAULT 0, created_ms INTEGER NOT NULL, sealed_ms INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX plan_school ON plan (school, id);
CREATE INDEX plan_created ON plan (created_ms);

CREATE TABLE plan_item (
  plan INTEGER NOT NULL, seq INTEGER NOT NULL,
  stage INTEGER NOT NULL, kind INTEGER NOT NULL, op INTEGER NOT NULL, a INTEGER NOT NULL, b INTEGER NOT NULL,
  key TEXT NOT NULL, fields INTEGER NOT NULL, before BLOB, after BLOB, login INTEGER NOT NULL, waits INTEGER NOT NULL, why TEXT,
  state INTEGER NOT NULL, batch INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
  code INTEGER NOT NULL DEFAULT 0, message TEXT, sent_ms INTEGER NOT NULL DEFAULT 0, ended_ms INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (plan, seq)
) WITHOUT ROWID;
CREATE INDEX plan_item_open ON plan_item (plan, state, stage, seq);
CREATE INDEX plan_item_ident ON plan_item (kind, a, b);
CREATE INDEX plan_item_batch ON plan_item (batch) WHERE batch <> 0;

-- One bulk call: recorded before it leaves.
CREATE TABLE batch (
  id INTEGER PRIMARY KEY AUTOINCREMENT, plan INTEGER NOT NULL, school INTEGER NOT NULL, stage INTEGER NOT NULL,
  epoch INTEGER NOT NULL, count INTEGER NOT NULL, sent_ms INTEGER NOT NULL, state INTEGER NOT NULL -- 0 sent, 1 answered, 2 lost, 3 settled
);
CREATE INDEX batch_open ON batch (state, school);
CREATE INDEX batch_plan ON batch (plan);

-- A grading period that a person asked to create.
CREATE TABLE period_intent (
  id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL UNIQUE, start INTEGER NOT NULL, end INTEGER NOT NULL,
  year INTEGER NOT NULL, state INTEGER NOT NULL, period INTEGER NOT NULL DEFAULT 0, at_ms INTEGER NOT NULL, who TEXT NOT NULL
);

CREATE TABLE quarantine (
  school INTEGER NOT NULL, what INTEGER NOT NULL,              -- 0: a source record, 1: a target object
  kind INTEGER NOT NULL, a INTEGER NOT NULL, b INTEGER NOT NULL,
  digest BLOB, code TEXT NOT NULL, message TEXT, since_ms INTEGER NOT NULL,
  PRIMARY KEY (school, what, kind, a, b)
) WITHOUT ROWID;

CREATE TABLE history (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, school INTEGER NOT NULL, epoch INTEGER NOT NULL,
  from_ TEXT NOT NULL, event TEXT NOT NULL, to_ TEXT NOT NULL, year INTEGER NOT NULL, why TEXT NOT NULL, who TEXT NOT NULL
);
CREATE INDEX history_school ON history (school, id);

CREATE TABLE token (
  token TEXT PRIMARY KEY, uid INTEGER NOT NULL, action TEXT NOT NULL, digest TEXT NOT NULL, expires_ms INTEGER NOT NULL
) WITHOUT ROWID;
