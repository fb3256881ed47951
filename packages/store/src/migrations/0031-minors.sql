-- Who said yes for a person under age, and the service to which a minor agreed alone (DECISIONS D180).

alter table referral
  add column agreement_authority text check (agreement_authority in ('self', 'parent', 'guardian', 'agent')),
  -- Set where a minor agreed alone: nothing of it goes to a parent, a guardian or the portal, so nothing is written to the EHR.
  add column minor_service text,
  -- What made the minor able to agree alone: any, lives-apart, married-or-parent.
  add column minor_situation text;
