-- Each time that the status of an entry changed, so that its status on a past day is known: the one
-- before the first change after that day, or the present one.
CREATE TABLE mistake_status_changes (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mistake_id uuid NOT NULL REFERENCES mistakes (id) ON DELETE CASCADE,
    student_id uuid NOT NULL,
    before     text NOT NULL,
    after      text NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE INDEX mistake_status_changes_student_id_idx ON mistake_status_changes (student_id, changed_at);
CREATE INDEX mistake_status_changes_mistake_id_idx ON mistake_status_changes (mistake_id);

-- A trigger, because an upsert does not tell what it replaced, and so that no write is forgotten.
CREATE FUNCTION log_mistake_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO mistake_status_changes (mistake_id, student_id, before, after, changed_at)
    VALUES (NEW.id, NEW.student_id, OLD.status, NEW.status, NEW.updated_at);
    RETURN NULL;
END
$$;
CREATE TRIGGER mistakes_log_status AFTER UPDATE OF status ON mistakes
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION log_mistake_status();

-- Entries that were only ever reviewed: their statuses follow from the reviews, with 21 days of
-- stability for mastery.
INSERT INTO mistake_status_changes (mistake_id, student_id, before, after, changed_at)
SELECT mistake_id, student_id, before, after, reviewed_at
  FROM (SELECT r.mistake_id, r.student_id, r.reviewed_at, r.id, s.after,
               coalesce(lag(s.after) OVER (PARTITION BY r.mistake_id ORDER BY r.reviewed_at, r.id),
                        'pending') AS before
          FROM reviews r
          JOIN mistakes m ON m.id = r.mistake_id AND m.version = m.review_count + 1
         CROSS JOIN LATERAL (SELECT CASE WHEN r.is_correct AND r.stability_days >= 21
                                         THEN 'mastered' ELSE 'reviewing' END AS after) s) steps
 WHERE before <> after
 ORDER BY reviewed_at, id;

-- From when on the statuses of all entries of a student are known; from the beginning when absent.
ALTER TABLE students ADD COLUMN statuses_known_from timestamptz;
UPDATE students
   SET statuses_known_from = now()
 WHERE EXISTS (SELECT FROM mistakes m
                WHERE m.student_id = user_id AND m.deleted_at IS NULL
                  AND m.version <> m.review_count + 1);
