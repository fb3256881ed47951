import type { fhir4 } from '@loopwell/fhir';
import type { Clock } from '@loopwell/kit';
import { type ConsentsOnFile, consentsOnFile, type Identity, identityOf, isTakenBack, type QuarantinedConsent } from '@loopwell/sdoh';
import {
  directory,
  holds,
  installation,
  lanes,
  type PartnerRow,
  pulled,
  type ReferralRow,
  referrals,
  type TaskRow,
  type Tx,
  tasks,
} from '@loopwell/store';
import type { ReferralSettings } from '../settings.ts';
import type { Agreement, ConsentDecision, Partner, ReferralFacts, ServiceCode } from './refer.ts';

/** The domain's rules that the gates ask; filled in rules.ts. */
export type GateRules = {
  /** `partner.id` empty: any recipient. */
  consent: (onFile: ConsentsOnFile, person: PersonFile, partner: Partner) => ConsentDecision;
  agreement: (onFile: ConsentsOnFile, person: PersonFile, category: string) => Agreement | undefined;
  serviceCode: (category: string) => ServiceCode | undefined;
  partnersFor: (rows: readonly PartnerRow[], category: string) => Partner[];
};

/** What was pulled about one person, as far as referring needs it. */
export type PersonFile = {
  person: string;
  connection: string;
  base: string;
  patient: fhir4.Patient | undefined;
  consents: readonly fhir4.Consent[];
  goals: readonly fhir4.Goal[];
  serviceRequests: readonly fhir4.ServiceRequest[];
  /** What tells our own orders and Goals from the EHR's. */
  identity?: Identity;
  /** Consents of the person's EHR that could not be kept. */
  quarantined?: readonly QuarantinedConsent[];
};

/** Gathers what the gates of a batch of referrals see: a handful of queries whatever its size. */
export async function gather(
  tx: Tx,
  ids: readonly string[],
  context: { rules: GateRules; settings: ReferralSettings; clock: Clock },
): Promise<Map<string, ReferralFacts & { file: PersonFile }>> {
  const known = await referrals.lockReferrals(tx, ids);
  const byReferral = await tasks.tasksOfReferrals(tx, ids);
  const files = await personFiles(tx, [...new Set([...known.values()].map((one) => one.person))]);
  const partners = await directory.loadDirectory(tx, context.settings.organisation);
  const held = new Set((await holds.loadHolds(tx, context.settings.organisation)).map((one) => one.scope));
  return new Map(
    [...known.values()].map((referral) => {
      const file = files.get(referral.person) ?? emptyFile(referral);
      return [referral.id, { ...factsOf(referral, byReferral.get(referral.id) ?? [], file, partners, held, context.rules), file }];
    }),
  );
}

function emptyFile(referral: ReferralRow): PersonFile {
  const { person, connection } = referral;
  return { person, connection, base: '', patient: undefined, consents: [], goals: [], serviceRequests: [] };
}

function factsOf(
  referral: ReferralRow,
  own: readonly TaskRow[],
  file: PersonFile,
  partners: readonly PartnerRow[],
  held: ReadonlySet<string>,
  rules: GateRules,
): ReferralFacts {
  const onFile = consentsOnFile({ ...file, quarantined: file.quarantined ?? [], recorded: referral.consent_recorded });
  const chosen = referral.service_code ? (JSON.parse(referral.service_code) as ServiceCode) : undefined;
  return {
    referral,
    tasks: own,
    agreement: rules.agreement(onFile, file, referral.category),
    isAgreementTakenBack: isTakenBack(referral.agreement_source ?? '', file.goals, file.serviceRequests),
    consentFor: (partner) => rules.consent(onFile, file, partner),
    consentDocument: (id) => onFile.consents.find((one) => one.id === id),
    partners: rules.partnersFor(partners, referral.category),
    serviceCode: chosen ?? rules.serviceCode(referral.category),
    isHeld: (partner) => held.has('all') || held.has(`partner:${partner.id}`),
  };
}

/** Files of some people, in three queries. */
async function personFiles(tx: Tx, people: readonly string[]): Promise<Map<string, PersonFile>> {
  const rows = await pulled.pulledOfPeople(tx, people, ['Patient', 'Consent', 'Goal', 'ServiceRequest']);
  const connections = await lanes.loadConnections(tx, [...new Set(rows.map((row) => row.connection))]);
  const identity = identityOf(await installation.identifierSystem(tx));
  const refused = await pulled.quarantinedPapers(tx, [...connections.keys()], people);
  const files = new Map<string, PersonFile>();
  for (const [person, own] of Map.groupBy(rows, (row) => row.person)) {
    const connection = own[0]?.connection ?? '';
    const quarantined = refused.filter((row) => row.connection === connection);
    // A later version that could not be kept stands in for the one before: that one says nothing any more.
    const isReplaced = (row: (typeof own)[number]) => quarantined.some((one) => one.type === row.type && one.source_id === row.source_id);
    const parse = <T>(type: string) => own.filter((row) => row.type === type).map((row) => JSON.parse(row.body) as T);
    const parseCurrent = <T>(type: string) =>
      own.filter((row) => row.type === type && !isReplaced(row)).map((row) => JSON.parse(row.body) as T);
    files.set(person, {
      person,
      connection,
      base: connections.get(connection)?.base ?? '',
      patient: parse<fhir4.Patient>('Patient')[0],
      consents: parse<fhir4.Consent>('Consent'),
      goals: parseCurrent<fhir4.Goal>('Goal'),
      serviceRequests: parseCurrent<fhir4.ServiceRequest>('ServiceRequest'),
      quarantined: quarantined
        .filter((row) => row.type === 'Consent')
        .map(({ source_id: id, person: of, body }) => ({ id, person: of, body })),
      identity,
    });
  }
  return files;
}
