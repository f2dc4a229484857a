-- What people decided. Rows are added, never changed and never taken away: a decision is undone by another one.
-- Nothing here can be made again from the runs, so it does not hang on their rows.

CREATE TABLE reviews (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    at          TEXT NOT NULL,          -- RFC 3339, UTC
    reviewer    TEXT NOT NULL,
    decision    TEXT NOT NULL CHECK (decision IN ('confirm', 'pass', 'fail', 'recheck', 'disputed')),
    note        TEXT NOT NULL,
    run         TEXT NOT NULL,          -- the run that the reviewer looked at
    site        TEXT NOT NULL,
    check_name  TEXT NOT NULL,
    fingerprint TEXT NOT NULL,          -- of the facts that were decided about
    status      TEXT NOT NULL,          -- what the program said then
    code        TEXT NOT NULL,
    rules       TEXT NOT NULL,          -- version of the rules by which it said so
    was         TEXT                    -- the decision that stood before, if there was one
) STRICT;

CREATE INDEX reviews_by_finding ON reviews (site, check_name, fingerprint, id);

CREATE TRIGGER reviews_stay BEFORE UPDATE ON reviews
BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END;

CREATE TRIGGER reviews_are_kept BEFORE DELETE ON reviews
BEGIN SELECT RAISE(ABORT, 'decisions are never deleted'); END;

-- One site id for several agencies, accepted by a person. The newest row of an id counts.
CREATE TABLE accepted_ids (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    at          TEXT NOT NULL,
    reviewer    TEXT NOT NULL,
    emc_site_id INTEGER NOT NULL,
    agencies    TEXT NOT NULL,          -- JSON, an array of names; empty: no longer accepted
    note        TEXT NOT NULL
) STRICT;

CREATE TRIGGER accepted_ids_stay BEFORE UPDATE ON accepted_ids
BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END;

CREATE TRIGGER accepted_ids_are_kept BEFORE DELETE ON accepted_ids
BEGIN SELECT RAISE(ABORT, 'decisions are never deleted'); END;
