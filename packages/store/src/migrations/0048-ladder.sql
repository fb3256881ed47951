-- == The ways to a partner, one after the other ==
-- A delivery that failed says why, and the next one of its Task goes another way. DECISIONS D193.
alter table task_delivery add column code text;

-- The Tasks that went to one address, for the moment in which it takes no more.
create index task_delivery_channel on task_delivery (tenant, channel, address) where state = 'delivered';
