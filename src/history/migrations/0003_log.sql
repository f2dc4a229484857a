-- The connection log: one line for each visit, each with the sum of the line before. A line is never changed.

CREATE TABLE log (
    sequence INTEGER PRIMARY KEY NOT NULL,
    line     TEXT NOT NULL,             -- the JSON text whose sum the next line carries
    hash     TEXT NOT NULL,             -- SHA-256 of the line, in hexadecimal
    run      TEXT NOT NULL,
    site     TEXT NOT NULL,
    visit    INTEGER NOT NULL,
    UNIQUE (run, site, visit)
) STRICT;

CREATE TRIGGER log_is_never_changed BEFORE UPDATE ON log
BEGIN
    SELECT RAISE(ABORT, 'lines of the connection log are never changed');
END;

CREATE TRIGGER log_is_never_shortened BEFORE DELETE ON log
BEGIN
    SELECT RAISE(ABORT, 'lines of the connection log are never removed');
END;
