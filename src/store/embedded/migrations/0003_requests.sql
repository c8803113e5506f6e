-- Layout 3: requests to other systems.

-- Calls whose answers are to come, and news for the user's own system. Those of one contact need no order among each other, so
-- that one slow system holds up nothing else.
CREATE TABLE request (
    id        INTEGER PRIMARY KEY,
    contact   INTEGER NOT NULL,
    key       TEXT NOT NULL UNIQUE,
    -- 'call' or 'emit'. Beside the JSON, because what cannot be read back must still end in the right way.
    kind      TEXT NOT NULL,
    what      TEXT NOT NULL,
    -- Attempts that counted, and attempts that ended with their owner and not with an outcome.
    tries     INTEGER NOT NULL DEFAULT 0,
    lost      INTEGER NOT NULL DEFAULT 0,
    doubtful  INTEGER NOT NULL DEFAULT 0,
    -- The intent mark: set, and on disk, before the request leaves.
    sending   INTEGER NOT NULL DEFAULT 0,
    -- When it may leave, or, while sending, when the lease ends.
    due_at    INTEGER NOT NULL,
    stored_at INTEGER NOT NULL
) STRICT;
CREATE INDEX request_due ON request (due_at);

ALTER TABLE tally ADD COLUMN requests INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tally ADD COLUMN given_up INTEGER NOT NULL DEFAULT 0;
