-- Layout 4: what leaves, in which order, and what is known about it afterwards.

-- When it was stored: what waits too long is given up. What waited before this layout counts from now on.
ALTER TABLE outbox ADD COLUMN stored_at INTEGER NOT NULL DEFAULT 0;
UPDATE outbox SET stored_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000;
-- What it is for: 0 an answer, 1 a reminder, 2 a broadcast; for counting.
ALTER TABLE outbox ADD COLUMN priority  INTEGER NOT NULL DEFAULT 0;
-- Its place: the moment it was stored, put off by what it is for. The head of a line has the best place of its line.
ALTER TABLE outbox ADD COLUMN rank_at   INTEGER NOT NULL DEFAULT 0;
-- Whether its due time has come: only such rows are looked through by place.
ALTER TABLE outbox ADD COLUMN ready     INTEGER NOT NULL DEFAULT 0;
-- Grows with each claim: what an earlier attempt tells settles nothing.
ALTER TABLE outbox ADD COLUMN attempt   INTEGER NOT NULL DEFAULT 0;
-- When its first attempt began; evidence from before it is of another message.
ALTER TABLE outbox ADD COLUMN began_at  INTEGER;
-- Digest of its text, by which the provider's word about it is recognised.
ALTER TABLE outbox ADD COLUMN words     BLOB;
-- What proves that a copy left, a colon, and the provider's id of that copy where it is known.
ALTER TABLE outbox ADD COLUMN proven    TEXT;
DROP INDEX outbox_due;
CREATE INDEX outbox_wait ON outbox (due_at) WHERE ready = 0 AND due_at IS NOT NULL;
CREATE INDEX outbox_ready ON outbox (rank_at, id) WHERE ready = 1;
CREATE INDEX outbox_priority ON outbox (priority, stored_at);

-- Whether it was repeated although an earlier attempt may have left.
ALTER TABLE sent ADD COLUMN resent    INTEGER NOT NULL DEFAULT 0;
-- What proved that it left, where no answer said so: 'receipts', 'tap' or 'late answer'.
ALTER TABLE sent ADD COLUMN evidence  TEXT;
-- The provider's id of a second copy that left as well.
ALTER TABLE sent ADD COLUMN double    TEXT;
-- The message as JSON while a person has to say what becomes of it.
ALTER TABLE sent ADD COLUMN asks      TEXT;
-- As in the outbox; the digest is kept for sends in doubt only.
ALTER TABLE sent ADD COLUMN priority  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sent ADD COLUMN attempt   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sent ADD COLUMN began_at  INTEGER;
ALTER TABLE sent ADD COLUMN words     BLOB;
CREATE INDEX sent_doubt ON sent (contact) WHERE words IS NOT NULL;
CREATE INDEX sent_unknown ON sent (at) WHERE outcome = 'unknown';
CREATE INDEX sent_refused ON sent (at) WHERE outcome = 'refused';
CREATE INDEX sent_asks ON sent (at) WHERE asks IS NOT NULL;
CREATE INDEX sent_resent ON sent (at) WHERE resent = 1;
CREATE INDEX sent_double ON sent (at) WHERE double IS NOT NULL;

-- Word about messages that no settled send has the id of: it came before our own answer, or the answer never came.
CREATE TABLE early (
    id        INTEGER PRIMARY KEY,
    message   TEXT NOT NULL UNIQUE,
    status    INTEGER NOT NULL,
    status_at INTEGER NOT NULL,
    detail    TEXT NOT NULL,
    -- To whom, where a receipt said so; digest of the text, where another did.
    contact   INTEGER,
    words     BLOB,
    at        INTEGER NOT NULL,
    -- The text itself, where a person may have written it.
    text      TEXT
) STRICT;

-- The contact's next send leaves no earlier; NULL when it may.
ALTER TABLE contact ADD COLUMN quiet_until INTEGER;
-- Until then the contact's mail waits for the id of a tap of which only the title came; NULL when it does not.
ALTER TABLE contact ADD COLUMN id_until  INTEGER;
CREATE INDEX contact_waits_for_id ON contact (id_until) WHERE id_until IS NOT NULL;
-- 1: a tap of which only the title came. 2: its id came while it was being taken.
ALTER TABLE inbox ADD COLUMN titled INTEGER NOT NULL DEFAULT 0;
-- 1: a tap of which only the title came, waiting. 2: it was taken by its title, which led nowhere; its id is still welcome.
ALTER TABLE seen ADD COLUMN titled INTEGER NOT NULL DEFAULT 0;

-- When a tap last came with an id, when a receipt of ours last told the text, and when one told the recipient: what the
-- provider's webhooks are set to is known by what they bring.
ALTER TABLE channel ADD COLUMN tapped_at    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channel ADD COLUMN words_at     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channel ADD COLUMN recipient_at INTEGER NOT NULL DEFAULT 0;
-- When the host last said that it lives; 0 before the first time.
ALTER TABLE channel ADD COLUMN alive_at     INTEGER NOT NULL DEFAULT 0;

ALTER TABLE tally ADD COLUMN resent  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tally ADD COLUMN doubles INTEGER NOT NULL DEFAULT 0;
