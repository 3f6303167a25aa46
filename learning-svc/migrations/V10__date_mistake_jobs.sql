-- Since when a piece of work waits, however often it was put off: `not_before` moves on.
ALTER TABLE mistake_jobs ADD COLUMN queued_at timestamptz NOT NULL DEFAULT now();
