import { AppError } from '@loopwell/kit';
import {
  type AgeStanding,
  consentProblems,
  type DirectoryPartner,
  isKeptOut,
  isStructured,
  type KeepOut,
  namesForPartTwo,
  recordedConsentIn,
} from '@loopwell/sdoh';
import {
  type PartnerRow,
  partnerProfiles,
  people,
  type ReferralRow,
  type Tx,
} from '@loopwell/store';
import type { ReviewDeps, Reviewer } from '../reviewer.ts';
import type { DecisionOf } from './apply-decision.ts';
import { agesOf } from './consent/minors.ts';
import { refusedConsent } from './consent/record-consent.ts';
import { requireNoSignedNo } from './consent/signed-no.ts';
import { isOwnName, ownNamesOf } from './consent/signers.ts';

/** A partner that serves a category, by the id of its Organization. */
export type Recipient = { id: string; name: string };

/**
 * Lists the partners that a referral of this category may be approved for, each once, in the order
 * of the directory, without those that the person keeps out.
 */
export function recipientsFor(
  rows: readonly PartnerRow[],
  category: string,
  keepOuts: readonly KeepOut[],
): Recipient[] {
  const serving = rows.filter(
    (row) =>
      !isKeptOut(row, keepOuts) &&
      (JSON.parse(row.body) as DirectoryPartner).categories.includes(category),
  );
  return [...new Map(serving.map(({ id, name }) => [id, { id, name }])).values()];
}

/** Loads what a person wants to be kept out. */
export const loadKeepOuts = async (tx: Tx, person: string): Promise<readonly KeepOut[]> =>
  (await people.keepOutsOf(tx, [person])).get(person) ?? [];

/**
 * Checks that an approval names a partner if it has to. A need that rests on restricted information
 * is approved by a signed-in person, by itself, for one partner. Under ETH and 42CFRPart2 a consent
 * that is recorded here has to name that partner before.
 *
 * @throws AppError FORBIDDEN or REQUEST_INVALID, naming the referral
 */
export async function requireRecipient(
  tx: Tx,
  reviewer: Reviewer,
  locked: readonly ReferralRow[],
  { recipient, referrals }: Pick<DecisionOf<'approve'>, 'recipient' | 'referrals'>,
): Promise<void> {
  const count = new Set(referrals).size;
  for (const referral of locked) requireAllowed(reviewer, referral, count, recipient);
  const [referral] = locked;
  if (recipient === undefined || !referral) return;
  if (count > 1)
    throw invalid(
      referral,
      'A recipient is chosen for one referral at a time; nothing was recorded',
    );
  const keepOuts = await loadKeepOuts(tx, referral.person);
  const partners = await partnerProfiles.namedPartners(tx);
  if (partners.some((row) => row.id === recipient && isKeptOut(row, keepOuts)))
    throw invalid(
      referral,
      'The person asked to keep this partner out of everything; nothing was recorded',
    );
  const recipients = recipientsFor(partners, referral.category, keepOuts);
  if (!recipients.some((one) => one.id === recipient))
    throw invalid(
      referral,
      'The recipient is no partner of the directory that serves this need; nothing was recorded',
    );
}

/** Tells whether the recorded consent is about Part 2 data and names the partner. */
function isNamed({ consent_recorded: text }: ReferralRow, recipient = ''): boolean {
  const recorded = recordedConsentIn(text);
  return recorded?.withdrawn !== true && namesForPartTwo(recorded?.permits, recipient);
}

/**
 * Checks what a consent says before it is recorded: in words alone it may name a known partner, or
 * `any`; otherwise it is whole, and each field keeps its rule.
 *
 * @throws RequestProblems or AppError REQUEST_INVALID, naming the fields; CONFLICT against a signed no
 */
export async function requireConsent(
  tx: Tx,
  deps: ReviewDeps,
  reviewer: Reviewer,
  locked: readonly ReferralRow[],
  decision: DecisionOf<'recordConsent'>,
): Promise<void> {
  await requireGoodParts(tx, deps, locked, decision);
  await requireNoSignedNo(tx, deps, reviewer, locked, decision);
}

