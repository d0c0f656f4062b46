-- Name, birth date and phone are sealed with the installation's key; who looked is written down.
-- Everything is an addition: `registry reseal` moves what lies in clear, and goes on from where it
-- was stopped.

alter table person add column private bytea;           -- sealed: {name, birth_date, phone}
alter table person alter column name drop not null;    -- null once it is sealed
alter table person alter column birth_date drop not null;
alter table person add constraint person_private_or_clear
    check (private is not null or (name is not null and birth_date is not null)) not valid;
alter table person validate constraint person_private_or_clear;

-- One row for each person whose data somebody was shown. Never changed.
create table person_reading (
    reading_id bigint      generated always as identity primary key,
    person_id  uuid        not null references person,
    read_by    text        not null,
    purpose    text        not null,
    read_at    timestamptz not null
);
create index person_reading_person on person_reading (person_id, reading_id);
