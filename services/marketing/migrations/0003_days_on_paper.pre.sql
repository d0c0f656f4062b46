-- The day that a product or a stand is about, where that was on paper earlier than it was typed in.
-- Rows from before have none; theirs is the day of their time stamp.
alter table product add column added_on date;
alter table stand add column confirmed_on date;
