-- What is observed of a business from time to time, where the programme works and who runs it,
-- what was counted before, and the others' facts that the ten figures need.
-- Everything is an addition: the previous release goes on under it.

-- The day she was written down, which may be earlier than the day it was typed in.
alter table business add column registered_on date;
update business set registered_on = (recorded_at at time zone 'Asia/Jakarta')::date;

-- Observations are never changed: a better answer is another row, the newest counts.
create table assessment (
    business_id    uuid        not null references business,
    version        bigint      not null,
    business_class text        not null check (business_class in
                                               ('pemula', 'berkembang', 'maju', 'mikro')),
    assessed_on    date        not null,
    reasons        text        not null,         -- free text: never leaves this schema
    recorded_at    timestamptz not null,
    recorded_by    text        not null,         -- the assessor
    primary key (business_id, version)
);

create table coverage (
    business_id uuid        not null references business,
    version     bigint      not null,
    guided      text        not null check (guided in ('yes', 'no', 'unknown')),
    by_office   text,
    answered_on date        not null,
    source      text        not null,
    recorded_at timestamptz not null,
    recorded_by text        not null,
    primary key (business_id, version),
    check ((guided = 'yes') = (by_office is not null))
);

create table constraints_asked (
    business_id uuid        not null references business,
    version     bigint      not null,
    asked_on    date        not null,
    constraints jsonb       not null,            -- [{kind, severity}]
    recorded_at timestamptz not null,
    recorded_by text        not null,
    primary key (business_id, version)
);

-- What a household earns is financial data: it never leaves this schema.
create table follow_up (
    business_id     uuid          not null references business,
    version         bigint        not null,
    month           smallint      not null check (month in (0, 3, 6, 12)),
    observed_on     date          not null,
    income_band     text          not null,
    output_quantity numeric(12,3) not null check (output_quantity >= 0),
    output_unit     text          not null,
    output_period   text          not null,
    helpers         integer       not null check (helpers >= 0),
    recorded_at     timestamptz   not null,
    recorded_by     text          not null,
    primary key (business_id, version)
);

-- A kelurahan in a year; its status has a day since when, and every one is kept.
create table site (
    site_id   uuid    primary key,
    kelurahan text    not null,
    year      integer not null,
    version   bigint  not null,
    unique (year, kelurahan)
);
create table site_status (
    site_id     uuid        not null references site,
    version     bigint      not null,
    status      text        not null check (status in ('planned', 'active', 'closed')),
    since       date        not null,
    recorded_at timestamptz not null,
    recorded_by text        not null,
    primary key (site_id, version)
);

-- An office by its code, under a title for a time: offices merge and are renamed.
create table office (
    office_id   uuid        primary key,
    code        text        not null,
    title       text        not null,
    valid_from  date        not null,
    valid_until date,                            -- the last day; null: until further notice
    follows     text,
    version     bigint      not null,
    recorded_at timestamptz not null,
    recorded_by text        not null,
    unique (code, valid_from),
    check (valid_until >= valid_from)
);

-- Counts of an old list. They are never added to what is registered.
create table opening_balance (
    balance_id  uuid        primary key,
    kecamatan   text        not null,
    businesses  integer     not null check (businesses >= 0),
    as_of       date        not null,
    source      text        not null,
    recorded_at timestamptz not null,
    recorded_by text        not null,
    unique (kecamatan, as_of, source)
);

-- What training and marketing told: what the figures need of it, with its days.
create table known_session (
    generation smallint not null,
    session_id uuid     not null,
    version    bigint   not null,
    held_on    date     not null,
    primary key (generation, session_id)
);
create view known_session_now as
select session_id, version, held_on from known_session
where generation = coalesce(
    (select generation from projection where name = 'registry.sessions'), 1);

create table known_enrolment (
    generation   smallint not null,
    enrolment_id uuid     not null,
    version      bigint   not null,
    session_id   uuid     not null,
    business_id  uuid     not null,
    state        text     not null,
    primary key (generation, enrolment_id)
);
create index known_enrolment_business on known_enrolment (business_id, generation);
create view known_enrolment_now as
select enrolment_id, version, session_id, business_id, state from known_enrolment
where generation = coalesce(
    (select generation from projection where name = 'registry.enrolments'), 1);

create table known_certificate (
    generation     smallint not null,
    certificate_id uuid     not null,
    version        bigint   not null,
    business_id    uuid     not null,
    issued_on      date     not null,
    revoked_on     date,
    primary key (generation, certificate_id)
);
create index known_certificate_business on known_certificate (business_id, generation);
create view known_certificate_now as
select certificate_id, version, business_id, issued_on, revoked_on from known_certificate
where generation = coalesce(
    (select generation from projection where name = 'registry.certificates'), 1);

-- One row for each version of a product, so that its state on an earlier day is known.
create table known_product (
    generation         smallint not null,
    product_version    text     not null,        -- product_id and version
    version            bigint   not null,
    product_id         uuid     not null,
    business_id        uuid     not null,
    since              date     not null,
    brand_status       text     not null,
    brand_expires_on   date,
    quality_complete   boolean  not null,
    packaging_score    smallint,
    status             text     not null,
    primary key (generation, product_version)
);
create index known_product_business on known_product (business_id, generation);
create view known_product_now as
select product_version, version, product_id, business_id, since, brand_status, brand_expires_on,
       quality_complete, packaging_score, status
from known_product
where generation = coalesce(
    (select generation from projection where name = 'registry.products'), 1);

create table known_stand (
    generation  smallint not null,
    stand_id    uuid     not null,
    version     bigint   not null,
    business_id uuid     not null,
    starts_on   date     not null,
    status      text     not null,
    primary key (generation, stand_id)
);
create index known_stand_business on known_stand (business_id, generation);
create view known_stand_now as
select stand_id, version, business_id, starts_on, status from known_stand
where generation = coalesce((select generation from projection where name = 'registry.stands'), 1);

create table known_sale (
    generation  smallint not null,
    sale_id     uuid     not null,
    version     bigint   not null,
    business_id uuid     not null,
    month       date     not null,               -- its first day
    rupiah      bigint   not null,
    primary key (generation, sale_id)
);
create index known_sale_business on known_sale (business_id, generation);
create view known_sale_now as
select sale_id, version, business_id, month, rupiah from known_sale
where generation = coalesce((select generation from projection where name = 'registry.sales'), 1);
