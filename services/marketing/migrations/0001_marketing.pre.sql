-- Products, other cities' market events, and who has which stand there.

create table product (
    product_id      uuid primary key,
    business_id     uuid        not null,
    name            text        not null,
    unit            text        not null,
    price_rupiah    bigint      not null check (price_rupiah >= 0),
    shelf_life_days integer     check (shelf_life_days > 0),   -- null: it keeps
    brand_status    text        not null,
    version         bigint      not null,
    created_at      timestamptz not null,
    created_by      text        not null
);

-- `heard` is the office's own sequence of the details shown here; `version` is ours.
create table market_event (
    market_event_id uuid primary key,                   -- uuid5(source, event_ref)
    source          text    not null,
    event_ref       text    not null,
    host_city       text    not null,
    name            text    not null,
    place           text    not null,
    starts_on       date    not null,
    ends_on         date    not null check (ends_on >= starts_on),
    time_zone       text    not null,
    stands          integer not null check (stands >= 0),
    status          text    not null check (status in ('open', 'cancelled')),
    heard           bigint  not null,
    version         bigint  not null,
    unique (source, event_ref)
) with (fillfactor = 80);
create index market_event_by_date on market_event (starts_on, market_event_id);

create table stand (
    stand_id        uuid primary key,
    market_event_id uuid    not null references market_event,
    product_id      uuid    not null references product,
    business_id     uuid    not null,
    stand_number    integer not null check (stand_number > 0),
    status          text    not null check (status in ('confirmed', 'released')),
    version         bigint  not null,
    confirmed_at    timestamptz not null,
    confirmed_by    text        not null,
    released_at     timestamptz,
    released_by     text,
    release_reason  text,                               -- free text: never leaves this schema
    check ((status = 'released') = (released_at is not null))
);
create unique index stand_number_once on stand (market_event_id, stand_number)
    where status = 'confirmed';
create unique index stand_business_once on stand (market_event_id, business_id)
    where status = 'confirmed';
create index stand_by_event on stand (market_event_id, stand_id);

-- What registry told about businesses. Written by the projection marketing.businesses only.
create table known_business (
    business_id uuid     not null,
    kelurahan   text     not null,
    version     bigint   not null,
    generation  smallint not null,
    primary key (generation, business_id)
);
create view known_business_now as
select business_id, kelurahan, version
from known_business
where generation = coalesce(
    (select generation from projection where name = 'marketing.businesses'), 1);

-- What training told about seats. Written by the projection marketing.enrolments only.
create table known_enrolment (
    enrolment_id uuid     not null,
    session_id   uuid     not null,
    business_id  uuid     not null,
    state        text     not null,
    version      bigint   not null,
    generation   smallint not null,
    primary key (generation, enrolment_id)
);
create index known_enrolment_by_business on known_enrolment (generation, business_id);
create view known_enrolment_now as
select enrolment_id, session_id, business_id, state, version
from known_enrolment
where generation = coalesce(
    (select generation from projection where name = 'marketing.enrolments'), 1);
