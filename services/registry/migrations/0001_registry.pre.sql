-- People, their households and their home businesses; what was recorded before; the journey.

-- The family card's number is personal data: sealed, and unique by its keyed blind index.
create table household (
    household_id uuid primary key,
    number_index bytea       not null unique,
    number       bytea       not null,            -- sealed
    recorded_at  timestamptz not null
);

create table person (
    person_id          uuid primary key,
    household_id       uuid        not null references household,
    role               text        not null,
    name               text        not null,
    identity_kind      text        not null check (identity_kind in ('nik', 'local')),
    identity           bytea       not null,      -- sealed: 16 digits
    identity_index     bytea       not null,      -- keyed: says nothing without the key
    date_accepted_why  text,                      -- why a section head took an impossible date
    birth_date         date        not null,
    phone              text,
    kelurahan          text        not null,
    version            bigint      not null,
    recorded_at        timestamptz not null,
    recorded_by        text        not null,
    constraint person_identity_index_key unique (identity_index)
);
create index person_household on person (household_id);

create table business (
    business_id       uuid primary key,
    owner_id          uuid          not null references person,
    kelurahan         text          not null,
    sector            text          not null,
    sub_sector        text          not null,
    kbli_code         text,
    kbli_version      text,
    started_on        date          not null,
    production_mode   text          not null,
    capacity_quantity numeric(12,3) not null check (capacity_quantity > 0),
    capacity_unit     text          not null,
    capacity_period   text          not null,
    channels          jsonb         not null,     -- [{kind, link}]
    constraints       jsonb         not null,     -- [{kind, severity}]
    production_since  date          not null,
    version           bigint        not null,
    recorded_at       timestamptz   not null,
    recorded_by       text          not null,
    check ((kbli_code is null) = (kbli_version is null))
);
create index business_owner on business (owner_id);
create index business_kelurahan on business (kelurahan, business_id);

-- Who changed which field of a business, when, from what to what, and why. Never changed.
create table business_history (
    history_id    bigint generated always as identity primary key,
    business_id   uuid        not null references business,
    version       bigint      not null,
    kind          text        not null check (kind in ('change', 'correction')),
    field         text        not null,
    old           jsonb,
    new           jsonb,
    effective_on  date,                           -- a change: since when; null for a correction
    reason_code   text,                           -- a correction: why
    reason        text,
    recorded_at   timestamptz not null,
    recorded_by   text        not null,
    unique (business_id, version, field)
);

-- One step of a business's journey, from one event; columns from the event alone, so that a
-- rebuild gives the same rows. `step` is the event's identity: source and id.
create table journey_step (
    generation     smallint    not null,
    step           text        not null,
    version        bigint      not null,
    business_id    uuid        not null,
    source         text        not null,
    event_id       text        not null,
    kind           text        not null,
    occurred_on    date        not null,
    recorded_at    timestamptz not null,
    correlation_id text        not null,
    facts          jsonb       not null,
    primary key (generation, step)
);
create index journey_step_business on journey_step (business_id, generation);
create view journey_step_now as
select step, version, business_id, source, event_id, kind, occurred_on, recorded_at,
       correlation_id, facts
from journey_step
where generation = coalesce((select generation from projection where name = 'registry.journey'), 1);
