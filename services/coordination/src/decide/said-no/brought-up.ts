import { mapDefined } from '@loopwell/fhir';
import { AppError } from '@loopwell/kit';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import { doesNoStand, isNoAbout, isPlaceRefused } from '@loopwell/sdoh';
import {
  contact,
  type NoRow,
  type ReferralPatch,
  type ReferralRow,
  reviews,
  type Tx,
  tasks,
} from '@loopwell/store';
import { type ReviewDeps, type Reviewer, todayOf } from '../../reviewer.ts';

type Decision = components['schemas']['Decision'];
/** A decision that lets a referral go on. */
type LetsGo = Extract<Decision, { decision: 'approve' | 'agree' | 'askNext' }>;

const letsGo = (step: Decision): step is LetsGo =>
  step.decision === 'approve' || step.decision === 'agree' || step.decision === 'askNext';

/** A person's nos that stand against a referral; none for a partner's words alone. */
type Standing = { referral: ReferralRow; nos: readonly NoRow[] };

/**
 * Requires that no decision lets a referral go on against the person's no, unless it says on which
 * day the person brought it up; the no has ended then. DECISIONS D160.
 *
 * @returns the referrals whose no has ended, with what changes for them
 * @throws AppError CONFLICT against a no, FORBIDDEN for a token that says that somebody brought it
 *   up, REQUEST_INVALID for a day to come or before the no
 */
export async function liftForDecision(
  tx: Tx,
  deps: Pick<ReviewDeps, 'clock'>,
  made: { reviewer: Reviewer; request: string; steps: readonly Decision[] },
  locked: readonly ReferralRow[],
): Promise<Map<string, ReferralPatch>> {
  const steps = made.steps.filter(letsGo);
  const against = steps.length === 0 ? [] : await standingAgainst(tx, deps, steps, locked);
  const broughtUpOn = steps.find((step) => step.broughtUpOn !== undefined)?.broughtUpOn;
  const agreedOn = mapDefined(steps, agreedOnOf)[0];
  const patches = new Map<string, ReferralPatch>();
  const taken = agreedOn === undefined ? new Set<string>() : await takenBack(tx, against);
  for (const standing of against) {
    // A yes on a later day reverses an agreement that was taken back without more words.
    const isReversed = standing.nos.length > 0 && standing.nos.every(({ id }) => taken.has(id));
    if (broughtUpOn === undefined && isReversed) continue;
    requireBroughtUp(standing, broughtUpOn, made.reviewer, todayOf(deps));
  }
  if (agreedOn !== undefined) await requireLaterYes(tx, locked, { agreedOn, broughtUpOn, against });
  const on = broughtUpOn ?? agreedOn;
  if (on === undefined) return patches;
  const ids = against.map(({ referral }) => referral.id);
  const attempts = await tasks.tasksOfReferrals(tx, ids);
  for (const { referral, nos } of against) {
    const { id, person, category } = referral;
    const by = { by: made.reviewer.id, request: made.request };
    await contact.liftNos(tx, {
      person,
      ids: nos.map((no) => no.id),
      broughtUpOn: on,
      category,
      ...by,
    });
    // What the partner said of the person does not hold any more.
    const asked = { asked_after: (attempts.get(id) ?? []).length };
    patches.set(id, { ...asked, without_help: null, without_help_since: null, decide_by: null });
  }
  return patches;
}

const agreedOnOf = (step: LetsGo): string | undefined =>
  step.decision === 'agree' ? step.agreedOn : undefined;

/**
 * Lists the nos that came from an agreement that was taken back without a kind. An agreement from
 * before the kinds is reversed by a new one. DECISIONS D160.
 */
async function takenBack(tx: Tx, against: readonly Standing[]): Promise<Set<string>> {
  const nos = against.flatMap((one) => one.nos).filter((no) => no.kind === 'not-this-help');
  const reversible = new Set<string>();
  for (const { id, referral } of nos) {
    if (referral === null) continue;
    const lines = await reviews.decisionsOf(tx, tx.tenant, referral);
    const stop = lines.findLast(({ decision }) => stopNames.includes(decision));
    const { kind } = JSON.parse(stop?.facts ?? '{}') as { kind?: string };
    if (stop?.decision === 'withdrawAgreement' && kind === undefined) reversible.add(id);
  }
  return reversible;
}
const stopNames: readonly string[] = ['refuse', 'withdrawAgreement'];

/**
 * Requires that a yes is no older than a no to the same help, nor than the day on which the person
 * brought it up again; also where the no has ended already.
 *
 * @throws AppError REQUEST_INVALID
 */
