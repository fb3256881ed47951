import type { fhir4 } from '@loopwell/fhir';
import { identityOf } from '@loopwell/sdoh';
import {
  ehrResources,
  installation,
  loadConnections,
  peopleWithUnreadConsents,
  people as personStore,
  quarantinedPapers,
  type ReferralRow,
  type Tx,
  work,
} from '@loopwell/store';
import type { PersonFile } from './model.ts';

/** Makes the file of a person of whom nothing was pulled. */
export function emptyFile(referral: ReferralRow): PersonFile {
  const { person, connection } = referral;
  return {
    person,
    connection,
    base: '',
    patient: undefined,
    consents: [],
    goals: [],
    serviceRequests: [],
  };
}

type QuarantinedPaper = Awaited<ReturnType<typeof quarantinedPapers>>[number];

/** Lists the Consents that could not be read. */
const unreadConsentsOf = (papers: readonly QuarantinedPaper[]) =>
  papers
    .filter((row) => row.type === 'Consent')
    .map(({ source_id: id, person, body, code }) => ({ id, person, body, code }));

/** Loads the files of some people, in a handful of queries. */
export async function personFiles(
  tx: Tx,
  people: readonly string[],
): Promise<Map<string, PersonFile>> {
  const rows = await ehrResources.ehrResourcesOfPeople(tx, people, [
    'Patient',
    'Consent',
    'Goal',
    'ServiceRequest',
  ]);
  const connections = await loadConnections(tx, [...new Set(rows.map((row) => row.connection))]);
  const identity = identityOf(await installation.identifierSystem(tx));
  const refused = await quarantinedPapers(tx, [...connections.keys()], people);
  const unread = await peopleWithUnreadConsents(tx, people);
  const withdrawals = await personStore.consentWithdrawalsOf(tx, people);
  const dead = await work.reportedDead(tx, people);
  const files = new Map<string, PersonFile>();
  for (const [person, resources] of Map.groupBy(rows, (row) => row.person)) {
    const connection = resources[0]?.connection ?? '';
    const quarantined = refused.filter((row) => row.connection === connection);
    // A later version that could not be kept replaces the one before, which does not count any
    // more.
    const isReplaced = (row: (typeof resources)[number]) =>
      quarantined.some((one) => one.type === row.type && one.source_id === row.source_id);
    const parse = <T>(type: string) =>
      resources.filter((row) => row.type === type).map((row) => JSON.parse(row.body) as T);
    const parseCurrent = <T>(type: string) =>
      resources
        .filter((row) => row.type === type && !isReplaced(row))
        .map((row) => JSON.parse(row.body) as T);
    files.set(person, {
      person,
      connection,
      base: connections.get(connection)?.base ?? '',
      patient: parse<fhir4.Patient>('Patient')[0],
      consents: parse<fhir4.Consent>('Consent'),
      goals: parseCurrent<fhir4.Goal>('Goal'),
      serviceRequests: parseCurrent<fhir4.ServiceRequest>('ServiceRequest'),
      quarantined: unreadConsentsOf(quarantined),
      areConsentsUnread: unread.has(person),
      everythingWithdrawn: withdrawals.get(person),
      isReportedDead: dead.has(person),
      isPatientUnread: resources.some((row) => row.type === 'Patient' && isReplaced(row)),
      identity,
    });
  }
  return files;
}
