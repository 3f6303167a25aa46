-- One entry of a mistake book. Deleted entries stay for 30 days.
CREATE TABLE mistakes (
    id                  uuid PRIMARY KEY,
    student_id          uuid NOT NULL REFERENCES students (user_id) ON DELETE CASCADE,
    organization_id     uuid NOT NULL,
    mistake_type        text NOT NULL CONSTRAINT mistakes_mistake_type_check CHECK (mistake_type IN (
        'grammar', 'vocabulary', 'reading', 'listening', 'writing', 'speaking', 'pronunciation', 'comprehension')),
    status              text NOT NULL
        CONSTRAINT mistakes_status_check CHECK (status IN ('pending', 'reviewing', 'mastered', 'ignored')),
    question            text NOT NULL,
    wrong_answer        text NOT NULL,
    correct_answer      text NOT NULL,
    explanation         text NOT NULL,
    topic               text NOT NULL,
    difficulty_level    text NOT NULL
        CONSTRAINT mistakes_difficulty_level_check CHECK (difficulty_level IN ('', 'A1', 'A2', 'B1', 'B2', 'C1', 'C2')),
    source              text NOT NULL,
    knowledge_points    jsonb NOT NULL DEFAULT '[]',
    knowledge_point_ids text[] NOT NULL DEFAULT '{}',
    times_wrong         integer NOT NULL CONSTRAINT mistakes_times_wrong_check CHECK (times_wrong > 0),
    review_count        integer NOT NULL DEFAULT 0,
    first_mistaken_at   timestamptz NOT NULL,
    last_mistaken_at    timestamptz NOT NULL,
    last_reviewed_at    timestamptz,
    -- No review is planned without it.
    due_at              timestamptz,
    -- State of memory after the last review that counted, at memory_at.
    stability_days      double precision,
    difficulty          double precision,
    memory_at           timestamptz,
    interval_days       integer,
    analysis_status     text NOT NULL
        CONSTRAINT mistakes_analysis_status_check CHECK (analysis_status IN ('queued', 'running', 'done', 'failed')),
    analysis            jsonb,
    -- SHA-256 of the normalised question and right answer.
    fingerprint         bytea NOT NULL,
    version             bigint NOT NULL DEFAULT 1,
    created_by          uuid NOT NULL,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    deleted_at          timestamptz,
    CONSTRAINT mistakes_memory_check CHECK (
        (stability_days IS NULL) = (memory_at IS NULL)
        AND (difficulty IS NULL) = (memory_at IS NULL)
        AND (interval_days IS NULL) = (memory_at IS NULL))
);
CREATE UNIQUE INDEX mistakes_student_id_fingerprint_key ON mistakes (student_id, fingerprint)
    WHERE deleted_at IS NULL;
CREATE INDEX mistakes_student_id_last_mistaken_at_idx ON mistakes (student_id, last_mistaken_at DESC, id DESC);
CREATE INDEX mistakes_organization_id_last_mistaken_at_idx
    ON mistakes (organization_id, last_mistaken_at DESC, id DESC);
CREATE INDEX mistakes_student_id_times_wrong_idx
    ON mistakes (student_id, times_wrong DESC, last_mistaken_at DESC, id DESC);
CREATE INDEX mistakes_student_id_due_at_idx ON mistakes (student_id, due_at)
    WHERE deleted_at IS NULL AND due_at IS NOT NULL;
CREATE INDEX mistakes_knowledge_point_ids_idx ON mistakes USING gin (knowledge_point_ids);
CREATE INDEX mistakes_deleted_at_idx ON mistakes (deleted_at) WHERE deleted_at IS NOT NULL;

-- Each time that a student got it wrong.
CREATE TABLE mistake_occurrences (
    mistake_id   uuid NOT NULL REFERENCES mistakes (id) ON DELETE CASCADE,
    -- The call or import that brought it, and its place there.
    batch_id     uuid NOT NULL,
    position     integer NOT NULL,
    wrong_answer text NOT NULL,
    mistaken_at  timestamptz NOT NULL,
    -- The entry was made with it, instead of found.
    is_first     boolean NOT NULL,
    CONSTRAINT mistake_occurrences_pkey PRIMARY KEY (batch_id, position)
);
CREATE INDEX mistake_occurrences_mistake_id_idx ON mistake_occurrences (mistake_id, mistaken_at);

-- Work for the background, done in the name of the one who caused it. No foreign key: what is
-- known elsewhere about an entry has to be forgotten also when the entry is gone.
CREATE TABLE mistake_jobs (
    mistake_id      uuid NOT NULL,
    kind            text NOT NULL CONSTRAINT mistake_jobs_kind_check CHECK (kind IN ('analyse', 'index', 'forget')),
    student_id      uuid NOT NULL,
    user_id         uuid NOT NULL,
    role            text NOT NULL,
    organization_id uuid NOT NULL,
    request_id      text NOT NULL,
    -- Part of an import: gives way to single entries.
    is_bulk         boolean NOT NULL,
    attempts        integer NOT NULL DEFAULT 0,
    not_before      timestamptz NOT NULL,
    worker          uuid,
    lease_until     timestamptz,
    CONSTRAINT mistake_jobs_pkey PRIMARY KEY (mistake_id, kind)
);
CREATE INDEX mistake_jobs_queue_idx ON mistake_jobs (kind, is_bulk, not_before, mistake_id);
CREATE INDEX mistake_jobs_student_id_idx ON mistake_jobs (student_id, kind);

-- One answer to one due entry; the id comes from the client.
CREATE TABLE reviews (
    id             uuid PRIMARY KEY,
    mistake_id     uuid NOT NULL REFERENCES mistakes (id) ON DELETE CASCADE,
    student_id     uuid NOT NULL REFERENCES students (user_id) ON DELETE CASCADE,
    reviewed_at    timestamptz NOT NULL,
    rating         smallint NOT NULL CONSTRAINT reviews_rating_check CHECK (rating BETWEEN 1 AND 4),
    is_correct     boolean NOT NULL,
    answer         text NOT NULL,
    stability_days double precision NOT NULL,
    difficulty     double precision NOT NULL,
    retrievability double precision NOT NULL,
    is_same_day    boolean NOT NULL,
    duration_ms    integer NOT NULL,
    next_due_at    timestamptz NOT NULL
);
CREATE INDEX reviews_student_id_reviewed_at_idx ON reviews (student_id, reviewed_at DESC, id DESC);
CREATE INDEX reviews_mistake_id_reviewed_at_idx ON reviews (mistake_id, reviewed_at DESC, id DESC);
