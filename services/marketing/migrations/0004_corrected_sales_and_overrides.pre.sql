-- A report of sales may be put right, down to nothing; what it was is kept.
-- Everything is an addition: the previous release goes on under it.
alter table sale drop constraint sale_quantity_check;
alter table sale add constraint sale_quantity_check check (quantity >= 0);

create table sale_correction (
    sale_id      uuid           not null references sale,
    version      bigint         not null,
    old_quantity numeric(12, 3) not null,
    old_rupiah   bigint         not null,
    quantity     numeric(12, 3) not null check (quantity >= 0),
    rupiah       bigint         not null check (rupiah >= 0),
    reason       text           not null,            -- free text: never leaves this schema
    recorded_at  timestamptz    not null,
    recorded_by  text           not null,
    primary key (sale_id, version)
);

-- A stand that was given although somebody had found the product wanting: which points, and why.
-- Who allowed it is `confirmed_by`.
alter table stand
    add column overridden      text[] not null default '{}',
    add column override_reason text,                 -- free text: never leaves this schema
    add constraint stand_override_has_reason
        check ((overridden = '{}') = (override_reason is null));
