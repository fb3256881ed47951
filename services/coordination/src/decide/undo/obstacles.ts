import type { fhir4 } from '@loopwell/fhir';
import {
  type AgeStanding,
  agreementOf,
  doesAgreementHold,
  findNoToHelp,
  identityOf,
  isSafetyCategory,
  type PersonNo,
  recordedConsentIn,
  serviceToSuggest,
} from '@loopwell/sdoh';
import {
  contact,
  ehrResources,
  installation,
  type ReferralRow,
  type TaskRow,
  type Tx,
  tasks,
} from '@loopwell/store';
import { type ReviewDeps, todayOf } from '../../reviewer.ts';
import { readConsents } from '../consent/consent.ts';
import { type ConsentView, nothing } from '../consent/consent-view.ts';
import { agesOf } from '../consent/minors.ts';

/** What stands before a referral that waits, in the order of the gates. */
export type Obstacle =
  | { kind: 'review' | 'saidNo' | 'agreement' | 'whoAgreed' | 'nobodyLeft' | 'service' }
  | { kind: 'consent'; consent: ConsentView };

type Facts = {
  nos: readonly PersonNo[];
  consent: ConsentView;
  /** The person's yes as the chart has it. */
  isAgreedInChart: boolean;
  age: AgeStanding;
  today: string;
};

/**
 * Finds what stands before referrals that wait, by referral. A worker decides; this is what pages
 * say before it has looked. Those that may go out are not among them. DECISIONS D178.
 */
export async function readObstacles(
  tx: Tx,
  deps: ReviewDeps,
  rows: readonly ReferralRow[],
): Promise<ReadonlyMap<string, Obstacle>> {
  const people = rows.map(({ person }) => person);
  const attempts = await tasks.tasksOfReferrals(
    tx,
    rows.map(({ id }) => id),
  );
  const consents = await readConsents(tx, deps, rows, attempts);
  const nos = await contact.nosOfPeople(tx, people);
  const isAgreedInChart = await readChartAgreements(tx, deps, people);
  const ageOf = await agesOf(tx, deps, people);
  const obstacles = new Map<string, Obstacle>();
  for (const row of rows) {
    const obstacle = obstacleOf(row, {
      nos: nos.get(row.person) ?? [],
      consent: consents.get(row.id) ?? nothing,
      isAgreedInChart: isAgreedInChart(row),
      age: ageOf(row.person),
      today: todayOf(deps),
    });
    if (obstacle && !isOut(attempts.get(row.id))) obstacles.set(row.id, obstacle);
  }
  return obstacles;
}

const isOut = (attempts: readonly TaskRow[] = []): boolean => attempts.some(({ live }) => live);

/** Finds the first thing that stands before a referral; undefined where nothing does. */
function obstacleOf(row: ReferralRow, facts: Facts): Obstacle | undefined {
  const { category, gate, service_code: service } = row;
  const { nos, consent, today } = facts;
  if (findNoToHelp(nos, category, today)) return { kind: 'saidNo' };
  const isUnseen = gate === null || gate === 'review';
  const isWaiting = row.approval === null && isUnseen;
  if (isWaiting || row.approval === 'refused' || isSafetyCategory(category))
    return { kind: 'review' };
  const isAgreed = row.agreement_on !== null && row.agreement_withdrawn_at === null;
  if (!isAgreed && !facts.isAgreedInChart) return { kind: 'agreement' };
  const { agreement_authority: by, minor_service: alone } = row;
  if (!facts.isAgreedInChart && !doesAgreementHold(by, alone !== null, facts.age))
    return { kind: 'whoAgreed' };
  if (consent.state !== 'permits') return { kind: 'consent', consent };
  if (consent.nobodyLeft) return { kind: 'nobodyLeft' };
  return service === null && !serviceToSuggest(category) ? { kind: 'service' } : undefined;
}

/** Reads Goals and orders of the chart, which may be the person's yes. */
async function readChartAgreements(tx: Tx, { clock }: ReviewDeps, people: readonly string[]) {
  const types = ['Goal', 'ServiceRequest'];
  const papers = await ehrResources.ehrResourcesOfPeople(tx, [...new Set(people)], types);
  const identity = identityOf(await installation.identifierSystem(tx));
  return ({ person, category, agreement_withdrawn_at: withdrawn }: ReferralRow): boolean => {
    const theirs = papers.filter((paper) => paper.person === person);
    const parsed = <T>(type: string) =>
      theirs.filter((one) => one.type === type).map((one) => JSON.parse(one.body) as T);
    const goals = parsed<fhir4.Goal>('Goal');
    const orders = parsed<fhir4.ServiceRequest>('ServiceRequest');
    const agreement = agreementOf(category, goals, orders, clock.now(), identity);
    return withdrawn === null && agreement !== undefined;
  };
}

/** Tells whether a stop that was recorded here ends a referral. */
export const isStopped = (row: ReferralRow): boolean =>
  row.approval === 'refused' ||
  row.agreement_withdrawn_at !== null ||
  row.given_up_by !== null ||
  recordedConsentIn(row.consent_recorded)?.withdrawn === true;
