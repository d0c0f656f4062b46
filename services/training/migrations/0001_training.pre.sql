-- Sessions, who sits in them, and what staff said about attendance.

create table session (
    session_id        uuid primary key,
    title             text        not null,
    topics            text[]      not null,
    held_on           date        not null,
    hours             numeric(4, 2) not null check (hours > 0 and hours <= 24),
    kelurahan         text        not null,             -- the venue's, not the participants'
    capacity          integer     not null check (capacity > 0),
    organising_office text        not null,
    version           bigint      not null,
    created_at        timestamptz not null,
    created_by        text        not null
);
create index session_by_date on session (held_on, session_id);

-- One seat. The session's row is locked while seats are counted, so capacity is never exceeded.
create table enrolment (
    enrolment_id uuid primary key,
    session_id   uuid   not null references session,
    business_id  uuid   not null,
    person_id    uuid   not null,
    state        text   not null check (state in ('enrolled', 'present', 'excused', 'absent')),
    hours        numeric(4, 2) check ((state = 'present') = (hours is not null)),
    version      bigint not null,
    unique (session_id, business_id)
);
create index enrolment_by_session on enrolment (session_id, enrolment_id);

-- Every entry about a seat, the first being the enrolment itself. Never changed.
create table attendance (
    enrolment_id uuid   not null references enrolment,
    version      bigint not null,
    state        text   not null,
    hours        numeric(4, 2),
    reason       text,                                  -- free text: never leaves this schema
    occurred_on  date        not null,
    recorded_at  timestamptz not null,
    recorded_by  text        not null,
    primary key (enrolment_id, version)
);

-- What registry told about businesses. Written by the projection training.businesses only.
create table known_business (
    business_id uuid     not null,
    owner_id    uuid     not null,
    kelurahan   text     not null,
    version     bigint   not null,
    generation  smallint not null,
    primary key (generation, business_id)
);
create view known_business_now as
select business_id, owner_id, kelurahan, version
from known_business
where generation = coalesce(
    (select generation from projection where name = 'training.businesses'), 1);
