import type { fhir4 } from '@loopwell/fhir';
import { AppError } from '@loopwell/kit';
import {
  type AgeStanding,
  type AgreementProblem,
  ageStanding,
  findAgreementProblem,
} from '@loopwell/sdoh';
import { ehrResources, type ReferralRow, type Tx } from '@loopwell/store';
import { type ReviewDeps, todayOf } from '../../reviewer.ts';
import type { ReviewDecision } from '../decisions.ts';

type Deps = Pick<ReviewDeps, 'clock' | 'minorAge' | 'state'>;

/** Reads how old people are by their charts, by Patient; unknown without a birth date. */
export async function agesOf(
  tx: Tx,
  deps: Deps,
  people: readonly string[],
): Promise<(person: string) => AgeStanding> {
  const rows = await ehrResources.ehrResourcesOfPeople(tx, [...new Set(people)], ['Patient']);
  return (person) => {
    const body = rows.find((row) => row.person === person)?.body;
    const patient = body === undefined ? undefined : (JSON.parse(body) as fhir4.Patient);
    return ageStanding(patient, todayOf(deps), deps.minorAge ?? 18);
  };
}

const sentences: Readonly<Record<AgreementProblem['rule'], string>> = {
  required: 'This person is under age: say who said yes, such as a parent or guardian',
  'minor-alone':
    'This person is under age, and no law of the state of the site lets them agree to this alone',
  'parent-of-adult': 'A parent says yes for a minor only',
  'age-unknown': 'The chart has no birth date, so a parent cannot say yes',
  adult: 'This person is not known to be under age, so they agree to everything themselves',
  'self-only': 'A service to which a minor agrees alone has no other who said yes',
};

/**
 * Checks that whoever said yes may say it for a person of this age. A yes that does not say who said
 * it is kept, and its gate waits until somebody has; only the form of one need requires it.
 * DECISIONS D180.
 *
 * @param yes.isAsked the form asks who said yes
 * @throws AppError REQUEST_INVALID naming referral, field and rule
 */
export async function requireAgreement(
  tx: Tx,
  deps: Deps,
  locked: readonly ReferralRow[],
  yes: Extract<ReviewDecision, { decision: 'agree' }> & { isAsked: boolean | undefined },
): Promise<void> {
  const { agreedBy, minorService, minorSituation } = yes;
  const parts = { agreedBy, minorService, minorSituation };
  const ageOf = await agesOf(
    tx,
    deps,
    locked.map(({ person }) => person),
  );
  for (const { id, person } of locked) {
    const problem = findAgreementProblem(parts, { age: ageOf(person), state: deps.state });
    if (problem && (problem.rule !== 'required' || yes.isAsked)) {
      const message = `${sentences[problem.rule]}; nothing was recorded`;
      throw new AppError('REQUEST_INVALID', message, { facts: { referral: id, ...problem } });
    }
  }
}

/** Gives the referrals as they are once the agreement of the same request is recorded. */
export function asAgreed(
  locked: readonly ReferralRow[],
  steps: readonly ReviewDecision[],
): ReferralRow[] {
  const yes = steps.find((step) => step.decision === 'agree');
  const minorService = yes?.decision === 'agree' ? yes.minorService : undefined;
  if (minorService === undefined) return [...locked];
  return locked.map((row) => ({ ...row, minor_service: minorService }));
}
