-- Who was ever in a class: the index of V1 has only those who are there now.
CREATE INDEX class_students_class_id_student_id_idx ON class_students (class_id, student_id);
