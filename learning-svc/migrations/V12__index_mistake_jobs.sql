-- Work of one caller in the order in which it is taken: a caller's work is found without reading the
-- whole queue.
CREATE INDEX mistake_jobs_user_id_idx ON mistake_jobs (kind, user_id, is_bulk, not_before, mistake_id);

-- Likewise of one student; the first two columns serve whoever counts. The old one goes last: from
-- then on nobody can read the table until the transaction ends.
CREATE INDEX mistake_jobs_student_idx
    ON mistake_jobs (student_id, kind, user_id, is_bulk, not_before, mistake_id);
DROP INDEX mistake_jobs_student_id_idx;
ALTER INDEX mistake_jobs_student_idx RENAME TO mistake_jobs_student_id_idx;
