-- Accounts that roster imports have made and are deleting. For as long as a row holds, nobody
-- enrolls the student: the account may be gone a moment later.
CREATE TABLE account_deletions (
    user_id uuid PRIMARY KEY,
    since timestamptz NOT NULL
);
CREATE INDEX account_deletions_since ON account_deletions (since);
