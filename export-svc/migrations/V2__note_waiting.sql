-- Since when a task cannot be done because something it needs is away; it gives up after a day.
ALTER TABLE tasks ADD COLUMN waiting_since timestamptz;