async function requireLaterYes(
  tx: Tx,
  locked: readonly ReferralRow[],
  yes: { agreedOn: string; broughtUpOn: string | undefined; against: readonly Standing[] },
): Promise<void> {
  const people = locked.map(({ person }) => person);
  const nosOf = await contact.personNos(tx, people);
  const days = locked.flatMap((referral) => {
    const isLifted = yes.against.some((standing) => standing.referral.id === referral.id);
    const broughtUpOn = isLifted ? yes.broughtUpOn : undefined;
    return daysBefore(referral, nosOf.get(referral.person) ?? [], broughtUpOn);
  });
  const broken = days.find(({ on }) => yes.agreedOn < on);
  if (broken) throw tooOld(broken);
}

function tooOld({
  referral,
  rule,
}: {
  referral: ReferralRow;
  rule: keyof typeof dayMessages;
}): AppError {
  return new AppError('REQUEST_INVALID', dayMessages[rule], {
    facts: { referral: referral.id, field: 'agreedOn', rule },
  });
}

type DayBefore = { referral: ReferralRow; on: string; rule: keyof typeof dayMessages };

/** Lists the days that a yes to a help may not be before. */
function daysBefore(
  referral: ReferralRow,
  theirs: readonly NoRow[],
  broughtUpOn: string | undefined,
): DayBefore[] {
  const nos = theirs.filter((no) => isAboutHelp(no, referral.category));
  const each = nos.map((no) => contact.broughtUpOn(no, referral.category));
  const again = mapDefined([broughtUpOn, ...each], (on) => on);
  return [
    ...nos.map(({ said_on: on }): DayBefore => ({ referral, on, rule: 'before-said' })),
    ...again.map((on): DayBefore => ({ referral, on, rule: 'before-brought-up' })),
  ];
}

const isAboutHelp = ({ kind, category: of }: NoRow, category: string): boolean =>
  kind !== 'not-this-place' && (of === null || of === category);

async function standingAgainst(
  tx: Tx,
  deps: Pick<ReviewDeps, 'clock'>,
  steps: readonly LetsGo[],
  locked: readonly ReferralRow[],
): Promise<Standing[]> {
  const people = locked.map(({ person }) => person);
  const all = await contact.personNos(tx, people);
  const named = steps.map((step) => ('recipient' in step ? step.recipient : undefined));
  const places = named.filter((partner) => partner !== undefined);
  return locked.flatMap((referral) => {
    const { category, without_help } = referral;
    const theirs = all.get(referral.person) ?? [];
    const nos = theirs.filter((no) => isAgainst(no, category, places, todayOf(deps)));
    // A partner's words from before they were recorded as a no.
    const isOld =
      without_help === 'person-declined' &&
      !theirs.some((no) => isNoAbout(no, category) || no.brought_up !== null);
    return nos.length > 0 || isOld ? [{ referral, nos }] : [];
  });
}

function isAgainst(
  row: NoRow,
  category: string,
  places: readonly string[],
  today: string,
): boolean {
  const no = contact.noOf(row);
  if (no.kind !== 'not-this-place') return doesNoStand(no, today) && isNoAbout(no, category);
  return places.some((partner) => isPlaceRefused([no], { category, partner, today }));
}

function requireBroughtUp(
  { referral, nos }: Standing,
  broughtUpOn: string | undefined,
  reviewer: Reviewer,
  today: string,
): void {
  const [latest] = nos;
  const facts = { referral: referral.id, field: 'broughtUpOn' };
  if (broughtUpOn === undefined) {
    const rule = 'said-no';
    const on = latest === undefined ? {} : { saidOn: latest.said_on, kind: latest.kind };
    throw new AppError(
      'CONFLICT',
      'The person said no to this. Say on which day they brought it up again; nothing was recorded',
      { facts: { ...facts, rule, ...on } },
    );
  }
  if (reviewer.kind !== 'person')
    throw new AppError(
      'FORBIDDEN',
      'A signed-in person writes down that somebody brought it up; nothing was recorded',
      { facts },
    );
  const rule = broughtUpOn > today ? 'future' : 'before-said';
  if (broughtUpOn <= today && nos.every((no) => no.said_on <= broughtUpOn)) return;
  throw new AppError('REQUEST_INVALID', dayMessages[rule], { facts: { ...facts, rule } });
}

const dayMessages = {
  future: 'A day to come is not one on which the person brought it up; nothing was recorded',
  'before-said': 'This day is before the person said no; nothing was recorded',
  'before-brought-up':
    'This day is before the one on which the person brought it up again; nothing was recorded',
} as const;
