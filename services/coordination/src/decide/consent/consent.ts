import { type fhir4, withoutUndefined } from '@loopwell/fhir';
import {
  type ConsentStanding,
  type ConsentState,
  consentQuestion,
  consentStanding,
  consentsOnFile,
  type DirectoryPartner,
  doubtWords,
  endOf,
  namesForPartTwo,
  nextAmong,
  partTwoWords,
  type RecordedConsent,
  recordedConsentIn,
  scopeFor,
  turnsAmong,
  whyNotYet,
} from '@loopwell/sdoh';
import {
  directory,
  ehrResources,
  loadConnections,
  peopleWithUnreadConsents,
  quarantinedPapers,
  type ReferralRow,
  type TaskRow,
  type Tx,
} from '@loopwell/store';
import type { ReviewDeps } from '../../reviewer.ts';

/** The state of consent for one referral, by the same function as the gate's. */
export type ConsentView = {
  state: ConsentState;
  signed: string | null;
  until: string | null;
  /** A partner's id, or `any`; null if no consent says. */
  recipient: string | null;
  /** The words on the form. They limit nothing. */
  scope: string | null;
  askedBy: string | null;
  recordedBy: string | null;
  /** `system|code`, words, or an address. */
  policy: string | null;
  /** For `unclear`: a sentence that names the element. */
  why: string | null;
  /** What a consent says that was recorded whole. */
  whole?: WholeConsent;
};

/** Who signed a consent, how, and what it permits. */
export type WholeConsent = Pick<
  RecordedConsent,
  'signer' | 'authority' | 'method' | 'document' | 'householdSize' | 'spokenPolicyBy'
> & {
  places?: string[];
  kind?: string;
  except: string[];
  elements: string[];
  partTwo?: boolean;
};

export type Judging = Pick<
  ReviewDeps,
  'clock' | 'longestConsentDays' | 'consentPolicy' | 'minorAge'
>;
type Candidate = {
  standing: ConsentStanding;
  partner: string | undefined;
  /** The need rests on Part 2 data, and the consent does not name this partner for it. */
  isMissingName: boolean;
};

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

