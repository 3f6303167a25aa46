-- Since when auth-svc calls the student by this name, as far as it is known here: an older name
-- never replaces a newer one.
ALTER TABLE students ADD COLUMN renamed_at timestamptz NOT NULL DEFAULT 'epoch';

-- How far the names that auth-svc keeps were copied. One row.
CREATE TABLE followed_names (
    is_only boolean PRIMARY KEY DEFAULT true CONSTRAINT followed_names_is_only_check CHECK (is_only),
    -- Whoever was renamed before has the present name here.
    moment  timestamptz NOT NULL,
    -- Counts what was written, so that of two processes that have read the same place one goes on.
    turn    bigint NOT NULL
);
INSERT INTO followed_names (moment, turn) VALUES ('epoch', 0);
