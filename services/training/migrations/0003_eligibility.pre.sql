-- What bars a seat, as registry told it, and that a head of section allowed one all the same.
-- Everything is an addition: the previous release goes on under it.

-- null: not said, or told before these columns were there (rebuild training.businesses).
alter table known_business
    add column guided         text,
    add column guided_by      text,
    add column business_class text;
create or replace view known_business_now as
select business_id, owner_id, kelurahan, version, constraints, guided, guided_by, business_class
from known_business
where generation = coalesce(
    (select generation from projection where name = 'training.businesses'), 1);

-- Which points barred the seat, and why it was given; who allowed it is in `attendance`, version 1.
alter table enrolment
    add column overridden      text[] not null default '{}',
    add column override_reason text,                 -- free text: never leaves this schema
    add constraint enrolment_override_has_reason
        check ((overridden = '{}') = (override_reason is null));