async function requireGoodParts(
  tx: Tx,
  deps: ReviewDeps,
  locked: readonly ReferralRow[],
  decision: DecisionOf<'recordConsent'>,
): Promise<void> {
  const [referral] = locked;
  if (!referral) return;
  const { recipient = 'any', scope } = decision;
  const isWhole = isStructured(decision);
  if (!isWhole && scope === undefined)
    throw refusedConsent(referral, 'Say what the form permits', [
      { field: 'scope', rule: 'required' },
    ]);
  if (!isWhole && recipient === 'any') return;
  const rows = await partnerProfiles.namedPartners(tx);
  const problem = isWhole ? besideParts(recipient) : recipientProblem(rows, locked, recipient);
  if (problem !== undefined) throw invalid(referral, problem);
  const signed = { ...decision, signer: await signerOf(tx, deps, locked, decision) };
  const problems = consentProblems(signed, {
    partners: rows.map((row) => JSON.parse(row.body) as DirectoryPartner),
    subjects: await subjectsOf(tx, deps, locked, isAgeAsked(decision.authority)),
    isSpokenEnough: deps.spokenConsent !== undefined,
  });
  if (problems.length > 0)
    throw refusedConsent(
      referral,
      'A field of this consent breaks a rule; nothing was recorded',
      problems,
    );
}

const besideParts = (recipient: string): string | undefined =>
  recipient === 'any'
    ? undefined
    : 'A consent that names places or a kind has no recipient beside them; nothing was recorded';

/** Says what is wrong with the partner that a consent in words names; undefined where it is fine. */
function recipientProblem(
  rows: readonly PartnerRow[],
  locked: readonly ReferralRow[],
  recipient: string,
): string | undefined {
  if (!rows.some(({ id }) => id === recipient))
    return 'The recipient is no partner of the directory, nor `any`; nothing was recorded';
  const helpsWith = ({ category }: ReferralRow) =>
    recipientsFor(rows, category, []).some(({ id }) => id === recipient);
  return locked.every(helpsWith)
    ? undefined
    : 'The recipient does not help with this need; nothing was recorded';
}

/** Gives the signer; people who sign for themselves need not be named where the chart names them. */
async function signerOf(
  tx: Tx,
  deps: ReviewDeps,
  locked: readonly ReferralRow[],
  decision: DecisionOf<'recordConsent'>,
): Promise<string | undefined> {
  if (!isOwnName(decision)) return decision.signer;
  const patients = [...new Set(locked.map(({ person }) => person))];
  const names = await ownNamesOf(tx, deps, patients);
  return patients.every((patient) => names.has(patient)) ? names.get(patients[0] ?? '') : undefined;
}

/** A parent signs for a minor only, and a minor for few services. */
const isAgeAsked = (authority: string | undefined): boolean =>
  authority === 'parent' || authority === 'self';

/** Reads the need of each referral, and the age of its person where that is asked for. */
async function subjectsOf(
  tx: Tx,
  deps: ReviewDeps,
  locked: readonly ReferralRow[],
  isAgeAsked: boolean,
): Promise<{ category: string; age: AgeStanding; agreedAlone: boolean }[]> {
  const people = isAgeAsked ? locked.map((one) => one.person) : [];
  const ageOf = await agesOf(tx, deps, people);
  return locked.map(({ category, person, minor_service }) => ({
    category,
    age: ageOf(person),
    agreedAlone: minor_service !== null,
  }));
}

function requireAllowed(
  reviewer: Reviewer,
  referral: ReferralRow,
  count: number,
  recipient: string | undefined,
): void {
  const facts = { referral: referral.id };
  if (referral.restriction === null) return;
  if (referral.restriction === 'named-consent' && !isNamed(referral, recipient))
    throw new AppError(
      'FORBIDDEN',
      'This need rests on information labeled ETH or 42CFRPart2: it may leave only under a consent that names the partner. Record that consent first, then approve for that partner; nothing was recorded',
      { facts },
    );
  if (reviewer.kind !== 'person')
    throw new AppError(
      'FORBIDDEN',
      'A need that rests on restricted information is approved by a signed-in person only',
      { facts },
    );
  if (count > 1)
    throw invalid(
      referral,
      'A need that rests on restricted information is approved by itself, for one recipient; nothing was recorded',
    );
  if (recipient === undefined)
    throw invalid(
      referral,
      'A need that rests on restricted information is approved for one partner: name it in recipient; nothing was recorded',
    );
}

const invalid = (referral: ReferralRow, says: string) =>
  new AppError('REQUEST_INVALID', says, { facts: { referral: referral.id, field: 'recipient' } });
