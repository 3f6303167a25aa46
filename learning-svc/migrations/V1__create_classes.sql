-- A pupil; the id is that of the account in auth-svc.
CREATE TABLE students (
    user_id         uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    username        text NOT NULL,
    full_name       text NOT NULL,
    student_no      text,
    grade           text NOT NULL DEFAULT '',
    target_exam     text NOT NULL DEFAULT '',
    target_score    double precision,
    cefr_level      text CONSTRAINT students_cefr_level_check CHECK (cefr_level IN ('A1', 'A2', 'B1', 'B2', 'C1', 'C2')),
    study_goal      text NOT NULL DEFAULT '',
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    CONSTRAINT students_organization_id_student_no_key UNIQUE (organization_id, student_no)
);
CREATE INDEX students_organization_id_full_name_idx ON students (organization_id, full_name, user_id);

-- A group of pupils in one term, headed by one teacher.
CREATE TABLE classes (
    id                uuid PRIMARY KEY,
    organization_id   uuid NOT NULL,
    name              text NOT NULL,
    description       text NOT NULL DEFAULT '',
    grade             text NOT NULL DEFAULT '',
    semester          text NOT NULL DEFAULT '',
    head_teacher_id   uuid NOT NULL,
    head_teacher_name text NOT NULL,
    max_students      integer NOT NULL CONSTRAINT classes_max_students_check CHECK (max_students BETWEEN 1 AND 500),
    join_code         text NOT NULL CONSTRAINT classes_join_code_key UNIQUE,
    status            text NOT NULL CONSTRAINT classes_status_check CHECK (status IN ('active', 'archived')),
    archived_at       timestamptz,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL
);
CREATE INDEX classes_head_teacher_id_idx ON classes (head_teacher_id, id);
CREATE INDEX classes_organization_id_idx ON classes (organization_id, id);

-- Teachers who help the head teacher.
CREATE TABLE class_assistants (
    class_id   uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
    teacher_id uuid NOT NULL,
    full_name  text NOT NULL,
    added_at   timestamptz NOT NULL,
    CONSTRAINT class_assistants_pkey PRIMARY KEY (class_id, teacher_id)
);
CREATE INDEX class_assistants_teacher_id_idx ON class_assistants (teacher_id, class_id);

-- One stay of a pupil in a class. Leaving ends it and deletes nothing.
CREATE TABLE class_students (
    id                uuid PRIMARY KEY,
    class_id          uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
    student_id        uuid NOT NULL REFERENCES students (user_id) ON DELETE CASCADE,
    enrollment_status text NOT NULL
        CONSTRAINT class_students_enrollment_status_check CHECK (enrollment_status IN ('active', 'left', 'graduated')),
    enrolled_at       timestamptz NOT NULL,
    ended_at          timestamptz,
    notes             text NOT NULL DEFAULT '',
    CONSTRAINT class_students_ended_at_check CHECK ((enrollment_status = 'active') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX class_students_active_key ON class_students (class_id, student_id)
    WHERE enrollment_status = 'active';
CREATE INDEX class_students_student_id_idx ON class_students (student_id, class_id);

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
