-- Marketing's rule of readiness counts the points of the checklist and asks how old they are.
-- Nothing reads or writes this copy yet.
drop view known_product_now;
alter table known_product
    drop column quality_complete,
    add column quality_score smallint,           -- of five
    add column quality_on    date;
create view known_product_now as
select product_version, version, product_id, business_id, since, brand_status, brand_expires_on,
       quality_score, quality_on, packaging_score, status
from known_product
where generation = coalesce(
    (select generation from projection where name = 'registry.products'), 1);
