-- What became of each event of an office, in the order in which we said so. Never changed.
create table receipt (
    receipt_no    bigint generated always as identity primary key,
    receipt_for   uuid        not null,     -- made of source and id, or of the place
    source        text,                     -- null: the event names none that we believe
    event_id      text,
    topic         text        not null,
    partition     integer     not null,
    record_offset bigint      not null,
    outcome       text        not null check (outcome in
        ('accepted', 'accepted_after_correction', 'rejected', 'discarded', 'waiting', 'duplicate')),
    code          text        not null default '',
    pointer       text        not null default '',
    given_at      timestamptz not null
);
create index receipt_of_event on receipt (receipt_for, receipt_no);
create index receipt_of_topic on receipt (topic, receipt_no);
create index receipt_by_id on receipt (event_id);

-- An office's event that breaks the contract has ended: nobody here can put it right.
alter table parked drop constraint parked_state_check;
alter table parked add constraint parked_state_check
    check (state in ('parked', 'waiting', 'behind', 'replayed', 'discarded', 'rejected'));

alter table feed_health add column rejected bigint not null default 0;
