-- Layout 2: timers.

-- When the first of the conversation's timers falls due; NULL when it has none. The timers themselves are in the state, so one
-- moment per contact is enough to wake it, and it is written by the statement that ends the lease.
ALTER TABLE contact ADD COLUMN wakes_at INTEGER;

-- Only contacts that sleep: one that is leased, parked or has mail is found by those means.
CREATE INDEX contact_wakes ON contact (wakes_at)
    WHERE wakes_at IS NOT NULL AND leased = 0 AND due_at IS NULL AND parked IS NULL;
