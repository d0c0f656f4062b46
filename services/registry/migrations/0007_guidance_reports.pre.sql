-- Every report of an office about whether it guides a business, each with its day, like those about
-- papers: what an office said is asked for days that are over. `guidance` stays its newest word. An
-- addition: the previous release goes on under it.
create table guidance_report (
    source       text        not null,
    guidance_ref text        not null,
    sequence     bigint      not null,
    business_id  uuid        not null references business,
    by_office    text        not null,
    guided       boolean     not null,
    since        date        not null,
    recorded_at  timestamptz not null,
    primary key (source, guidance_ref, sequence)
);
create index guidance_report_business on guidance_report (business_id);

-- Of what was heard before, the newest report is all there is.
insert into guidance_report (source, guidance_ref, sequence, business_id, by_office, guided, since,
                             recorded_at)
select source, guidance_ref, heard, business_id, by_office, guided, since, now() from guidance;
