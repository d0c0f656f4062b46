-- What came lately that events wait for by name. Who looked before it was there, and said only
-- after it came that it waits, finds it here.
create table arrival (
    name       text primary key,
    arrived_at timestamptz not null
);

-- By consumer: one that has a million events due must not be searched for another's.
create index parked_due_of on parked (consumer, due_at) where ended_at is null and state = 'waiting';
drop index parked_due;
