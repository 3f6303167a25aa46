-- One uploaded spreadsheet, compared with what is there; `kind` says with what.
CREATE TABLE imports (
    id                 uuid PRIMARY KEY,
    kind               text NOT NULL CONSTRAINT imports_kind_check CHECK (kind IN ('roster', 'mistakes')),
    class_id           uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
    organization_id    uuid NOT NULL,
    created_by         uuid NOT NULL,
    file_name          text NOT NULL,
    encoding           text NOT NULL,
    status             text NOT NULL CONSTRAINT imports_status_check CHECK (status IN ('ready', 'committed', 'undone')),
    new_rows           integer NOT NULL,
    changed_rows       integer NOT NULL,
    unchanged_rows     integer NOT NULL,
    refused_rows       integer NOT NULL,
    ignored_columns    text[] NOT NULL,
    -- Digest of what the dry run said: it no longer holds when a second one says something else.
    fingerprint        bytea NOT NULL,
    -- What one kind of import remembers beside its rows.
    extra              jsonb NOT NULL DEFAULT '{}',
    created_at         timestamptz NOT NULL,
    committed_at       timestamptz,
    undone_at          timestamptz,
    -- Set when there are first passwords to take, until somebody takes them.
    passwords_waiting  boolean NOT NULL DEFAULT false,
    passwords_taken_at timestamptz
);
CREATE INDEX imports_class_id_idx ON imports (class_id, kind, id);
CREATE INDEX imports_organization_id_idx ON imports (organization_id, kind, id);
CREATE INDEX imports_created_at_idx ON imports (created_at);

-- One row of a spreadsheet and what becomes of it.
CREATE TABLE import_rows (
    import_id uuid NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    line      integer NOT NULL,
    outcome   text NOT NULL
        CONSTRAINT import_rows_outcome_check CHECK (outcome IN ('new', 'changed', 'unchanged', 'refused')),
    cells     jsonb NOT NULL,
    changes   jsonb NOT NULL,
    problems  jsonb NOT NULL,
    -- How to take the row back; absent until it is committed.
    undo      jsonb,
    CONSTRAINT import_rows_pkey PRIMARY KEY (import_id, line)
);
