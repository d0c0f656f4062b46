-- The papers of businesses as their offices say that they stand, each with all its reports. An
-- addition: the previous release goes on under it. Written by the projection marketing.licences only.
create table known_licence (
    licence_id  uuid     not null,
    business_id uuid     not null,
    kind        text     not null,
    by_office   text     not null,
    reports     jsonb    not null,               -- [{status, since, valid_until}], the newest last
    version     bigint   not null,
    generation  smallint not null,
    primary key (generation, licence_id)
);
create index known_licence_by_business on known_licence (generation, business_id);
create view known_licence_now as
select licence_id, business_id, kind, by_office, reports, version
from known_licence
where generation = coalesce(
    (select generation from projection where name = 'marketing.licences'), 1);

-- One row for each report; `n` counts those of a paper.
create view known_licence_report_now as
select l.licence_id, l.business_id, l.kind, l.by_office, r.status, r.since, r.valid_until, r.n
from known_licence_now l cross join lateral rows from (
    jsonb_to_recordset(l.reports) as (status text, since date, valid_until date)
) with ordinality as r (status, since, valid_until, n);

-- What a product's licences are by what offices and staff have told for a day: asked by the command
-- that judges a product, and by the page that shows it.
create function licences_told(product uuid, business uuid, day date)
returns table (kind text, status text, since date, valid_until date, by_office text)
language sql stable as $$
    (select distinct on (licence_id) kind, status, since, valid_until, by_office
     from known_licence_report_now where business_id = business and since <= day
     order by licence_id, n desc)
    union all
    select kind, 'issued', valid_from, valid_until, null
    from licence where product_id = product and valid_from <= day
$$;
