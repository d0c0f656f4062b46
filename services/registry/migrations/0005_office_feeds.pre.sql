-- What other offices report about people and their businesses, each thing with the day since when.
-- Everything is an addition: the previous release goes on under it.

-- What the civil registry says; null: nothing yet.
alter table person
    add column verified_on   date,
    add column moved_away_on date,               -- out of the city
    add column moved_to      text,               -- the city that she moved to
    add column died_on       date,
    add constraint person_moved_somewhere check ((moved_away_on is null) = (moved_to is null));

-- Whom a civil registry's reference stands for, and the highest sequence that was heard of each
-- kind of news: they may come in any order.
create table resident (
    source       text   not null,
    resident_ref text   not null,
    person_id    uuid   not null references person,
    home         bigint not null,                -- a place within the city
    away         bigint not null,                -- a place elsewhere
    card         bigint not null,                -- a family card
    identity     bigint not null,                -- a corrected NIK
    primary key (source, resident_ref)
);
create index resident_person on resident (person_id);

-- Each report that changed something, under the version that it gave the person. Never changed.
create table person_history (
    person_id    uuid        not null references person,
    version      bigint      not null,
    kind         text        not null
        check (kind in ('verified', 'moved', 'died', 'identity_corrected')),
    occurred_on  date        not null,
    kelurahan    text        not null,
    household_id uuid        not null,
    moved_to     text,
    source       text        not null,
    resident_ref text        not null,
    sequence     bigint      not null,
    recorded_at  timestamptz not null,
    primary key (person_id, version)
);

-- Which office guides which business, as the office says. What counts for the programme is the
-- newest row of `coverage`, which these answer too.
create table guidance (
    source       text    not null,
    guidance_ref text    not null,
    business_id  uuid    not null references business,
    by_office    text    not null,
    guided       boolean not null,
    since        date    not null,
    heard        bigint  not null,
    primary key (source, guidance_ref)
);
create index guidance_business on guidance (business_id);

-- A paper of a business, as the office that gives it says. The number stays in this schema.
create table licence (
    licence_id  uuid        primary key,
    source      text        not null,
    licence_ref text        not null,
    business_id uuid        not null references business,
    by_office   text        not null,
    kind        text        not null,
    status      text        not null check (status in ('issued', 'expired', 'revoked')),
    number      text        not null,
    product     text,                            -- what it is for, in the office's words
    since       date        not null,
    valid_until date,
    heard       bigint      not null,
    version     bigint      not null,
    recorded_at timestamptz not null,
    unique (source, licence_ref)
);
create index licence_business on licence (business_id, licence_id);

-- A training that another office gave one person.
create table outside_training (
    outside_training_id uuid          primary key,
    source              text          not null,
    participation_ref   text          not null,
    person_id           uuid          not null references person,
    by_office           text          not null,
    title               text          not null,
    topics              text[]        not null,
    began_on            date          not null,
    ended_on            date          not null,
    hours               numeric(12,3) not null,
    kelurahan           text,
    heard               bigint        not null,
    version             bigint        not null,
    recorded_at         timestamptz   not null,
    unique (source, participation_ref)
);
create index outside_training_person on outside_training (person_id, ended_on);

-- The welfare decile of a household as of a day. Never changed: a newer one is another row.
create table decile (
    source       text        not null,
    family_ref   text        not null,
    sequence     bigint      not null,
    household_id uuid        not null references household,
    decile       smallint    not null check (decile between 1 and 10),
    as_of        date        not null,
    recorded_at  timestamptz not null,
    primary key (source, family_ref, sequence)
);
create index decile_household on decile (household_id, as_of);
