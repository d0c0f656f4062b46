-- Answers already given to a POST, for 48 hours: references only, no personal data.
create table idempotency (
    scope       bytea primary key,                  -- of principal, method, route and key
    request     bytea not null,                     -- keyed digest of path, If-Match and body
    body        bytea,                              -- null: the first is still at work
    version     bigint,
    location    text,
    recorded_at timestamptz not null default now()
) with (autovacuum_vacuum_scale_factor = 0.02);
create index idempotency_age on idempotency using brin (recorded_at);
