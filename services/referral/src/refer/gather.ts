import type { fhir4 } from '@loopwell/fhir';
import type { Clock } from '@loopwell/kit';
import { consentOfRecord, type Identity, identityOf, isTakenBack, type RecordedConsent } from '@loopwell/sdoh';
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
  consent: (consents: readonly fhir4.Consent[], person: PersonFile, partner: Partner) => ConsentDecision;
  agreement: (consents: readonly fhir4.Consent[], person: PersonFile, category: string) => Agreement | undefined;
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
  const consents = [...file.consents, ...recordedConsent(referral)];
  const chosen = referral.service_code ? (JSON.parse(referral.service_code) as ServiceCode) : undefined;
  return {
    referral,
    tasks: own,
    agreement: rules.agreement(consents, file, referral.category),
    isAgreementTakenBack: isTakenBack(referral.agreement_source ?? '', file.goals, file.serviceRequests),
    consentFor: (partner) => rules.consent(consents, file, partner),
    consentDocument: (id) => consents.find((one) => one.id === id),
    partners: rules.partnersFor(partners, referral.category),
    serviceCode: chosen ?? rules.serviceCode(referral.category),
    isHeld: (partner) => held.has('all') || held.has(`partner:${partner.id}`),
  };
}

/** What a reviewer recorded is judged by the same table as what the EHR says. */
function recordedConsent(referral: ReferralRow): fhir4.Consent[] {
  return referral.consent_recorded ? [consentOfRecord(JSON.parse(referral.consent_recorded) as RecordedConsent, referral.person)] : [];
}

/** Files of some people, in two queries. */
async function personFiles(tx: Tx, people: readonly string[]): Promise<Map<string, PersonFile>> {
  const rows = await pulled.pulledOfPeople(tx, people, ['Patient', 'Consent', 'Goal', 'ServiceRequest']);
  const connections = await lanes.loadConnections(tx, [...new Set(rows.map((row) => row.connection))]);
  const identity = identityOf(await installation.identifierSystem(tx));
  const files = new Map<string, PersonFile>();
  for (const [person, own] of Map.groupBy(rows, (row) => row.person)) {
    const parse = <T>(type: string) => own.filter((row) => row.type === type).map((row) => JSON.parse(row.body) as T);
    const connection = own[0]?.connection ?? '';
    files.set(person, {
      person,
      connection,
      base: connections.get(connection)?.base ?? '',
      patient: parse<fhir4.Patient>('Patient')[0],
      consents: parse<fhir4.Consent>('Consent'),
      goals: parse<fhir4.Goal>('Goal'),
      serviceRequests: parse<fhir4.ServiceRequest>('ServiceRequest'),
      identity,
    });
  }
  return files;
}
