"""A break of each rule, made in the tables of the running product: the checker has to see it."""

from collections.abc import Mapping
from typing import NamedTuple

from tests.chaos.check import Kind


class Spoil(NamedTuple):
    """Which check has to find it, as what, and SQL that returns the id that it is about."""

    check: str
    kind: Kind
    sql: str


SPOILS: Mapping[str, Spoil] = {
    "overbooked": Spoil(
        "seats",
        "exceeded",
        """
        update training.session s set capacity = 1 where session_id = (
            select session_id from training.enrolment group by 1 having count(*) > 1 limit 1)
        returning session_id::text as id
        """,
    ),
    "oversold": Spoil(
        "stands",
        "exceeded",
        """
        update marketing.market_event set stands = 0 where market_event_id = (
            select market_event_id from marketing.stand where status = 'confirmed' limit 1)
        returning market_event_id::text as id
        """,
    ),
    "overspent": Spoil(
        "budget",
        "exceeded",
        """
        update marketing.event_budget set rupiah = 1 where market_event_id = (
            select market_event_id from marketing.support where status = 'paid' limit 1)
        returning market_event_id::text as id
        """,
    ),
    "overpromised": Spoil(
        "supply",
        "exceeded",
        """
        update marketing.stand set promised = 999999999 where stand_id = (
            select stand_id from marketing.stand join marketing.market_event using (market_event_id)
            where stand.status = 'confirmed' and starts_on < '2021-01-01' limit 1)
        returning business_id::text as id
        """,
    ),
    "same-hands": Spoil(
        "two people",
        "rule",
        """
        update marketing.support set approved_by = planned_by where support_id = (
            select support_id from marketing.support where approved_by is not null limit 1)
        returning support_id::text as id
        """,
    ),
    "unearned": Spoil(
        "certificate when issued",
        "rule",
        """
        update training.attendance a set state = 'absent', hours = null
        from training.enrolment e join training.session s using (session_id)
        join training.certificate c using (cohort_id, business_id)
        where a.enrolment_id = e.enrolment_id and a.version > 1 and c.certificate_id = (
            select certificate_id from training.certificate where status = 'issued'
            order by certificate_id limit 1)
        returning c.certificate_id::text as id
        """,
    ),
    "kept-certificate": Spoil(
        "certificate now",
        "rule",
        """
        update training.enrolment e set state = 'absent', hours = null
        from training.session s, training.certificate c
        where e.session_id = s.session_id and c.cohort_id = s.cohort_id
          and c.business_id = e.business_id and c.certificate_id = (
            select certificate_id from training.certificate where status = 'issued'
            order by certificate_id desc limit 1)
        returning c.certificate_id::text as id
        """,
    ),
    "mangled-number": Spoil(
        "certificate number",
        "rule",
        """
        update training.certificate set number = 'BCDF-GHJK-LMNP' where certificate_id = (
            select certificate_id from training.certificate order by certificate_id limit 1)
        returning certificate_id::text as id
        """,
    ),
    "shared-number": Spoil(
        "certificate number",
        "twice",
        """
        with two as (
            select (array_agg(certificate_id order by certificate_id desc))[1:2] as ids
            from training.certificate)
        update training.certificate set number = (
            select number from training.certificate, two where certificate_id = ids[1])
        from two where certificate_id = ids[2]
        returning certificate_id::text as id
        """,
    ),
    "two-certificates": Spoil(
        "one certificate",
        "rule",
        """
        with two as (
            select (array_agg(certificate_id order by certificate_id desc))[3:4] as ids
            from training.certificate where status = 'issued')
        update training.certificate c set cohort_id = o.cohort_id, business_id = o.business_id
        from two, training.certificate o
        where c.certificate_id = ids[2] and o.certificate_id = ids[1]
        returning o.certificate_id::text as id
        """,
    ),
    "numbered-twice": Spoil(
        "stand number",
        "exceeded",
        """
        update marketing.stand s set stand_number = 1 where market_event_id = (
            select market_event_id from marketing.stand where status = 'confirmed'
            group by 1 having count(*) > 1 limit 1)
        returning market_event_id::text as id
        """,
    ),
    "headcount": Spoil(
        "headcount",
        "rule",
        """
        update training.session set headcount = headcount + 1 where session_id = (
            select session_id from training.headcount limit 1) returning session_id::text as id
        """,
    ),
    "suspended": Spoil(
        "stand of the suspended",
        "rule",
        """
        update marketing.product_check k set status = 'suspended' from marketing.stand s
        where k.product_id = s.product_id and k.recorded_at < s.confirmed_at
        returning s.stand_id::text as id
        """,
    ),
    "found-wanting": Spoil(
        "stand of what was found wanting",
        "rule",
        """
        update marketing.assessment a set recipe = false, weight = false from marketing.stand s
        where a.product_id = s.product_id and s.override_reason is null and a.recipe is not null
          and a.recorded_at < s.confirmed_at and a.assessed_on <= s.confirmed_on
        returning s.stand_id::text as id
        """,
    ),
    "sold-elsewhere": Spoil(
        "sale at an event",
        "rule",
        """
        update marketing.sale set month = '2020-06' where sale_id = (
            select sale_id from marketing.sale where channel = 'event' limit 1)
        returning sale_id::text as id
        """,
    ),
    "uncorrected": Spoil(
        "corrected sale",
        "rule",
        """
        update marketing.sale set rupiah = rupiah + 1 where sale_id = (
            select sale_id from marketing.sale_correction order by sale_id limit 1)
        returning sale_id::text as id
        """,
    ),
    "no-baseline": Spoil(
        "follow-up",
        "rule",
        """
        delete from registry.follow_up where month = 0 and business_id = (
            select business_id from registry.follow_up where month = 3 limit 1)
        returning business_id::text as id
        """,
    ),
    "two-titles": Spoil(
        "offices one after another",
        "rule",
        """
        update registry.office set valid_until = null where office_id = (
            select office_id from registry.office where valid_until is not null limit 1)
        returning office_id::text as id
        """,
    ),
    "site-backwards": Spoil(
        "sites",
        "rule",
        """
        update registry.site_status set since = '1980-01-01' where version = 2 and site_id = (
            select site_id from registry.site_status where version = 2 limit 1)
        returning site_id::text as id
        """,
    ),
    "readiness": Spoil(
        "marketing.product",
        "differs",
        """
        update marketing.brand_step set status = 'rejected' where product_id = (
            select product_id from marketing.brand_step limit 1) returning product_id::text as id
        """,
    ),
    "stale-view": Spoil(
        "registry.known_sale",
        "differs",
        """
        update registry.known_sale set rupiah = rupiah + 1 where sale_id = (
            select sale_id from marketing.sale order by sale_id desc limit 1)
        returning sale_id::text as id
        """,
    ),
    "lost-balance": Spoil(
        "registry.opening_balance",
        "differs",
        """
        delete from registry.opening_balance where balance_id = (
            select balance_id from registry.opening_balance limit 1)
        returning balance_id::text as id
        """,
    ),
    "false-receipt": Spoil(
        "receipts",
        "differs",
        """
        update marketing.receipt set outcome = 'rejected' where receipt_no = (
            select min(receipt_no) from marketing.receipt) returning event_id as id
        """,
    ),
    "lost-product-version": Spoil(
        "registry.known_product",
        "lost",
        """
        delete from registry.known_product where product_version = (
            select product_version from registry.known_product limit 1)
        returning product_version as id
        """,
    ),
    "left-waiting": Spoil(
        "strangers wait",
        "left over",
        """
        update registry.parked set state = 'waiting', ended_at = null,
            due_at = now() + interval '1 day', detail = 'until person planted'
        where parked_id = (
            select parked_id from registry.parked
            where topic = 'office.36.74-dukcapil.resident' and state = 'replayed' limit 1)
        returning event_id as id
        """,
    ),
    "lost-waiting": Spoil(
        "strangers wait",
        "lost",
        """
        delete from registry.parked where parked_id = (
            select parked_id from registry.parked
            where topic = 'office.36.74-dukcapil.resident' and state = 'waiting'
              and detail <> 'until person planted' order by key limit 1)
        returning event_id as id
        """,
    ),
    "let-go": Spoil(
        "strangers wait",
        "lost",
        """
        delete from registry.parked_key where (consumer, topic, key) = (
            select consumer, topic, key from registry.parked_key
            where topic = 'office.36.74-dukcapil.resident' order by key desc limit 1)
        returning key as id
        """,
    ),
    "taken-for-done": Spoil(
        "residents' news in the inbox",
        "differs",
        """
        update registry.inbox set outcome = 'done' where (consumer, event_id, source) = (
            select consumer, event_id, source from registry.inbox
            where topic = 'office.36.74-dukcapil.resident' and outcome = 'rejected'
              and source <> '' limit 1)
        returning event_id as id
        """,
    ),
    "without-effect": Spoil(
        "residents",
        "lost",
        """
        delete from registry.person_history where person_id = (
            select person_id from registry.person_history group by 1 having count(*) = 1 limit 1)
        returning person_id::text as id
        """,
    ),
    "moved-first": Spoil(
        "residents",
        "order",
        """
        update registry.person_history
        set sequence = 3 - sequence, kind = case kind when 'moved' then 'verified' else 'moved' end
        where person_id = (
            select person_id from registry.person_history group by 1 having count(*) = 2 limit 1)
        returning person_id::text as id
        """,
    ),
    "elsewhere": Spoil(
        "residents",
        "differs",
        """
        update registry.person set kelurahan = '36.74.01.1001' where person_id = (
            select person_id from registry.person where verified_on is not null limit 1)
        returning person_id::text as id
        """,
    ),
    "told-twice": Spoil(
        "receipts",
        "twice",
        """
        insert into registry.receipt (receipt_for, source, event_id, topic, partition,
                                      record_offset, outcome, code, pointer, given_at)
        select receipt_for, source, event_id, topic, partition, record_offset, outcome, code,
               pointer, given_at
        from registry.receipt where outcome = 'accepted' limit 1
        returning event_id as id
        """,
    ),
}
"""Of each break: who finds it, and how it is made."""
_TWO_PEOPLE = """
do $$ declare name text; begin
    for name in select conname from pg_constraint where conrelid = 'marketing.support'::regclass
        and pg_get_constraintdef(oid) like '%approved_by <> planned_by%'
    loop execute format('alter table marketing.support drop constraint %I', name); end loop;
end $$
"""
UNGUARD = (
    _TWO_PEOPLE,
    "alter table training.certificate drop constraint if exists certificate_number_key",
    "drop index if exists training.certificate_once",
    "drop index if exists marketing.stand_number_once",
)
"""The product's own constraints wouldn't let these breaks in: they are taken away first."""
