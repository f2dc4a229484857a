-- Runs, their sites and what each check said. Times are RFC 3339 in UTC, which sort as text.

CREATE TABLE runs (
    run      TEXT PRIMARY KEY NOT NULL,
    kind     TEXT NOT NULL,             -- full, recheck, check
    state    TEXT NOT NULL,             -- finished, interrupted
    started  TEXT NOT NULL,
    ended    TEXT,
    profile  TEXT NOT NULL,
    rules    TEXT NOT NULL,             -- version of the rules
    stamp    TEXT NOT NULL              -- size and time of the results that it was taken from
) STRICT;

CREATE INDEX runs_by_kind ON runs (kind, started);

CREATE TABLE sites (
    run      TEXT NOT NULL REFERENCES runs (run) ON DELETE CASCADE,
    site     TEXT NOT NULL,
    host     TEXT NOT NULL,
    name     TEXT NOT NULL,
    role     TEXT NOT NULL,
    portal   TEXT,
    outcome  TEXT NOT NULL,
    reason   TEXT,
    verdict  TEXT NOT NULL,
    PRIMARY KEY (run, site)
) STRICT, WITHOUT ROWID;

CREATE INDEX sites_by_host ON sites (host, site, run);

CREATE TABLE findings (
    run         TEXT NOT NULL,
    site        TEXT NOT NULL,
    check_name  TEXT NOT NULL,
    status      TEXT NOT NULL,
    code        TEXT NOT NULL,
    mandatory   INTEGER NOT NULL,
    seen        TEXT NOT NULL,          -- visits in which the thing was seen, of all: 0/2
    fingerprint TEXT NOT NULL,
    PRIMARY KEY (run, site, check_name),
    FOREIGN KEY (run, site) REFERENCES sites (run, site) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
