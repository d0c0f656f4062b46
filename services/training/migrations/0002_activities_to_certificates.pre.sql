-- Activities and cohorts, headcounts beside rosters, what was learned, certificates.
-- Everything is an addition: the previous release goes on under it.

create table activity (
    activity_id       uuid primary key,
    title             text        not null,
    year              integer     not null,
    organising_office text        not null,
    version           bigint      not null,
    created_at        timestamptz not null,
    created_by        text        not null
);

create table cohort (
    cohort_id   uuid primary key,
    activity_id uuid        not null references activity,
    title       text        not null,
    version     bigint      not null,
    created_at  timestamptz not null,
    created_by  text        not null
);
create index cohort_by_activity on cohort (activity_id, cohort_id);

-- `headcount` is the newest count of the room; the roster is counted from enrolment.
alter table session
    add column cohort_id uuid references cohort,
    add column headcount integer check (headcount >= 0);
create index session_by_cohort on session (cohort_id) where cohort_id is not null;

-- Every count of a room. Never changed: a better count is another row.
create table headcount (
    session_id  uuid        not null references session,
    version     bigint      not null,
    headcount   integer     not null check (headcount >= 0),
    approximate boolean     not null,
    source      text        not null,
    recorded_at timestamptz not null,
    recorded_by text        not null,
    primary key (session_id, version)
);

-- `learning`: `topic:score`, the newest answer for each topic.
alter table enrolment
    add column confidence_before smallint check (confidence_before between 1 and 5),
    add column confidence_after  smallint check (confidence_after between 1 and 5),
    add column learning          text[] not null default '{}';
create index enrolment_by_business on enrolment (business_id, enrolment_id);

-- Every answer she gave. Never changed.
create table assessment (
    enrolment_id      uuid        not null references enrolment,
    version           bigint      not null,
    confidence_before smallint,
    confidence_after  smallint,
    learning          text[]      not null,
    recorded_at       timestamptz not null,
    recorded_by       text        not null,
    primary key (enrolment_id, version)
);

create table certificate (
    certificate_id uuid primary key,
    number         text        not null unique,
    cohort_id      uuid        not null references cohort,
    business_id    uuid        not null,
    person_id      uuid        not null,
    issued_on      date        not null,
    status         text        not null check (status in ('issued', 'revoked')),
    version        bigint      not null,
    issued_at      timestamptz not null,
    issued_by      text        not null,
    revoked_at     timestamptz,
    revoked_by     text,
    revoke_reason  text,                                -- free text: never leaves this schema
    check ((status = 'revoked') = (revoked_at is not null))
);
create unique index certificate_once on certificate (cohort_id, business_id)
    where status = 'issued';

-- Which constraints of a business a topic is meant to ease.
create table topic (
    topic       text primary key,
    constraints text[] not null
);
insert into topic (topic, constraints) values
    ('marketing', '{marketing}'),
    ('packaging', '{packaging}'),
    ('branding', '{brand}'),
    ('attractive-product', '{packaging,standard}'),
    ('quality', '{standard}'),
    ('licensing', '{licence}'),
    ('finance', '{capital}'),
    ('production', '{time,raw_material}'),
    ('confidence', '{confidence}');

-- Codes of constraints, separated by spaces; null: told before this column was there (rebuild).
alter table known_business add column constraints text;
create or replace view known_business_now as
select business_id, owner_id, kelurahan, version, constraints
from known_business
where generation = coalesce(
    (select generation from projection where name = 'training.businesses'), 1);
