-- Since when reading a person's Consents fails: a later no may be missing until they are read again. Only cursors of Consent have it.
alter table pull_lane add column failed_at timestamptz;
