-- Before the first review of a mistake nothing is known of its recall: that is no probability of 0.
ALTER TABLE reviews ALTER COLUMN retrievability DROP NOT NULL;
UPDATE reviews SET retrievability = NULL WHERE retrievability = 0;
