-- Brands, assessments, licences, checks; promised supply; support against a budget; sales.
-- Everything is an addition: the previous release goes on under it.

alter table product
    add column brand_number     text,                   -- of the application or the registration
    add column brand_class      smallint check (brand_class between 1 and 45),
    add column brand_expires_on date,
    add column brand_changed_on date,
    add column status           text not null default 'active'
        check (status in ('active', 'warned', 'suspended'));
create index product_by_business on product (business_id, product_id);

-- What happened to a product, one table a kind; `version` is the product's. Never changed.
create table brand_step (
    product_id  uuid        not null references product,
    version     bigint      not null,
    status      text        not null,
    number      text,
    brand_class smallint,
    expires_on  date,
    changed_on  date        not null,
    recorded_at timestamptz not null,
    recorded_by text        not null,
    primary key (product_id, version)
);

create table assessment (
    product_id      uuid        not null references product,
    version         bigint      not null,
    recipe          boolean,
    weight          boolean,
    shelf_life      boolean,
    hygiene         boolean,
    label           boolean,
    packaging       smallint check (packaging between 0 and 100),
    photo_reference text,
    assessed_on     date        not null,
    recorded_at     timestamptz not null,
    recorded_by     text        not null,
    primary key (product_id, version),
    check (num_nulls(recipe, weight, shelf_life, hygiene, label) in (0, 5)),
    check (recipe is not null or packaging is not null)
);

create table licence (
    product_id  uuid        not null references product,
    version     bigint      not null,
    kind        text        not null check (kind in ('nib', 'pirt', 'halal', 'merek')),
    number      text        not null,
    valid_from  date        not null,
    valid_until date,
    recorded_at timestamptz not null,
    recorded_by text        not null,
    primary key (product_id, version)
);

create table product_check (
    product_id   uuid        not null references product,
    version      bigint      not null,
    available    boolean     not null,
    quality_kept boolean     not null,
    checked_on   date        not null,
    status       text        not null,                  -- the product's after the check
    recorded_at  timestamptz not null,
    recorded_by  text        not null,
    primary key (product_id, version)
);

-- How much she brings, in the product's unit; null: nothing was promised.
alter table stand add column promised numeric(12, 3) check (promised > 0);
create index stand_by_business on stand (business_id) where status = 'confirmed';

-- The budget's row is locked while its lines are summed, so it is never overspent.
create table event_budget (
    market_event_id uuid primary key references market_event,
    rupiah          bigint      not null check (rupiah >= 0),
    version         bigint      not null,
    set_at          timestamptz not null,
    set_by          text        not null
);

create table support (
    support_id      uuid primary key,
    stand_id        uuid        not null references stand,
    market_event_id uuid        not null references market_event,
    business_id     uuid        not null,
    kind            text        not null check (kind in ('stand', 'transport', 'lodging', 'other')),
    planned_rupiah  bigint      not null check (planned_rupiah > 0),
    actual_rupiah   bigint      check (actual_rupiah >= 0),
    status          text        not null check (status in ('planned', 'approved', 'paid')),
    version         bigint      not null,
    planned_at      timestamptz not null,
    planned_by      text        not null,
    approved_at     timestamptz,
    approved_by     text        check (approved_by <> planned_by),
    paid_at         timestamptz,
    paid_by         text,
    check ((status = 'planned') = (approved_at is null)),
    check ((status = 'paid') = (actual_rupiah is not null))
);
create index support_by_event on support (market_event_id, support_id);
create index support_by_stand on support (stand_id, support_id);

create table sale (
    sale_id         uuid primary key,
    product_id      uuid        not null references product,
    business_id     uuid        not null,
    market_event_id uuid        references market_event,
    channel         text        not null,
    month           text        not null,               -- 2017-08
    quantity        numeric(12, 3) not null check (quantity > 0),
    rupiah          bigint      not null check (rupiah >= 0),
    version         bigint      not null,
    reported_at     timestamptz not null,
    reported_by     text        not null,
    check ((channel = 'event') = (market_event_id is not null))
);
create unique index sale_once on sale (product_id, month, channel,
    coalesce(market_event_id, '00000000-0000-0000-0000-000000000000'));

-- null: told before these columns were there (rebuild marketing.businesses).
alter table known_business
    add column production_mode   text,
    add column capacity_quantity numeric(12, 3),
    add column capacity_unit     text,
    add column capacity_period   text;
create or replace view known_business_now as
select business_id, kelurahan, version, production_mode, capacity_quantity, capacity_unit,
       capacity_period
from known_business
where generation = coalesce(
    (select generation from projection where name = 'marketing.businesses'), 1);

-- What training told about certificates. Written by the projection marketing.certificates only.
create table known_certificate (
    certificate_id uuid     not null,
    business_id    uuid     not null,
    issued_on      date     not null,
    status         text     not null,
    version        bigint   not null,
    generation     smallint not null,
    primary key (generation, certificate_id)
);
create index known_certificate_by_business on known_certificate (generation, business_id);
create view known_certificate_now as
select certificate_id, business_id, issued_on, status, version
from known_certificate
where generation = coalesce(
    (select generation from projection where name = 'marketing.certificates'), 1);
