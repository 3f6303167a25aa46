-- The call that enrolled a student, so that it is answered alike when it is repeated; none where the student
-- joined or was imported, and for those who were there before this migration. Nothing is rewritten.
ALTER TABLE class_students ADD COLUMN batch_id uuid;
