-- One document that somebody asked for, from the order to the file.
CREATE TABLE tasks (
    id              uuid PRIMARY KEY,
    -- Who asked; the work is done under this identity.
    user_id         uuid NOT NULL,
    user_role       text NOT NULL,
    organization_id uuid NOT NULL,
    document        text NOT NULL CONSTRAINT tasks_document_check CHECK (document IN ('mistake_book', 'class_mistake_books')),
    format          text NOT NULL CONSTRAINT tasks_format_check CHECK (format IN ('pdf', 'markdown')),
    student_id      uuid,
    class_id        uuid,
    student_ids     uuid[] NOT NULL DEFAULT '{}',
    options         jsonb NOT NULL,
    title           text NOT NULL,
    status          text NOT NULL
        CONSTRAINT tasks_status_check
        CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled', 'expired')),
    done            integer NOT NULL DEFAULT 0,
    total           integer NOT NULL,
    -- How often a worker has taken it.
    attempts        integer NOT NULL DEFAULT 0,
    not_before      timestamptz NOT NULL,
    -- The worker that has it, and until when it must have said that it lives.
    worker          uuid,
    lease_until     timestamptz,
    file_key        text,
    file_name       text NOT NULL DEFAULT '',
    file_size_bytes bigint NOT NULL DEFAULT 0,
    error_code      text NOT NULL DEFAULT '',
    error_detail    text NOT NULL DEFAULT '',
    created_at      timestamptz NOT NULL,
    started_at      timestamptz,
    finished_at     timestamptz,
    expires_at      timestamptz,
    CONSTRAINT tasks_worker_check CHECK ((status = 'running') = (worker IS NOT NULL AND lease_until IS NOT NULL)),
    CONSTRAINT tasks_file_key_check CHECK (status <> 'completed' OR file_key IS NOT NULL)
);
CREATE INDEX tasks_user_id_idx ON tasks (user_id, id DESC);
CREATE INDEX tasks_organization_id_finished_at_idx ON tasks (organization_id, finished_at);
CREATE INDEX tasks_queued_idx ON tasks (not_before, id) WHERE status = 'queued';
CREATE INDEX tasks_running_idx ON tasks (lease_until) WHERE status = 'running';
CREATE INDEX tasks_completed_idx ON tasks (expires_at) WHERE status = 'completed';

-- What a repeated creating call returns instead of creating twice.
CREATE TABLE idempotency_keys (
    caller       uuid NOT NULL,
    method       text NOT NULL,
    key          text NOT NULL,
    request_hash bytea NOT NULL,
    result_id    uuid NOT NULL,
    created_at   timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (caller, method, key)
);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);
