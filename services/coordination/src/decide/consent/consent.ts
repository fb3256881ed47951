import { type fhir4, withoutUndefined } from '@loopwell/fhir';
import {
  type ConsentStanding,
  type ConsentsOnFile,
  consentQuestion,
  consentStanding,
  consentsOnFile,
  type DirectoryPartner,
  isKeptOut,
  isPlaceRefused,
  type KeepOut,
  namesForPartTwo,
  nextAmong,
  type PersonNo,
  partTwoWords,
  recordedConsentIn,
  scopeFor,
  turnsAmong,
  whyNotYet,
} from '@loopwell/sdoh';
import {
  contact,
  type EverythingWithdrawn,
  ehrResources,
  loadConnections,
  partnerProfiles,
  peopleWithUnreadConsents,
  people as personStore,
  quarantinedPapers,
  type ReferralRow,
  type TaskRow,
  type Tx,
} from '@loopwell/store';
import { type ReviewDeps, todayOf } from '../../reviewer.ts';
import { type Candidate, type ConsentView, nothing, stateOf, viewOf } from './consent-view.ts';

export type Judging = Pick<
  ReviewDeps,
  'clock' | 'longestConsentDays' | 'consentPolicy' | 'minorAge'
>;
/** Tells whether a consent permits in general, but does not name the partner for Part 2 data. */
function isUnnamed(
  { restriction, consent_recorded: text }: ReferralRow,
  { state, consent }: ConsentStanding,
  partner: DirectoryPartner | undefined,
): boolean {
  if (restriction !== 'named-consent' || state !== 'permits') return false;
  const scope = scopeFor(recordedConsentIn(text), consent?.id);
  if (partner === undefined) return scope?.partTwo !== true;
  return !namesForPartTwo(scope, partner.id);
}

/** Reads the state of consent of some referrals, with nine queries, however many they are. */
export async function readConsents(
  tx: Tx,
  deps: Judging,
  rows: readonly ReferralRow[],
  tasks: ReadonlyMap<string, readonly TaskRow[]>,
): Promise<ReadonlyMap<string, ConsentView>> {
  if (rows.length === 0) return new Map();
  const people = [...new Set(rows.map((row) => row.person))];
  const connections = [...new Set(rows.map((row) => row.connection))];
  const papers = Map.groupBy(
    await ehrResources.ehrResourcesOfPeople(tx, people, ['Patient', 'Consent']),
    (one) => one.person,
  );
  const bases = await loadConnections(tx, connections);
  const refused = await quarantinedPapers(tx, connections, people);
  const unread = await peopleWithUnreadConsents(tx, people);
  const withdrawals = await personStore.consentWithdrawalsOf(tx, people);
  const keepOuts = await personStore.keepOutsOf(tx, people);
  const nos = await contact.nosOfPeople(tx, people);
  const partners = (await partnerProfiles.namedPartners(tx)).map(({ id, name, body }) => ({
    ...(JSON.parse(body) as DirectoryPartner),
    id,
    name,
  }));
  return new Map(
    rows.map((row) => {
      const onPaper = papers.get(row.person) ?? [];
      const base = bases.get(row.connection)?.base ?? '';
      const quarantined = refused.filter((one) => one.connection === row.connection);
      const asked = { row, tasks: tasks.get(row.id) ?? [], partners };
      return [
        row.id,
        viewFor(
          deps,
          {
            ...{ papers: onPaper, base, quarantined, areUnread: unread.has(row.person) },
            everythingWithdrawn: withdrawals.get(row.person),
            keepOuts: keepOuts.get(row.person) ?? [],
            nos: nos.get(row.person) ?? [],
          },
          asked,
        ),
      ] as const;
    }),
  );
}

/** Reads the state of consent of one referral. */
export async function readConsent(
  tx: Tx,
  deps: Judging,
  row: ReferralRow,
  tasks: readonly TaskRow[],
): Promise<ConsentView> {
  return (await readConsents(tx, deps, [row], new Map([[row.id, tasks]]))).get(row.id) ?? nothing;
}

type Papers = {
  papers: Awaited<ReturnType<typeof ehrResources.ehrResourcesOfPeople>>;
  base: string;
  quarantined: Awaited<ReturnType<typeof quarantinedPapers>>;
  areUnread: boolean;
  everythingWithdrawn: EverythingWithdrawn | undefined;
  keepOuts: readonly KeepOut[];
  nos: readonly PersonNo[];
};
type Asked = { row: ReferralRow; tasks: readonly TaskRow[]; partners: readonly DirectoryPartner[] };

/** Lists the partners for a help that the person keeps out or does not want. */
function keptOutOf(
  { clock }: Judging,
  { keepOuts, nos }: Papers,
  { row: { category, consent_recorded: text }, partners }: Asked,
): string[] {
  const today = todayOf({ clock });
  const before = recordedConsentIn(text)?.except ?? [];
  const isOut = (partner: DirectoryPartner) =>
    before.includes(partner.id) ||
    isKeptOut(partner, keepOuts) ||
    isPlaceRefused(nos, { category, partner: partner.id, today });
  const serving = partners.filter(({ categories }) => categories.includes(category));
  return [...new Set(serving.filter(isOut).map(({ id }) => id))];
}

