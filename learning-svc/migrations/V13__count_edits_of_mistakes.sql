-- How often people have changed or reviewed an entry, and how often it was counted up since it was
-- made, imports that were taken back left out as far as nothing came after them. Unknown of the
-- entries that are there already: of those, any version but the first may be somebody's work. No
-- statement rewrites the table.
ALTER TABLE mistakes ADD COLUMN edits integer, ADD COLUMN raises integer;
ALTER TABLE mistakes ALTER COLUMN edits SET DEFAULT 0, ALTER COLUMN raises SET DEFAULT 0;
