-- Layout 1. All moments are milliseconds since 1970, UTC.

-- A person on the channel: address, mailbox, lease and fence.
CREATE TABLE contact (
    -- Never given out twice: the keys of sends are made from it.
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    phone   TEXT,
    user_id TEXT,
    name    TEXT NOT NULL DEFAULT '',
    -- Number of the last accepted message, and of the last one taken.
    tail    INTEGER NOT NULL DEFAULT 0,
    head    INTEGER NOT NULL DEFAULT 0,
    -- Grows with each claim; an owner with an older one can write nothing.
    epoch   INTEGER NOT NULL DEFAULT 0,
    leased  INTEGER NOT NULL DEFAULT 0,
    -- Free: since when mail waits, NULL when none does. Leased: when the lease ends.
    due_at  INTEGER,
    -- Why nobody can take this contact's mail; tried again at the next start.
    parked  TEXT
) STRICT;
CREATE INDEX contact_due ON contact (leased, due_at) WHERE due_at IS NOT NULL;

-- The names by which the provider knows a contact: 'phone' or 'user_id'.
CREATE TABLE alias (
    kind    TEXT NOT NULL,
    value   TEXT NOT NULL,
    contact INTEGER NOT NULL,
    PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;

-- State beside its contact and not inside: accepting a message then never rewrites a large row.
CREATE TABLE conversation (
    contact         INTEGER PRIMARY KEY,
    state           TEXT NOT NULL,
    -- Where the session waits.
    flow            TEXT,
    step            TEXT,
    last_inbound_at INTEGER
) STRICT;
CREATE INDEX conversation_waiting ON conversation (flow, step) WHERE flow IS NOT NULL;

-- Accepted and not yet taken. Gapless per contact.
CREATE TABLE inbox (
    contact INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    inbound TEXT NOT NULL,
    PRIMARY KEY (contact, seq)
) STRICT, WITHOUT ROWID;

-- Ids of everything accepted, for recognising doubles. The hidden rowid is its order, which pruning follows.
CREATE TABLE seen (
    event TEXT PRIMARY KEY,
    at    INTEGER NOT NULL
) STRICT;

-- To be sent, in order of id per contact.
CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY,
    contact    INTEGER NOT NULL,
    key        TEXT NOT NULL UNIQUE,
    message    TEXT NOT NULL,
    on_unknown TEXT NOT NULL,
    tries      INTEGER NOT NULL DEFAULT 0,
    doubtful   INTEGER NOT NULL DEFAULT 0,
    -- The intent mark: set, and on disk, before the request leaves.
    sending    INTEGER NOT NULL DEFAULT 0,
    -- NULL: behind an earlier send of its contact. Otherwise when it may leave, or, while sending, when the lease ends.
    due_at     INTEGER
) STRICT;
CREATE INDEX outbox_line ON outbox (contact, id);
CREATE INDEX outbox_due ON outbox (due_at) WHERE due_at IS NOT NULL;

-- What became of sends: 'sent', 'refused' or 'unknown'.
CREATE TABLE sent (
    key       TEXT PRIMARY KEY,
    contact   INTEGER NOT NULL,
    outcome   TEXT NOT NULL,
    -- The provider's id.
    message   TEXT,
    -- 0 sent, 1 failed, 2 delivered, 3 read, 4 played: a later one outranks an earlier one.
    status    INTEGER,
    status_at INTEGER,
    -- Why it was refused, or what came instead of an answer.
    detail    TEXT NOT NULL DEFAULT '',
    tries     INTEGER NOT NULL,
    at        INTEGER NOT NULL
) STRICT;
CREATE INDEX sent_message ON sent (message) WHERE message IS NOT NULL;
CREATE INDEX sent_contact ON sent (contact);

-- Turns, for people.
CREATE TABLE history (
    id       INTEGER PRIMARY KEY,
    contact  INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    event    TEXT NOT NULL,
    turn     INTEGER NOT NULL,
    revision TEXT NOT NULL,
    record   TEXT NOT NULL
) STRICT;
CREATE INDEX history_contact ON history (contact);

CREATE TABLE channel (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    paused_until INTEGER NOT NULL
) STRICT;
INSERT INTO channel (id, paused_until) VALUES (1, 0);

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Running counts, kept inside the same transactions: counting millions of rows for a status page would stop the writer.
CREATE TABLE tally (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    contacts INTEGER NOT NULL,
    inbox    INTEGER NOT NULL,
    outbox   INTEGER NOT NULL,
    sent     INTEGER NOT NULL,
    refused  INTEGER NOT NULL,
    unknown  INTEGER NOT NULL
) STRICT;
INSERT INTO tally VALUES (1, 0, 0, 0, 0, 0, 0);
