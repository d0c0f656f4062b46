-- One version of an aggregate may be told in two forms, an event type and the one before it: once
-- each. All types end in `.v1`, `.v2`, …, so three letters tell them apart.
create unique index journal_told_once on journal (key, sequence, right(type, 3));
alter table journal drop constraint journal_key_sequence_key;
