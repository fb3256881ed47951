import type { fhir4 } from '@loopwell/fhir';
import { deriveId } from '@loopwell/kit';
import { choiceProvenance } from '@loopwell/sdoh';
import type { CodesChosen } from '@loopwell/service';
import {
  installation,
  ownResources,
  type ReferralPatch,
  type ReferralRow,
  reviews,
  type Tx,
  type UndoRow,
} from '@loopwell/store';
import type { ReviewDeps, Reviewer } from '../../reviewer.ts';

const beforeIn = ({ before }: Pick<UndoRow, 'before'>) => JSON.parse(before) as ReferralPatch;

/** Tells whether a request chose a finding. */
export const hasCodes = (row: Pick<UndoRow, 'before'>): boolean =>
  Object.hasOwn(beforeIn(row), 'codes_chosen');

const codesIn = (text: string | null | undefined): CodesChosen =>
  JSON.parse(text ?? '{}') as CodesChosen;

/** Gives the findings that were chosen before a request. */
export const codesBefore = (row: Pick<UndoRow, 'before'>): CodesChosen =>
  codesIn(beforeIn(row).codes_chosen);

/**
 * Gives the suggestions of a referral the findings that they had before. Evidence that came since
 * stays, and so does everything else about them.
 */
export async function restoreCodes(
  tx: Tx,
  { clock }: Pick<ReviewDeps, 'clock'>,
  reviewer: Reviewer,
  referral: ReferralRow,
  before: CodesChosen,
): Promise<void> {
  const now = codesIn(referral.codes_chosen);
  const ids = [...new Set([...Object.keys(now), ...Object.keys(before)])];
  const changed = ids.filter((id) => conceptIn(before, id) !== conceptIn(now, id));
  const bodies = await reviews.conditionBodies(tx, [referral.person], changed);
  const name = { name: reviewer.id, system: await installation.identifierSystem(tx) };
  const rows = bodies.flatMap(({ condition: id, body }) => {
    const condition = JSON.parse(body) as fhir4.Condition;
    const code = before[id]?.concept ?? now[id]?.suggested ?? condition.code ?? {};
    const provenance = deriveId(referral.tenant, 'provenance', id, 'chosen');
    return [{ ...condition, code }, choiceProvenance(provenance, id, name, clock.now())];
  });
  await ownResources.saveOwnResources(
    tx,
    rows.map((made) => ownRow(referral, made)),
  );
}

const conceptIn = (codes: CodesChosen, id: string) => JSON.stringify(codes[id]?.concept);

/** Makes the row of a Condition, or of the Provenance that says who chose its finding. */
export function ownRow(
  { tenant, connection, person, trace }: ReferralRow,
  resource: fhir4.Condition | fhir4.Provenance,
) {
  return {
    id: resource.id ?? '',
    tenant,
    connection,
    person,
    trace,
    type: resource.resourceType,
    body: JSON.stringify(resource),
  };
}
