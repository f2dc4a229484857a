-- Runs that judged only some checks (--only) are no part of a site's course.

ALTER TABLE runs ADD COLUMN partial INTEGER NOT NULL DEFAULT 0;

-- Those still on disk are taken in once more, and say which they are.
UPDATE runs SET stamp = '';
