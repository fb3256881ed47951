import type { fhir4 } from '@loopwell/fhir';
import {
  type ConsentStanding,
  type ConsentState,
  consentQuestion,
  consentStanding,
  consentsOnFile,
  type DirectoryPartner,
  doubtWords,
  endOf,
  type RecordedConsent,
} from '@loopwell/sdoh';
import { directory, lanes, pulled, type ReferralRow, type TaskRow, type Tx } from '@loopwell/store';
import type { ReviewDeps } from './reviewer.ts';

/** How consent stands for one referral, by the function that the gate asks. */
export type ConsentView = {
  state: ConsentState;
  signed: string | null;
  until: string | null;
  /** A partner's id, or `any`; null where no consent says. */
  recipient: string | null;
  /** The words on the form. They limit nothing. */
  scope: string | null;
  askedBy: string | null;
  recordedBy: string | null;
  /** `system|code`, words, or an address. */
  policy: string | null;
  /** For `unclear`: a sentence that names the element. */
  why: string | null;
};

export type Judging = Pick<ReviewDeps, 'clock' | 'longestConsentDays' | 'consentPolicy' | 'minorAge'>;
type Candidate = { standing: ConsentStanding; partner: string | undefined };

/** Six queries: the person's papers, their EHR, what could not be kept, and the directory. */
export async function readConsent(tx: Tx, deps: Judging, row: ReferralRow, tasks: readonly TaskRow[]): Promise<ConsentView> {
  const rows = await pulled.pulledOfPeople(tx, [row.person], ['Patient', 'Consent']);
  const connections = await lanes.loadConnections(tx, [row.connection]);
  const refused = await pulled.quarantinedPapers(tx, [row.connection], [row.person]);
  const parse = <T>(type: string) => rows.filter((one) => one.type === type).map((one) => JSON.parse(one.body) as T);
  const [patient] = parse<fhir4.Patient>('Patient');
  const base = connections.get(row.connection)?.base ?? '';
  const quarantined = refused.filter((one) => one.type === 'Consent').map(({ source_id: id, person, body }) => ({ id, person, body }));
  const onFile = consentsOnFile({
    person: row.person,
    patient,
    base,
    consents: parse<fhir4.Consent>('Consent'),
    recorded: row.consent_recorded,
    quarantined,
  });
  const judge = (partner: DirectoryPartner | undefined): Candidate => ({
    partner: partner?.id,
    standing: consentStanding(
      onFile.consents,
      consentQuestion(onFile, {
        person: row.person,
        patient: patient?.id ?? '',
        base,
        recipient: partner,
        now: deps.clock.now(),
        longestDays: deps.longestConsentDays,
        sitePolicy: deps.consentPolicy,
      }),
    ),
  });
  const asked = partnersOf(await directory.loadDirectory(tx, row.organisation), row, tasks);
  return viewOf(best(asked.length > 0 ? asked.map(judge) : [judge(undefined)]), recordedOf(row));
}

/** Whose turn it is or may be: the partner that has it, else those that serve the need and were not asked yet, else all of them. */
function partnersOf(rows: Awaited<ReturnType<typeof directory.loadDirectory>>, row: ReferralRow, tasks: readonly TaskRow[]) {
  const all = rows.map((one) => JSON.parse(one.body) as DirectoryPartner).filter((one) => one.categories.includes(row.category));
  const allowed = all.filter((one) => (row.recipient ?? one.id) === one.id);
  const live = tasks.find((task) => task.live);
  if (live) return allowed.filter((one) => one.id === live.partner && one.address === live.address);
  const untried = allowed.filter((one) => !tasks.some((task) => task.partner === one.id && task.address === one.address));
  return untried.length > 0 ? untried : allowed;
}

/** What would let it go counts first, then what a person has to know before anything else. */
const order: readonly ConsentState[] = ['permits', 'signed-no', 'unclear', 'withdrawn', 'ran-out', 'none'];

const best = (candidates: readonly Candidate[]): Candidate | undefined =>
  [...candidates].sort((a, b) => order.indexOf(a.standing.state) - order.indexOf(b.standing.state))[0];

const recordedOf = (row: ReferralRow): RecordedConsent | undefined =>
  row.consent_recorded ? (JSON.parse(row.consent_recorded) as RecordedConsent) : undefined;

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

function viewOf(found: Candidate | undefined, recorded: RecordedConsent | undefined): ConsentView {
  if (!found) return nothing;
  const { state, answer, consent, doubt } = found.standing;
  const why = state === 'unclear' && doubt ? doubtWords(doubt) : null;
  if (!consent) return { ...nothing, state, why };
  const until = answer.kind === 'permit' ? answer.until : undefined;
  const end = until === undefined ? endOf(consent.provision?.period?.end) : Date.parse(until);
  const own = recorded?.id === consent.id ? recorded : undefined;
  return {
    state,
    signed: own?.dateTime ?? textOrNull(consent.dateTime),
    until: end === undefined ? null : new Date(end).toISOString(),
    recipient: own ? (own.recipient ?? 'any') : recipientOf(found, consent),
    scope: own?.scope ?? null,
    askedBy: own?.askedBy ?? null,
    recordedBy: own?.recordedBy ?? null,
    policy: state === 'unclear' ? null : policyOf(consent),
    why,
  };
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** An EHR's Consent names its recipients in its own words: only that it permits this partner is known. */
function recipientOf({ standing, partner }: Candidate, consent: fhir4.Consent): string | null {
  if (standing.state !== 'permits') return null;
  return consent.provision?.actor === undefined ? 'any' : (partner ?? null);
}

function policyOf({ policyRule, policy }: fhir4.Consent): string | null {
  const coding = policyRule?.coding?.[0];
  if (coding) return [coding.system, coding.code].filter((part) => part !== undefined).join('|');
  return textOrNull(policyRule?.text ?? policy?.[0]?.uri ?? policy?.[0]?.authority);
}
