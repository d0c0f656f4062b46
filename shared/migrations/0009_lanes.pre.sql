-- What is told leaves by lanes, each with its turn: a hundred thousand receipts of one office don't
-- hold up another's, nor what staff have entered. Lane 0: everything but receipts.
alter table outbox add column lane smallint not null default 0;
create index outbox_lane on outbox (lane, seq);