/** Shows how consent stands, and what the person said beside it. */
function viewFor(deps: Judging, papers: Papers, asked: Asked): ConsentView {
  const keptOut = keptOutOf(deps, papers, asked);
  const view = consentOf(deps, papers, { ...asked, keptOut });
  const takenBack = papers.everythingWithdrawn?.at.toISOString();
  return {
    ...view,
    ...withoutUndefined({ everythingTakenBackAt: takenBack }),
    ...(keptOut.length > 0 ? { keptOut } : {}),
  };
}

function consentOf(
  deps: Judging,
  { papers: resources, base, quarantined, areUnread, everythingWithdrawn }: Papers,
  asked: Asked & { keptOut: readonly string[] },
): ConsentView {
  const { row } = asked;
  const parse = <T>(type: string) =>
    resources.filter((one) => one.type === type).map((one) => JSON.parse(one.body) as T);
  const [patient] = parse<fhir4.Patient>('Patient');
  const onFile = consentsOnFile({
    person: row.person,
    patient,
    base,
    consents: parse<fhir4.Consent>('Consent'),
    recorded: row.consent_recorded,
    areUnread,
    everythingWithdrawn,
    quarantined: quarantined
      .filter((one) => one.type === 'Consent')
      .map(({ source_id: id, person, body, code }) => ({ id, person, body, code })),
  });
  const judge = (partner: DirectoryPartner | undefined): Candidate =>
    judgeFor(deps, { onFile, row, patient, base }, partner);
  const turn = whoseTurn(asked, judge);
  const candidate = best(turn.length > 0 ? turn.map(judge) : [judge(undefined)]);
  const seen = viewOf(candidate, recordedConsentIn(row.consent_recorded));
  const view: ConsentView = turn.length > 0 ? seen : { ...seen, nobodyLeft: true };
  if (candidate?.isMissingName) return { ...view, state: 'unclear', why: partTwoWords };
  // A Task that is out stays out; a new send waits.
  const wouldGo = view.state === 'permits' && !asked.tasks.some((task) => task.live);
  const why = wouldGo ? whyNotYet(onFile, candidate?.standing.consent?.id) : undefined;
  return why === undefined ? view : { ...view, state: 'unclear', policy: null, why };
}

type Question = {
  onFile: ConsentsOnFile;
  row: ReferralRow;
  patient: fhir4.Patient | undefined;
  base: string;
};

/** Tells how consent stands toward one partner, or toward anyone at all. */
function judgeFor(
  deps: Judging,
  { onFile, row, patient, base }: Question,
  partner: DirectoryPartner | undefined,
): Candidate {
  const standingOf = (papers: ConsentsOnFile, recipient: DirectoryPartner | undefined) => {
    const question = consentQuestion(papers, {
      person: row.person,
      patient: patient?.id ?? '',
      base,
      recipient,
      now: deps.clock.now(),
      longestDays: deps.longestConsentDays,
      sitePolicy: deps.consentPolicy,
    });
    return consentStanding(papers.consents, question);
  };
  const strict = standingOf(onFile, partner);
  const isExcluded = strict.state === 'signed-no' && strict.consent?.id === onFile.recordedId;
  // Leaving a place out is no signed no: what the papers say without it tells more.
  const standing = isExcluded
    ? standingOf({ ...onFile, scope: undefined, excluded: [] }, partner)
    : strict;
  const isMissingName = isUnnamed(row, standing, partner);
  const ofOne = { partner: partner?.id, answer: strict.answer, standing, isMissingName };
  if (isExcluded) return { ...ofOne, isLeftOut: standing.state === 'permits' };
  if (partner === undefined || standing.state !== 'none') return ofOne;
  const ofAnyone = standingOf(onFile, undefined);
  return ofAnyone.state === 'permits' ? { ...ofOne, standing: ofAnyone, isLeftOut: true } : ofOne;
}

/**
 * Lists the partners whose turn it is: the partner that has the Task, otherwise the one that the
 * sender would ask, otherwise all that the referral may go to.
 */
function whoseTurn(
  { row, tasks, partners, keptOut }: Asked & { keptOut: readonly string[] },
  judge: (partner: DirectoryPartner) => Candidate,
): readonly DirectoryPartner[] {
  const serving = partners.filter((one) => one.categories.includes(row.category));
  const { eligible, untried } = turnsAmong(
    tasks.slice(row.turns_from ?? 0),
    serving,
    (one) => (row.recipient ?? one.id) === one.id && !keptOut.includes(one.id),
  );
  const live = tasks.find((task) => task.live);
  if (live) return serving.filter((one) => one.id === live.partner && one.address === live.address);
  const next = nextAmong(untried, (partner) => judge(partner).answer);
  if (next) return [next.partner];
  return untried.length > 0 ? untried : eligible;
}

/**
 * The order of states: first the one that lets a referral go, then those that a person has to know
 * first.
 */
const order: readonly ConsentView['state'][] = [
  'permits',
  'permits-others',
  'signed-no',
  'unclear',
  'withdrawn',
  'ran-out',
  'none',
];

const best = (candidates: readonly Candidate[]): Candidate | undefined =>
  [...candidates].sort((a, b) => order.indexOf(stateOf(a)) - order.indexOf(stateOf(b)))[0];
