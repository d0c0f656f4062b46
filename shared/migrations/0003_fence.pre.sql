-- Ends a statement, and with it everything that the statement wrote, under a code of ours:
-- BN001 the position was not where this process thought: somebody else owns it (or we did commit)
-- BN002 an id that was seen before came with other content
create function refuse(code text) returns boolean language plpgsql as $$
begin
    raise exception 'refused' using errcode = code;
end
$$;

-- A bad event that is delivered again is the same bad event.
create unique index parked_once on parked (consumer, source, event_id, digest)
    where event_id is not null;
