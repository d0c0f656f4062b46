-- When the record before the position was written to its topic. If another one lies there now, the
-- broker has lost records and was filled up again while the consumer was down.
alter table position add column last_offset bigint;
alter table position add column last_record_at timestamptz;
