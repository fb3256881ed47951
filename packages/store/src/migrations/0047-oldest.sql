-- The oldest referral that is with a partner.
create index referral_partner_since on referral (tenant, gate_since) where state = 'partner';
-- Whether a partner has taken anything since it refused us.
create index receipt_settled on receipt (receiver, settled_at) where state = 'settled';
