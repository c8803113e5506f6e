-- Layout 5: checksums, so that damage is found and not served (see `sum.rs`). NULL: written before there were any.

ALTER TABLE contact ADD COLUMN sum INTEGER;
ALTER TABLE conversation ADD COLUMN sum INTEGER;
ALTER TABLE inbox ADD COLUMN sum INTEGER;
ALTER TABLE outbox ADD COLUMN sum INTEGER;
-- Of a send that waits for a person's word: the one it will have in the outbox again.
ALTER TABLE sent ADD COLUMN sum INTEGER;
