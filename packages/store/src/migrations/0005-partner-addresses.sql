-- A partner is an Organization at one Endpoint address: one Organization may have several for several categories.
alter table partner drop constraint partner_pkey, add primary key (tenant, id, address);

-- A partner's bearer reads what open Tasks sent to its Endpoint addresses reach; several are told apart by line breaks.
create index task_address on task (address) where live;
