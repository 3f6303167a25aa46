-- A school, or a teacher on their own. Nobody sees anything of another organization.
CREATE TABLE organizations (
    id         uuid PRIMARY KEY,
    name       text NOT NULL,
    type       text NOT NULL CONSTRAINT organizations_type_check CHECK (type IN ('school', 'training_center', 'individual')),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

-- One account.
CREATE TABLE users (
    id                   uuid PRIMARY KEY,
    organization_id      uuid NOT NULL REFERENCES organizations (id),
    username             text NOT NULL,
    email                text,
    full_name            text NOT NULL,
    phone                text NOT NULL DEFAULT '',
    role                 text NOT NULL CONSTRAINT users_role_check CHECK (role IN ('admin', 'teacher', 'student')),
    -- PHC string of argon2id, or a bcrypt hash brought from version 1 until its owner signs in.
    password_hash        text NOT NULL,
    must_change_password boolean NOT NULL DEFAULT false,
    is_active            boolean NOT NULL DEFAULT true,
    locale               text NOT NULL DEFAULT '',
    -- The CreateUsers call that made it.
    batch_id             uuid,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,
    last_login_at        timestamptz
);
CREATE UNIQUE INDEX users_username_key ON users (lower(username));
CREATE UNIQUE INDEX users_email_key ON users (lower(email));
CREATE INDEX users_organization_id_idx ON users (organization_id, id);
CREATE INDEX users_batch_id_idx ON users (batch_id) WHERE batch_id IS NOT NULL;

-- One sign-in on one device: the family of its refresh tokens.
CREATE TABLE sessions (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    address      text NOT NULL,
    user_agent   text NOT NULL,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    ended_at     timestamptz
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id, id) WHERE ended_at IS NULL;
CREATE INDEX sessions_ended_at_idx ON sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

-- Refresh tokens as SHA-256, so that a copy of this table signs nobody in.
CREATE TABLE refresh_tokens (
    hash       bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    issued_at  timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    spent_at   timestamptz
);
CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens (session_id);

-- One-time tokens for a new password, as SHA-256.
CREATE TABLE password_resets (
    hash       bytea PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX password_resets_user_id_idx ON password_resets (user_id);
CREATE INDEX password_resets_expires_at_idx ON password_resets (expires_at);

-- Codes by which people join a school.
CREATE TABLE invitations (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id),
    code            text NOT NULL CONSTRAINT invitations_code_key UNIQUE,
    role            text NOT NULL CONSTRAINT invitations_role_check CHECK (role IN ('admin', 'teacher', 'student')),
    max_uses        integer NOT NULL CONSTRAINT invitations_max_uses_check CHECK (max_uses BETWEEN 1 AND 1000),
    uses            integer NOT NULL DEFAULT 0,
    created_by      uuid NOT NULL REFERENCES users (id),
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    revoked_at      timestamptz,
    CONSTRAINT invitations_uses_check CHECK (uses BETWEEN 0 AND max_uses)
);
CREATE INDEX invitations_organization_id_idx ON invitations (organization_id, id);

-- Security events. Kept when the account goes.
CREATE TABLE audit_events (
    id              uuid PRIMARY KEY,
    at              timestamptz NOT NULL,
    kind            text NOT NULL,
    organization_id uuid,
    actor_id        uuid,
    user_id         uuid,
    username        text NOT NULL,
    address         text NOT NULL,
    user_agent      text NOT NULL,
    request_id      text NOT NULL
);
CREATE INDEX audit_events_organization_id_idx ON audit_events (organization_id, id);
CREATE INDEX audit_events_at_idx ON audit_events (at);

-- Letters that wait to be sent.
CREATE TABLE outbox (
    id         uuid PRIMARY KEY,
    recipient  text NOT NULL,
    subject    text NOT NULL,
    body       text NOT NULL,
    attempts   integer NOT NULL DEFAULT 0,
    not_before timestamptz NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX outbox_not_before_idx ON outbox (not_before);

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
