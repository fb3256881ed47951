import { AppError } from '@loopwell/kit';
import { findNoToHelp, isKeptOut, isPlaceRefused } from '@loopwell/sdoh';
import {
  contact,
  type PartnerRow,
  partnerProfiles,
  type ReferralPatch,
  type ReferralRow,
  type Tx,
  tasks,
  work,
} from '@loopwell/store';
import { loadKeepOuts } from '../decide/recipient.ts';
import { type ReviewDeps, type Reviewer, todayOf } from '../reviewer.ts';
import { badField } from '../work/typed-words.ts';
import { actOn } from './act-on.ts';
import type { ListBody, SaidBody } from './by-hand-body.ts';
import { end } from './close-by-hand.ts';

/**
 * Records that a person was given a list of up to three places, on paper or aloud. Nothing is sent;
 * what the person says later ends it. DECISIONS D177.
 *
 * @throws AppError NOT_FOUND, CONFLICT where a partner has the referral or the person said no, or
 *   REQUEST_INVALID naming `partners` and the rule
 */
export async function giveList(
  deps: ReviewDeps,
  reviewer: Reviewer,
  id: string,
  { partners, way }: ListBody,
): Promise<void> {
  const byHand = { decision: 'giveList', facts: { way, partners } };
  await actOn(deps, reviewer, id, byHand, async (tx, referral) => {
    const attempts = (await tasks.tasksOfReferrals(tx, [id])).get(id) ?? [];
    if (referral.state !== 'waiting' || attempts.some(({ live }) => live))
      throw conflict(
        'A partner has this referral. Close it, or wait for the partner',
        'at-partner',
      );
    await requirePlaces(tx, deps, referral, partners);
    // An earlier list that they have not spoken of is replaced.
    await work.endList(tx, {
      referral: id,
      outcome: 'not-helped',
      on: todayOf(deps),
      by: reviewer.id,
    });
    await work.giveList(tx, {
      referral: id,
      person: referral.person,
      partners,
      way,
      by: reviewer.id,
    });
    return { list_given_at: deps.clock.now() };
  });
}

const conflict = (says: string, rule: string) =>
  new AppError('CONFLICT', `${says}; nothing was recorded`, { facts: { field: 'partners', rule } });

/** Requires that the person wants the help, and each of the places. */
async function requirePlaces(
  tx: Tx,
  deps: ReviewDeps,
  { person, category }: ReferralRow,
  partners: readonly string[],
): Promise<void> {
  const today = todayOf(deps);
  const nos = (await contact.nosOfPeople(tx, [person])).get(person) ?? [];
  if (findNoToHelp(nos, category, today))
    throw conflict('The person said no to this help', 'said-no');
  const rows = await partnerProfiles.namedPartners(tx);
  const keepOuts = await loadKeepOuts(tx, person);
  for (const partner of partners) {
    const row = rows.find((one: PartnerRow) => one.id === partner);
    if (row === undefined)
      throw badField('partners', 'unknown-place', 'A place is not in the directory');
    if (isKeptOut(row, keepOuts))
      throw badField('partners', 'kept-out', 'The person asked to keep a place out of everything');
    if (isPlaceRefused(nos, { category, partner, today }))
      throw badField('partners', 'not-this-place', 'The person does not want one of these places');
  }
}

/**
 * Records what the person says became of their list: they were helped, which ends the referral;
 * they were not, which puts it back for review; or they no longer want it, which is a no.
 *
 * @throws AppError NOT_FOUND, CONFLICT where they have no list that they have not spoken of
 */
export async function recordSaid(
  deps: ReviewDeps,
  reviewer: Reviewer,
  id: string,
  { said: outcome, on }: SaidBody & { on: string },
): Promise<void> {
  const byHand = { decision: 'saidOfList', facts: { said: outcome, on } };
  await actOn(deps, reviewer, id, byHand, async (tx, referral) => {
    if (!(await work.openListOf(tx, id))) throw conflict('They have no list of places', 'no-list');
    await work.endList(tx, { referral: id, outcome, on, by: reviewer.id });
    if (outcome === 'no-longer-wanted')
      return end(tx, deps, reviewer, referral, { why: 'no-longer-wanted', on });
    return outcome === 'helped' ? helped : { list_given_at: null };
  });
}

const helped: ReferralPatch = {
  state: 'closed',
  gate: null,
  list_given_at: null,
  closed_for: 'helped-by-list',
};
