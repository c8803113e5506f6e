-- Schedules: which moments of each flow's schedule are dealt with, and how far the one under way has come.
CREATE TABLE schedule (
    flow          TEXT PRIMARY KEY,
    -- Tells another schedule of the same flow apart: a new one begins with its next moment.
    plan          TEXT NOT NULL,
    -- Moments until here are dealt with.
    done_until    INTEGER NOT NULL,
    -- The moment whose mail is being handed out; NULL when none is.
    due           INTEGER,
    -- Contacts until here have theirs, and the last contact that was there when it began.
    after_contact INTEGER NOT NULL DEFAULT 0,
    last_contact  INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
