-- Which list a run is of: only runs of one list are compared with each other.

ALTER TABLE runs ADD COLUMN list TEXT;

-- Those still on disk are taken in once more, and say which it is.
UPDATE runs SET stamp = '';
