-- The mechanism's own tables, the same in every service's schema.

-- Every event this service ever told, for ever. Ids and codes only: no personal data.
create table journal (
    event_id       uuid primary key,
    topic          text        not null,
    key            text        not null,
    sequence       bigint      not null,
    type           text        not null,
    time           timestamptz not null,
    correlation_id text        not null,
    causation_id   text,
    traceparent    text,
    body           bytea       not null,
    unique (key, sequence)
);

-- What the relay has still to publish. Small: a row lives from COMMIT to the broker's answer.
create table outbox (
    seq      bigint generated always as identity primary key,
    slot     smallint not null,
    event_id uuid     not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- What a consumer has seen. `digest` is keyed: the same id with other content is no duplicate.
create table inbox (
    consumer      text        not null,
    event_id      text        not null,
    source        text        not null,
    digest        bytea       not null,
    topic         text        not null,
    partition     integer     not null,
    record_offset bigint      not null,
    recorded_at   timestamptz not null,             -- the record's timestamp on the topic
    handled_at    timestamptz not null default now(),
    outcome       text        not null default 'done',
    primary key (consumer, event_id, source)
);

-- How far a consumer is. Advanced by compare-and-set inside the batch's transaction: this is what
-- fences a zombie. Kafka's own committed offsets are for monitoring only.
create table position (
    consumer    text    not null,
    topic       text    not null,
    partition   integer not null,
    topic_id    uuid    not null,
    next_offset bigint  not null,
    moved_at    timestamptz not null default now(),
    primary key (consumer, topic, partition)
) with (fillfactor = 50);

-- The live generation of each projection; a rebuild fills the next one and swaps.
create table projection (
    name       text primary key,
    generation smallint not null default 1
);

-- Events that did not end yet, and how those that were here have ended.
create table parked (
    parked_id     uuid primary key,
    consumer      text        not null,
    topic         text        not null,
    partition     integer     not null,
    record_offset bigint      not null,
    key           text,                              -- null: unreadable, stands alone
    source        text,
    event_id      text,
    sequence      bigint,
    state         text        not null
        check (state in ('parked', 'waiting', 'behind', 'replayed', 'discarded')),
    code          text        not null,
    pointer       text        not null default '',
    detail        text        not null default '',
    record        bytea       not null,              -- the raw bytes, encrypted
    digest        bytea       not null,
    parked_at     timestamptz not null,
    due_at        timestamptz,                       -- waiting: when it is tried next
    deadline      timestamptz,                       -- waiting: when it goes to staff
    tries         integer     not null default 0,
    ended_at      timestamptz,
    ended_by      text,
    reason        text,
    unique (consumer, topic, partition, record_offset, digest)
);
create index parked_open on parked (consumer, topic, key) where ended_at is null;
create index parked_due on parked (due_at) where ended_at is null and state = 'waiting';

-- The lock between worker and drain: while a key is here, its later events queue behind.
create table parked_key (
    consumer text not null,
    topic    text not null,
    key      text not null,
    primary key (consumer, topic, key)
);

-- Who did what to a parked event. Never changed, never deleted.
create table parked_audit (
    audit_id  bigint generated always as identity primary key,
    parked_id uuid        not null references parked,
    at        timestamptz not null,
    actor     text        not null,
    act       text        not null check (act in ('shown', 'corrected', 'replayed', 'discarded')),
    reason    text        not null default ''
);

-- Partitions that stopped, and why: a gap, a truncation, a new topic id, a bug of ours.
create table stopped (
    consumer   text    not null,
    topic      text    not null,
    partition  integer not null,
    reason     text    not null,
    stopped_at timestamptz not null,
    primary key (consumer, topic, partition)
);

-- Feed health, folded by the worker's agent from what each intake reports about itself.
create table feed_health (
    topic        text not null,
    source       text not null,
    worker       text not null,
    last_event_at timestamptz,
    done         bigint not null,
    duplicate    bigint not null,
    parked       bigint not null,
    waiting      bigint not null,
    updated_at   timestamptz not null,
    primary key (topic, source, worker)
);
