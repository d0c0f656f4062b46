-- Every report of an office about a paper, each with its day: how a paper stood on a day is asked
-- for days that are over, and reports may come in any order. `licence` stays what the one with the
-- highest sequence says. An addition: the previous release goes on under it.
create table licence_report (
    source      text        not null,
    licence_ref text        not null,
    sequence    bigint      not null,
    status      text        not null check (status in ('issued', 'expired', 'revoked')),
    since       date        not null,
    valid_until date,
    recorded_at timestamptz not null,
    primary key (source, licence_ref, sequence)
);

-- Of what was heard before, the newest report is all there is.
insert into licence_report (source, licence_ref, sequence, status, since, valid_until, recorded_at)
select source, licence_ref, heard, status, since, valid_until, recorded_at from licence;
