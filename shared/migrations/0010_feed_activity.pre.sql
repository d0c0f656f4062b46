-- How much each feed sent, by ten minutes: rates and shares that a restart doesn't begin anew.
create table feed_activity (
    topic     text        not null,
    source    text        not null,
    since     timestamptz not null,
    done      bigint      not null,
    duplicate bigint      not null,
    waiting   bigint      not null,
    parked    bigint      not null,
    rejected  bigint      not null,
    primary key (topic, source, since)
);

-- What a worker had not read of the topic when it reported.
alter table feed_health add column lag bigint not null default 0;
