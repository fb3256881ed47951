import type { fhir4 } from '@loopwell/fhir';
import { mapDefined } from '@loopwell/fhir';
import { tables } from '@loopwell/instruments';
import { AppError, deriveId } from '@loopwell/kit';
import { choiceProvenance, conditionCodesOf, withChosenCode } from '@loopwell/sdoh';
import {
  installation,
  ownResources,
  type ReferralPatch,
  type ReferralRow,
  reviews,
  type Tx,
} from '@loopwell/store';
import type { DecisionOf } from './changes.ts';
import type { ReviewDeps, Reviewer } from './reviewer.ts';

/** What a person chose to call suggestions, by id of the Condition; kept with the referral. */
export type CodesChosen = Record<
  string,
  { concept: fhir4.CodeableConcept; suggested: fhir4.CodeableConcept; by: string }
>;

/** Stands for the code that was suggested, where somebody has chosen another one. */
const asSuggested = 'suggested';

/** The ICD-10-CM leaf that our tables pair with a finding of a category. */
const leaves = new Map(
  tables.flatMap(({ questions }) =>
    questions.flatMap((row) =>
      mapDefined(row.answers ?? [], ({ need }) =>
        need?.snomed ? ([`${need.category} ${need.snomed}`, need.icd10cm] as const) : undefined,
      ),
    ),
  ),
);

/**
 * Gives a suggestion another finding of its category's value set. It stays unconfirmed; from then on coding adds evidence
 * to it and takes nothing of it back.
 *
 * @param decision `code` is a code of the value set, or `suggested`: what was suggested before somebody chose
 * @throws AppError REQUEST_INVALID for a Condition or a code that does not belong there; CONFLICT where it is approved (the
 *   EHR has it by now) or the person has a Condition with that code already
 */
export async function chooseCode(
  tx: Tx,
  deps: ReviewDeps,
  reviewer: Reviewer,
  referral: ReferralRow,
  { condition: id, code }: DecisionOf<'chooseCode'>,
): Promise<ReferralPatch> {
  const facts = { referral: referral.id };
  const names = JSON.parse(referral.conditions) as string[];
  if (referral.approval === 'approved')
    throw new AppError(
      'CONFLICT',
      'This referral is approved; its code is changed in the EHR now',
      { facts },
    );
  const before = JSON.parse(referral.codes_chosen ?? '{}') as CodesChosen;
  const bodies = await reviews.conditionBodies(tx, [referral.person], names);
  const known = bodies.find((one) => one.condition === id);
  if (!known)
    throw new AppError('REQUEST_INVALID', 'This Condition is no suggestion of this referral', {
      facts: { ...facts, field: 'condition' },
    });
  const condition = JSON.parse(known.body) as fhir4.Condition;
  const suggested = before[id]?.suggested ?? condition.code ?? {};
  const back = code === asSuggested && before[id] !== undefined;
  const chosen = back
    ? undefined
    : conditionCodesOf(referral.category).find((one) => one.code === code);
  if (!back && !chosen)
    throw new AppError('REQUEST_INVALID', 'This code is not in the value set of the category', {
      facts: { ...facts, field: 'code' },
    });
  const wanted = chosen?.code ?? suggested.coding?.[0]?.code ?? '';
  if (bodies.some(({ body }) => codesIn(body).includes(wanted)))
    throw new AppError(
      'CONFLICT',
      'The person has a Condition with this code already; nothing was recorded',
      { facts },
    );
  const resource = chosen
    ? withChosenCode(
        { ...condition, code: suggested },
        chosen,
        leaves.get(`${referral.category} ${code}`),
      )
    : { ...condition, code: suggested };
  const who = { name: reviewer.id, system: await installation.identifierSystem(tx) };
  const provenance = choiceProvenance(
    deriveId(referral.tenant, 'provenance', id, 'chosen'),
    id,
    who,
    deps.clock.now(),
  );
  const { tenant, connection, person, trace } = referral;
  await ownResources.saveOwnResources(
    tx,
    [resource, provenance].map((one) => ({
      id: one.id ?? '',
      tenant,
      connection,
      person,
      trace,
      type: one.resourceType,
      body: JSON.stringify(one),
    })),
  );
  const { [id]: _undone, ...others } = before;
  const after: CodesChosen = back
    ? others
    : { ...before, [id]: { concept: resource.code ?? {}, suggested, by: reviewer.id } };
  return { codes_chosen: Object.keys(after).length > 0 ? JSON.stringify(after) : null };
}

const codesIn = (body: string): string[] =>
  (JSON.parse(body) as fhir4.Condition).code?.coding?.flatMap((one) => one.code ?? []) ?? [];
