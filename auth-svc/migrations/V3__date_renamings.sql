-- When somebody was renamed last; never, when there is nothing. learning-svc keeps copies of names
-- and asks for what has changed since it asked before.
ALTER TABLE users ADD COLUMN renamed_at timestamptz;
CREATE INDEX users_renamed_at_idx ON users (renamed_at, id) WHERE renamed_at IS NOT NULL;
