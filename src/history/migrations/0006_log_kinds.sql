-- The log also says what was removed. Such a line belongs to a run, or to the log itself, and to no visit.

CREATE TABLE log_of_all_kinds (
    sequence INTEGER PRIMARY KEY NOT NULL,
    line     TEXT NOT NULL,             -- the JSON text whose sum the next line carries
    hash     TEXT NOT NULL,             -- SHA-256 of the line, in hexadecimal
    run      TEXT,
    site     TEXT,
    visit    INTEGER,
    through  INTEGER,                   -- the last of the oldest lines, which this line says were removed
    UNIQUE (run, site, visit)
) STRICT;

INSERT INTO log_of_all_kinds (sequence, line, hash, run, site, visit)
SELECT sequence, line, hash, run, site, visit FROM log;

DROP TABLE log;

ALTER TABLE log_of_all_kinds RENAME TO log;

CREATE TRIGGER log_is_never_changed BEFORE UPDATE ON log
BEGIN
    SELECT RAISE(ABORT, 'lines of the connection log are never changed');
END;

-- Only the beginning may go, and only after a line that says so.
CREATE TRIGGER log_is_never_shortened BEFORE DELETE ON log
WHEN NOT EXISTS (SELECT 1 FROM log WHERE through >= OLD.sequence AND sequence > OLD.sequence)
BEGIN
    SELECT RAISE(ABORT, 'lines of the connection log are never removed');
END;

-- Runs that have ended and whose visits all have their line, so that they need not be read again.
CREATE TABLE logged_runs (
    run   TEXT PRIMARY KEY NOT NULL,
    ended TEXT NOT NULL                 -- as the run said it then; one that was gone on with ends anew
) STRICT, WITHOUT ROWID;
