-- Entries that were called mastered before any review never came back: they get the memory that such
-- an entry has from now on, of one that was easy the first time, beginning with this migration.
UPDATE mistakes
   SET stability_days = 8.2956, difficulty = 1, memory_at = now(), interval_days = 9,
       due_at = now() + interval '9 days'
 WHERE status = 'mastered' AND memory_at IS NULL AND due_at IS NULL;
