import type { Request } from '@loopwell/http';
import { type OpenHours, requestKindOf } from '@loopwell/sdoh';
import { partnerProfiles, referrals, type Tx, tasks } from '@loopwell/store';
import type { SignedInHelper } from '../../shell/helper-door.ts';

/**
 * Whoever looks: a helper of one partner, what the partner is about, and when. `hasTickets`: people
 * come with a short code.
 */
export type Look = {
  partner: string;
  helper: string;
  kind: string;
  /** Gives what the partner is about for a kind of help. Legal rules hold wherever it is legal. */
  kindFor: (category: string) => string;
  hasTickets: boolean;
  /** Gives the open hours for a kind of help, where they are known. */
  hoursFor: (category: string) => OpenHours | undefined;
  now: Date;
};

/**
 * Finds who looks, and what their partner is about.
 *
 * @param task the request that they look at: then the kind is that of its help
 */
export async function lookOf(
  tx: Tx,
  { partner, helper }: SignedInHelper,
  now: Date,
  task?: string,
): Promise<Look> {
  const profiles = await partnerProfiles.loadProfiles(tx);
  const stored = profiles.get(partner);
  const profile = stored?.profile();
  const kindFor = (category: string) =>
    stored ? requestKindOf(stored.services, stored.edits, category) : 'other';
  const category = await categoryOf(tx, task);
  return {
    partner,
    helper,
    kind: category === undefined ? (profile?.kind ?? 'other') : kindFor(category),
    kindFor,
    hasTickets: profile?.arrival === 'ticket',
    hoursFor: (help) => stored?.profile(help).hours,
    now,
  };
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads the kind of help of a Task; undefined where there is no such Task. */
async function categoryOf(tx: Tx, id = ''): Promise<string | undefined> {
  const task = uuid.test(id) ? (await tasks.loadTasks(tx, [id])).get(id) : undefined;
  if (!task) return undefined;
  return (await referrals.loadReferrals(tx, [task.referral])).get(task.referral)?.category;
}

/** Gives the Task in the address of a request. */
export const taskOf = ({ params }: Request): string => String(params.task ?? '');
