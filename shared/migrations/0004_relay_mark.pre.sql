-- The last offset of each partition that the broker acknowledged to our relay, written in the
-- statement that marks rows as published. An end below it means that the broker lost records.
create table relay_mark (
    topic       text    not null,
    partition   integer not null,
    last_offset bigint  not null,
    primary key (topic, partition)
) with (fillfactor = 50);
