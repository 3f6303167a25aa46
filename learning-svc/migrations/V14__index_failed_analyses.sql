-- Mistakes whose analysis was given up: few. Reads go on while it is built, writes wait.
CREATE INDEX mistakes_failed_idx ON mistakes (id) WHERE analysis_status = 'failed' AND deleted_at IS NULL;
