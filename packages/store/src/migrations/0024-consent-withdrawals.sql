-- == A person takes every consent back, and partners that are asked again == DECISIONS D166

-- What a person took back for everything: it also shuts referrals that are made later, until they sign again. Only added to. It is read
-- over all Patients of the same human being.
create table consent_withdrawal (
  tenant text not null,
  id uuid not null,
  -- The derived id of the Patient.
  person uuid not null,
  withdrawn_at timestamptz not null,
  withdrawn_by text not null,
  -- The request that recorded it; its decisions have the reason.
  request uuid not null,
  primary key (tenant, id)
);
create index consent_withdrawal_person on consent_withdrawal (tenant, person);

alter table referral
  -- The first so many Tasks are no turns of their partners: somebody lets these be asked again.
  add column turns_from integer;
