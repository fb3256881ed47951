import { isFhirId } from '@loopwell/fhir';
import { AppError } from '@loopwell/kit';
import {
  type Granted,
  grantedReads,
  type Reader,
  type ReferralRow,
  referrals,
  type Tx,
} from '@loopwell/store';
import type { ReferralSettings } from '../settings.ts';
import { appendAct, type PartnerAct } from './log-disclosure.ts';
import { type Shown, shownTypes, showResource } from './show-resource.ts';

/** Types of resources that a partner reads by their ids. */
export const readableTypes = shownTypes;

/** A resource that was read, the grant that allowed it, and the referral that the grant is of. */
type Read = { shown: Shown; granted: Granted; referral: ReferralRow };

/** Makes the answer for a missing resource, which is the same for a resource that is not theirs. */
const noSuchResource = () =>
  new AppError('NOT_FOUND', 'No such resource, or none that a Task of yours reaches');

/**
 * Reads one resource for a partner, with the minimum necessary, and records the read. Only
 * resources with a grant that stands are readable. A resource that a partner may not see looks like
 * a missing one.
 *
 * @throws AppError NOT_FOUND
 */
export async function readForPartner(
  tx: Tx,
  reader: Reader,
  type: string,
  id: string,
  settings: ReferralSettings,
): Promise<Shown> {
  const read = await beginRead(tx, reader, type, id, settings);
  await finishRead(tx, reader, read, 'read-by-partner');
  return read.shown;
}

/** Shows a partner the Procedure that it has just posted, and records that it did. */
export async function showPosted(
  tx: Tx,
  reader: Reader,
  id: string,
  settings: ReferralSettings,
): Promise<Shown> {
  const read = await beginRead(tx, reader, 'Procedure', id, settings);
  await finishRead(tx, reader, read, 'posted-by-partner');
  return read.shown;
}

/** Finds the grant of a read, and builds what it shows. */
async function beginRead(
  tx: Tx,
  reader: Reader,
  type: string,
  id: string,
  settings: ReferralSettings,
): Promise<Read> {
  const shownType = shownTypes.find((one) => one === type);
  if (!shownType || reader.tenant !== settings.tenant || !isFhirId(id)) throw noSuchResource();
  const granted = await grantedReads.findGrant(tx, reader, shownType, id);
  if (!granted) throw noSuchResource();
  const referral = (await referrals.loadReferrals(tx, [granted.referral])).get(granted.referral);
  const shown = referral && (await showResource(tx, { granted, referral, settings }, shownType));
  if (!shown) throw noSuchResource();
  return { shown, granted, referral };
}

/**
 * Records a read, and looks last whether its grant still stands. So nothing is shown by a grant
 * that ended during the read, or while a hold was set.
 */
async function finishRead(tx: Tx, { tenant }: Reader, read: Read, act: PartnerAct): Promise<void> {
  await appendAct(tx, read, act);
  if (!(await grantedReads.grantStands(tx, tenant, read.granted))) throw noSuchResource();
}
