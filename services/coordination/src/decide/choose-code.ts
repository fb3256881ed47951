import type { fhir4 } from '@loopwell/fhir';
import { mapDefined } from '@loopwell/fhir';
import { tables } from '@loopwell/instruments';
import { AppError, deriveId } from '@loopwell/kit';
import { choiceProvenance, conditionCodesOf, withChosenCode } from '@loopwell/sdoh';
import type { CodesChosen } from '@loopwell/service';
import {
  installation,
  ownResources,
  type ReferralPatch,
  type ReferralRow,
  reviews,
  type Tx,
} from '@loopwell/store';
import type { ReviewDeps, Reviewer } from '../reviewer.ts';
import type { DecisionOf } from './apply-decision.ts';
import { ownRow } from './undo/restore-codes.ts';

/** Means the code that was suggested, if a person has chosen another one. */
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
 * Gives a suggestion another finding from its category's value set. It stays unconfirmed. From then
 * on coding adds evidence to it and takes nothing of it back.
 *
 * @param decision `code` is a code of the value set, or `suggested`: the code that was suggested
 *   before
 * @throws AppError REQUEST_INVALID for a Condition or a code that does not belong there; CONFLICT
 *   if it is approved (the EHR has it by now) or the person has a Condition with that code already
 */
export async function chooseCode(
  tx: Tx,
  deps: ReviewDeps,
  reviewer: Reviewer,
  referral: ReferralRow,
  { condition: id, code }: DecisionOf<'chooseCode'>,
): Promise<ReferralPatch> {
  refuseApproved(referral);
  const before = JSON.parse(referral.codes_chosen ?? '{}') as CodesChosen;
  const names = JSON.parse(referral.conditions) as string[];
  const bodies = await reviews.conditionBodies(tx, [referral.person], names);
  const condition = requireSuggestion(referral, bodies, id);
  const suggested = before[id]?.suggested ?? condition.code ?? {};
  const isBack = code === asSuggested && before[id] !== undefined;
  const chosen = isBack ? undefined : requireFinding(referral, code);
  refuseTwice(referral, bodies, chosen?.code ?? suggested.coding?.[0]?.code ?? '');
  const original = { ...condition, code: suggested };
  const leaf = leaves.get(`${referral.category} ${code}`);
  const resource = chosen ? withChosenCode(original, chosen, leaf) : original;
  const system = await installation.identifierSystem(tx);
  const provenance = choiceProvenance(
    deriveId(referral.tenant, 'provenance', id, 'chosen'),
    id,
    { name: reviewer.id, system },
    deps.clock.now(),
  );
  const rows = [resource, provenance].map((made) => ownRow(referral, made));
  await ownResources.saveOwnResources(tx, rows);
  const { [id]: _undone, ...others } = before;
  const choice = { concept: resource.code ?? {}, suggested, by: reviewer.id };
  const after: CodesChosen = isBack ? others : { ...before, [id]: choice };
  return { codes_chosen: Object.keys(after).length > 0 ? JSON.stringify(after) : null };
}

function refuseApproved({ id, approval }: ReferralRow): void {
  if (approval !== 'approved') return;
  throw new AppError('CONFLICT', 'This referral is approved; its code is changed in the EHR now', {
    facts: { referral: id },
  });
}

type Bodies = Awaited<ReturnType<typeof reviews.conditionBodies>>;

function requireSuggestion(referral: ReferralRow, bodies: Bodies, id: string): fhir4.Condition {
  const suggestion = bodies.find(({ condition }) => condition === id);
  if (suggestion) return JSON.parse(suggestion.body) as fhir4.Condition;
  throw new AppError('REQUEST_INVALID', 'This Condition is no suggestion of this referral', {
    facts: { referral: referral.id, field: 'condition' },
  });
}

function requireFinding(referral: ReferralRow, code: string) {
  const valueSet = conditionCodesOf(referral.category);
  const finding = valueSet.find((member) => member.code === code);
  if (finding) return finding;
  throw new AppError('REQUEST_INVALID', 'This code is not in the value set of the category', {
    facts: { referral: referral.id, field: 'code' },
  });
}

function refuseTwice(referral: ReferralRow, bodies: Bodies, code: string): void {
  if (!bodies.some(({ body }) => codesIn(body).includes(code))) return;
  throw new AppError(
    'CONFLICT',
    'The person has a Condition with this code already; nothing was recorded',
    { facts: { referral: referral.id } },
  );
}

function codesIn(body: string): string[] {
  const { code } = JSON.parse(body) as fhir4.Condition;
  return code?.coding?.flatMap((coding) => coding.code ?? []) ?? [];
}
