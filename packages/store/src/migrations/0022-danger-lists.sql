-- What is with a partner is listed with dangers on top; the other lists of open work have such an index already.
create index referral_list_partner_danger on referral (tenant, (danger is null), changed_at, id) where state = 'partner';
