-- Visits by site and month, as EMC counted them and people imported them. No run makes them again.

CREATE TABLE visits (
    site     TEXT NOT NULL,
    month    TEXT NOT NULL,             -- 2026-11
    visits   INTEGER NOT NULL,
    imported TEXT NOT NULL,             -- RFC 3339, UTC
    PRIMARY KEY (site, month)
) STRICT, WITHOUT ROWID;
