-- Work of one caller in the order in which it is taken: a caller's work is found without reading the
-- whole queue.
CREATE INDEX mistake_jobs_user_id_idx ON mistake_jobs (kind, user_id, is_bulk, not_before, mistake_id);

-- Likewise of one student; the first two columns serve whoever counts.
DROP INDEX mistake_jobs_student_id_idx;
CREATE INDEX mistake_jobs_student_id_idx
    ON mistake_jobs (student_id, kind, user_id, is_bulk, not_before, mistake_id);