/** Reads the state of consent of some referrals, with six queries, however many they are. */
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
  const partners = (await directory.loadDirectory(tx, rows[0]?.tenant ?? '')).map(
    (one) => JSON.parse(one.body) as DirectoryPartner,
  );
  return new Map(
    rows.map((row) => {
      const onPaper = papers.get(row.person) ?? [];
      const base = bases.get(row.connection)?.base ?? '';
      const quarantined = refused.filter((one) => one.connection === row.connection);
      const asked = { row, tasks: tasks.get(row.id) ?? [], partners };
      return [
        row.id,
        consentOf(
          deps,
          { papers: onPaper, base, quarantined, areUnread: unread.has(row.person) },
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
};
type Asked = { row: ReferralRow; tasks: readonly TaskRow[]; partners: readonly DirectoryPartner[] };

function consentOf(
  deps: Judging,
  { papers: resources, base, quarantined, areUnread }: Papers,
  asked: Asked,
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
    quarantined: quarantined
      .filter((one) => one.type === 'Consent')
      .map(({ source_id: id, person, body, code }) => ({ id, person, body, code })),
  });
  const judge = (partner: DirectoryPartner | undefined): Candidate => {
    const question = consentQuestion(onFile, {
      person: row.person,
      patient: patient?.id ?? '',
      base,
      recipient: partner,
      now: deps.clock.now(),
      longestDays: deps.longestConsentDays,
      sitePolicy: deps.consentPolicy,
    });
    const standing = consentStanding(onFile.consents, question);
    return { partner: partner?.id, standing, isMissingName: isUnnamed(row, standing, partner) };
  };
  const turn = whoseTurn(asked, judge);
  const candidate = best(turn.length > 0 ? turn.map(judge) : [judge(undefined)]);
  const view = viewOf(candidate, recordedConsentIn(row.consent_recorded));
  if (candidate?.isMissingName) return { ...view, state: 'unclear', why: partTwoWords };
  // A Task that is out stays out; a new send waits.
  const wouldGo = view.state === 'permits' && !asked.tasks.some((task) => task.live);
  const why = wouldGo ? whyNotYet(onFile, candidate?.standing.consent?.id) : undefined;
  return why === undefined ? view : { ...view, state: 'unclear', policy: null, why };
}

/**
 * Lists the partners whose turn it is: the partner that has the Task, otherwise the one that the
 * sender would ask, otherwise all that the referral may go to.
 */
function whoseTurn(
  { row, tasks, partners }: Asked,
  judge: (partner: DirectoryPartner) => Candidate,
): readonly DirectoryPartner[] {
  const serving = partners.filter((one) => one.categories.includes(row.category));
  const { eligible, untried } = turnsAmong(
    tasks,
    serving,
    (one) => (row.recipient ?? one.id) === one.id,
  );
  const live = tasks.find((task) => task.live);
  if (live)
    return eligible.filter((one) => one.id === live.partner && one.address === live.address);
  const next = nextAmong(untried, (partner) => judge(partner).standing.answer);
  if (next) return [next.partner];
  return untried.length > 0 ? untried : eligible;
}

/**
 * The order of states: first the one that lets a referral go, then those that a person has to know
 * first.
 */
const order: readonly ConsentState[] = [
  'permits',
  'signed-no',
  'unclear',
  'withdrawn',
  'ran-out',
  'none',
];

const best = (candidates: readonly Candidate[]): Candidate | undefined =>
  [...candidates].sort(
    (a, b) => order.indexOf(a.standing.state) - order.indexOf(b.standing.state),
  )[0];

const nothing: ConsentView = {
  state: 'none',
  signed: null,
  until: null,
  recipient: null,
  scope: null,
  askedBy: null,
  recordedBy: null,
  policy: null,
  why: null,
};

function viewOf(
  candidate: Candidate | undefined,
  recorded: RecordedConsent | undefined,
): ConsentView {
  if (!candidate) return nothing;
  const { state, answer, consent, doubt } = candidate.standing;
  const why = state === 'unclear' && doubt ? doubtWords(doubt) : null;
  if (!consent) return { ...nothing, state, why };
  const until = answer.kind === 'permit' ? answer.until : undefined;
  const end = until === undefined ? endOf(consent.provision?.period?.end) : Date.parse(until);
  const recordedHere = recorded?.id === consent.id ? recorded : undefined;
  return {
    state,
    until: end === undefined ? null : new Date(end).toISOString(),
    ...(recordedHere ? viewRecorded(recordedHere) : viewOfEhr(candidate, consent)),
    policy: state === 'unclear' ? null : policyOf(consent),
    why,
  };
}

/** Shows what was recorded here of a consent. */
function viewRecorded(recorded: RecordedConsent) {
  const whole = wholeOf(recorded);
  const { dateTime: signed, scope, askedBy, recordedBy } = recorded;
  return {
    ...{ signed, scope: scope ?? null, askedBy: askedBy ?? null, recordedBy: recordedBy ?? null },
    recipient: recipientRecorded(recorded),
    ...(whole ? { whole } : {}),
  };
}

/** Shows what a Consent of the EHR says: its words and who asked stand there only. */
const viewOfEhr = (candidate: Candidate, consent: fhir4.Consent) => ({
  signed: textOrNull(consent.dateTime),
  recipient: recipientOf(candidate, consent),
  ...{ scope: null, askedBy: null, recordedBy: null },
});

function wholeOf(recorded: RecordedConsent): WholeConsent | undefined {
  const { permits, signer, authority, method, document, householdSize } = recorded;
  const { spokenPolicyBy } = recorded;
  if (permits === undefined) return undefined;
  const signed = { signer, authority, method, document, householdSize, spokenPolicyBy };
  const { places, kind, partTwo, except, elements } = permits;
  return {
    ...withoutUndefined(signed),
    ...withoutUndefined({ kind, partTwo, places: places && [...places] }),
    except: [...except],
    elements: [...elements],
  };
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Gives the recipient of a consent in words alone; null where a scope says to whom. */
const recipientRecorded = ({ recipient, permits }: RecordedConsent): string | null =>
  permits ? null : (recipient ?? 'any');

/**
 * Gives the recipient of an EHR's Consent: `any`, or the partner that it permits. The Consent names
 * recipients in its own words, so no more is known.
 */
function recipientOf({ standing, partner }: Candidate, consent: fhir4.Consent): string | null {
  if (standing.state !== 'permits') return null;
  return consent.provision?.actor === undefined ? 'any' : (partner ?? null);
}

function policyOf({ policyRule, policy }: fhir4.Consent): string | null {
  const coding = policyRule?.coding?.[0];
  if (coding) return [coding.system, coding.code].filter((part) => part !== undefined).join('|');
  return textOrNull(policyRule?.text ?? policy?.[0]?.uri ?? policy?.[0]?.authority);
}
