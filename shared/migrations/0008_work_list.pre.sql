-- What staff are shown of an event that did not end: never anything about a person.
alter table parked add column detail_english text not null default '';    -- `detail`, if a sentence
alter table parked add column suggestions jsonb not null default '[]';    -- [{pointer, value}]
alter table parked add column area text;                                  -- null: nobody knows

-- Which field was corrected; never what stood there or stands there now.
alter table parked_audit add column pointer text not null default '';

-- The list begins with the oldest; most of what was put aside has ended long ago.
create index parked_listed on parked (parked_id) where ended_at is null;
create index parked_for_staff on parked (topic, code, parked_id)
    where ended_at is null and state = 'parked';
