import type { fhir4 } from '@loopwell/fhir';
import { withoutUndefined } from '@loopwell/fhir';
import {
  type Identity,
  type Instrument,
  type PersonRecord,
  reached,
  readable,
  type Translations,
  translated,
  valuesInSystem,
  withoutFuture,
  worded,
} from '@loopwell/sdoh';
import {
  answersInEvidence,
  type EvidenceAnswer,
  ehrResources,
  installation,
  type LedgerRow,
  loadConnections,
  ownResources,
  type ReferralRow,
  readNow,
  referrals,
  type Tx,
} from '@loopwell/store';
import type { CodesChosen } from './codes-chosen.ts';
import { siteOf } from './coding-choices.ts';

/** The name under which coding takes its own suggestions back. */
export const codingPrincipal = 'system:enrichment';

/**
 * The data that coding needs for one person: the whole record as it is now, and the referrals so
 * far.
 */
export type Loaded = {
  record: PersonRecord;
  /** The trace of the work that loads it. */
  trace: string;
  /** Traces of the resources from the EHR, by `Type/id`. */
  traces: ReadonlyMap<string, string>;
  referrals: readonly ReferralRow[];
  /** Answers that supported suggestions before, if a need of the person was refused. */
  earlierAnswers: readonly EvidenceAnswer[];
};

/** What reading answers needs beside the rows. */
export type Reading = {
  instruments: readonly Instrument[];
  /**
   * The site's time zone, if it is set for this process; the time zone that is stored with the
   * connection comes first.
   */
  timeZone?: string | undefined;
};

/** Types that coding reads. Consents, Goals and orders are for `refer`. */
const codedTypes = ['Patient', 'Encounter', 'QuestionnaireResponse', 'Observation', 'Condition'];

/**
 * Loads the records of a batch of people, with a handful of queries whatever its size. A row's
 * subject is our id of the person.
 *
 */
export async function loadRecords(
  tx: Tx,
  rows: readonly Pick<LedgerRow, 'subject' | 'tenant' | 'trace'>[],
  reading: Reading,
): Promise<Map<string, Loaded>> {
  const people = rows.map((row) => row.subject);
  const bodies = await ehrResources.ehrResourcesOfPeople(tx, people, codedTypes);
  const connections = await loadConnections(tx, [...new Set(bodies.map((one) => one.connection))]);
  const conditions = Map.groupBy(
    await ownResources.ownResourcesOfPeople(tx, people, 'Condition'),
    (one) => one.person,
  );
  const open = Map.groupBy(await referrals.referralsOfPeople(tx, people), (one) => one.person);
  const refused = [...open]
    .filter(([, some]) => some.some((one) => one.approval === 'refused'))
    .map(([person]) => person);
  const answersByPerson = Map.groupBy(await answersInEvidence(tx, refused), (one) => one.person);
  const byPerson = Map.groupBy(bodies, (one) => one.person);
  const identity = await identityAmong(tx, bodies);
  const now = await readNow(tx);
  const loaded = new Map<string, Loaded>();
  for (const row of rows) {
    const resources = byPerson.get(row.subject);
    const connection = resources?.[0] && connections.get(resources[0].connection);
    if (!resources || !connection) continue;
    const { translations, ...choices } = siteOf(connection);
    const timeZone = choices.timeZone ?? reading.timeZone;
    const record = reached({
      tenant: row.tenant,
      connection: connection.id,
      base: connection.base,
      person: row.subject,
      choices,
      identity,
      device: installation.deviceId(identity.system),
      ...resourcesOf(resources, translations, { ...reading, now, timeZone }),
      ...decidedOf(open.get(row.subject) ?? []),
      made: (conditions.get(row.subject) ?? []).map(
        (one) => JSON.parse(one.body) as fhir4.Condition,
      ),
    });
    loaded.set(row.subject, {
      record,
      trace: row.trace,
      traces: tracesOf(resources),
      referrals: open.get(row.subject) ?? [],
      earlierAnswers: answersByPerson.get(row.subject) ?? [],
    });
  }
  return loaded;
}

function tracesOf(
  rows: readonly { type: string; source_id: string; trace: string | null }[],
): Map<string, string> {
  const traces = new Map<string, string>();
  for (const { type, source_id: id, trace } of rows)
    if (trace !== null) traces.set(`${type}/${id}`, trace);
  return traces;
}

/**
 * Makes the identity that knows our identifier system, and which of its values in these resources
 * we gave. Most pages have none, and then nothing is queried.
 */
async function identityAmong(tx: Tx, rows: readonly { body: string }[]): Promise<Identity> {
  const system = await installation.identifierSystem(tx);
  const named = rows
    .filter((row) => row.body.includes(system))
    .flatMap((row) => valuesInSystem(JSON.parse(row.body), system));
  const identifiers = await installation.givenAmong(tx, [...new Set(named)]);
  return { system, gave: (value) => identifiers.has(value) };
}

/**
 * Tells whether a person has handled a referral: decided, asked the person, recorded a consent,
 * chosen a service, or postponed it.
 */
const isLookedAt = (referralRow: ReferralRow) =>
  referralRow.sent ||
  (referralRow.approved_by !== null && referralRow.approved_by !== codingPrincipal) ||
  referralRow.agreement_source === 'reviewer' ||
  referralRow.consent_recorded !== null ||
  referralRow.service_chosen_by !== null ||
  referralRow.postponed_until !== null;

/**
 * Lists the Conditions that coding must not take back: those that people handled, whose code a
 * person chose, or that were sent to a partner or the EHR (at approval). A Condition that coding
 * itself refused, because nothing supported it, is not among them.
 */
function decidedOf(
  referralsOfPerson: readonly ReferralRow[],
): Required<Pick<PersonRecord, 'decided' | 'recoded'>> {
  const decided = referralsOfPerson.filter(isLookedAt);
  const recoded = referralsOfPerson.flatMap((referralRow) =>
    Object.entries(JSON.parse(referralRow.codes_chosen ?? '{}') as CodesChosen),
  );
  return {
    decided: new Set([
      ...decided.flatMap((one) => JSON.parse(one.conditions) as string[]),
      ...recoded.map(([id]) => id),
    ]),
    recoded: new Map(recoded.map(([id, { concept }]) => [id, concept])),
  };
}

type Bodies = Pick<
  PersonRecord,
  'patient' | 'encounters' | 'responses' | 'observations' | 'conditions'
>;

/**
 * Reads stored bodies as `loopwell code` reads them; they are stored as they came. `now` is the
 * database's, which decides whether a date lies in the future.
 */
function resourcesOf(
  rows: readonly { type: string; body: string }[],
  translations: Translations,
  { instruments, now, timeZone }: Reading & { now: Date },
): Bodies {
  const parse = <T extends fhir4.Resource>(type: string) =>
    rows
      .filter((row) => row.type === type)
      .map((row) =>
        worded(
          translated(
            withoutFuture(readable(JSON.parse(row.body) as T, timeZone), now),
            translations,
          ),
          instruments,
        ),
      );
  const [patient] = parse<fhir4.Patient>('Patient');
  return {
    ...withoutUndefined({ patient: patient || undefined }),
    encounters: parse<fhir4.Encounter>('Encounter'),
    responses: parse<fhir4.QuestionnaireResponse>('QuestionnaireResponse'),
    observations: parse<fhir4.Observation>('Observation'),
    conditions: parse<fhir4.Condition>('Condition'),
  };
}
