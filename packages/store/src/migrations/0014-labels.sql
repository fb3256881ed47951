-- restriction: the need rests on something with a restricting security label ('one-recipient': a signed-in person picks it for
-- one partner; 'named-consent': not before a consent names that partner). recipient: the partner that the person picked.
alter table referral add column restriction text check (restriction in ('one-recipient', 'named-consent'));
alter table referral add column recipient text;
