-- What arrives lets go what waits for it by name.
create index parked_waits_for on parked (detail) where ended_at is null and state = 'waiting';
