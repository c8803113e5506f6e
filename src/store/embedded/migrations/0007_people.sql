-- Layout 7: people who have a conversation.

-- Until when no send of a flow leaves to the contact; NULL when nobody has the conversation.
ALTER TABLE contact ADD COLUMN held_until INTEGER;
-- The number of the newest mail by which a person took the conversation over. Turns that were taken before it must not give it back.
ALTER TABLE contact ADD COLUMN held_seq INTEGER NOT NULL DEFAULT 0;

-- A flow's own words before and with a hand-off leave although the conversation is a person's by then.
ALTER TABLE outbox ADD COLUMN despite_hold INTEGER NOT NULL DEFAULT 0;
-- What the provider is told about the contact with the message, as JSON; NULL for nothing.
ALTER TABLE outbox ADD COLUMN about TEXT;
