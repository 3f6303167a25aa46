-- Rosters whose last step is not done: hardly ever any.
CREATE INDEX imports_untidy_idx ON imports (id)
 WHERE kind = 'roster' AND (extra @? '$.needless[0]' OR extra @? '$.renamed[0]');
