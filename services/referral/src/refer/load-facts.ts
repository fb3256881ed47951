import { type Clock, todayAt } from '@loopwell/kit';
import {
  ageStanding,
  consentChangesAfter,
  consentsOnFile,
  isKeptOut,
  isTakenBack,
  isUnresolved,
  type KeepOut,
  type NamedPartner,
  namesForPartTwo,
  type PersonNo,
  partTwoWords,
  patientStanding,
  recordedConsentIn,
  scopeFor,
  whyNotYet,
} from '@loopwell/sdoh';
import {
  consentsOfTasks,
  contact,
  directory,
  grants,
  holds,
  type PartnerRow,
  pageAnswers,
  people,
  type ReferralRow,
  referrals,
  type Suspension,
  type TaskConsent,
  type TaskRow,
  type Tx,
  tasks,
  work,
} from '@loopwell/store';
import type { ReferralSettings } from '../settings.ts';
import { gateRules, placesOf } from './gate-rules.ts';
import type {
  ConsentDecision,
  GateRules,
  Partner,
  PersonFile,
  ReferralFacts,
  ServiceCode,
} from './model.ts';
import { emptyFile, personFiles } from './person-files.ts';
import { partnerOf } from './refer.ts';
import { saidNoOf } from './said-no.ts';
import { loadStandings, type Standings } from './standing/load-standings.ts';

export type GatherContext = {
  rules: GateRules;
  settings: ReferralSettings;
  clock: Clock;
  /** Addresses for which this process was given bearers, beside those in the database. */
  sendsTo?: ReadonlySet<string>;
};
export type GatheredFacts = ReferralFacts & {
  file: PersonFile;
  /** What had been suspended before the facts were gathered. */
  suspensions: readonly Suspension[];
  /** Moments after now at which the person's Consents may say something else by themselves. */
  changes: readonly Date[];
  /** Gives the facts as they will be at a later moment if nothing else changes. */
  at: (moment: Date) => ReferralFacts;
};

/**
 * Locks a batch of referrals and gathers the facts of their gates, with a handful of queries
 * whatever its size.
 */
export async function gather(
  tx: Tx,
  ids: readonly string[],
  context: GatherContext,
): Promise<Map<string, GatheredFacts>> {
  return gatherOf(tx, await referrals.lockReferrals(tx, ids), context);
}

/** Gathers facts as `gather` does, for referrals that are loaded already. */
async function gatherOf(
  tx: Tx,
  loaded: ReadonlyMap<string, ReferralRow>,
  context: GatherContext,
): Promise<Map<string, GatheredFacts>> {
  const ids = [...loaded.keys()];
  const byReferral = await tasks.tasksOfReferrals(tx, ids);
  // Read before the record: a change that is stored from here on suspends anew.
  const taskIds = [...byReferral.values()].flatMap((rows) => rows.map((task) => task.id));
  const suspended = await grants.suspensionsOf(tx, taskIds);
  const handed = await pageAnswers.handedTo(tx, taskIds);
  const sentUnder = await consentsOfTasks(tx, ids);
  const persons = [...new Set([...loaded.values()].map((one) => one.person))];
  const files = await personFiles(tx, persons);
  const keptOut = await people.keepOutsOf(tx, persons);
  const nos = await contact.nosOfPeople(tx, persons);
  const withSibling = await work.goingWithSibling(tx, [...loaded.values()]);
  const underWay = await work.needsUnderWay(tx, ids);
  const around = {
    ...{ keptOut, sentUnder, nos, withSibling, handed, underWay },
    ...(await partnersNow(tx, context)),
    ...context,
  };
  return new Map(
    [...loaded.values()].map((referral) => {
      const file = files.get(referral.person) ?? emptyFile(referral);
      const taskRows = byReferral.get(referral.id) ?? [];
      const factsAt = (moment: Date) =>
        factsOf(referral, taskRows, file, { ...around, ...contextAt(moment, context) });
      const now = context.clock.now();
      const changes = consentChangesAfter(file.consents, now, context.settings.longestConsentDays);
      const suspensions = suspended.filter((one) => taskRows.some(({ id }) => id === one.task));
      const gathered = { file, suspensions, changes, at: factsAt };
      return [referral.id, { ...factsOf(referral, taskRows, file, around), ...gathered }];
    }),
  );
}

/** Loads the partners of the directory, which of them take something new, and what is held. */
async function partnersNow(tx: Tx, context: GatherContext) {
  const { tenant } = context.settings;
  const partners = await directory.loadDirectory(tx, tenant);
  const standings = await loadStandings(tx, partners, context);
  const scopes = await holds.loadHolds(tx, tenant);
  return { partners, standings, held: new Set(scopes.map(({ scope }) => scope)) };
}

/** Makes the context in which facts are gathered as of a moment. */
function contextAt(moment: Date, { settings, clock }: GatherContext): GatherContext {
  const then = { ...clock, now: () => moment };
  return { settings, clock: then, rules: gateRules(settings, then) };
}

type Around = GatherContext & {
  partners: readonly PartnerRow[];
  standings: Standings;
  held: ReadonlySet<string>;
  keptOut: ReadonlyMap<string, readonly KeepOut[]>;
  sentUnder: ReadonlyMap<string, TaskConsent>;
  nos: ReadonlyMap<string, readonly PersonNo[]>;
  withSibling: ReadonlySet<string>;
  handed: ReadonlyMap<string, string>;
  underWay: ReadonlyMap<string, unknown>;
};

function factsOf(
  referral: ReferralRow,
  taskRows: readonly TaskRow[],
  file: PersonFile,
  around: Around,
): ReferralFacts {
  const { rules, held, partners, clock } = around;
  const recorded = recordedConsentIn(referral.consent_recorded);
  const placeOf = placesOf(referral, taskRows, partners);
  const onFile = consentsOnFile({
    ...file,
    quarantined: file.quarantined ?? [],
    recorded: referral.consent_recorded,
    areUnread: file.areConsentsUnread ?? false,
  });
  const keepOuts = around.keptOut.get(referral.person) ?? [];
  const hasUnresolvedKeepOut = isUnresolved(keepOuts);
  const isOut = (partner: Partner) => isKeptOut(namedIn(partners, partner), keepOuts);
  const chosen = referral.service_code
    ? (JSON.parse(referral.service_code) as ServiceCode)
    : undefined;
  function consentFor(partner: Partner): ConsentDecision {
    const decision = rules.consent(onFile, file, placeOf(partner));
    return isNamedConsent(referral, decision, partner) ? decision : noPartTwoConsent;
  }
  function sentUnder(task: TaskRow) {
    const sent = around.sentUnder.get(task.id);
    if (!sent) return undefined;
    // A referral keeps one recorded consent. A later recorded consent replaces the earlier one.
    const isReplaced = recorded?.replaces?.includes(sent.consentId ?? '') ?? false;
    const consentId = (isReplaced ? recorded?.id : sent.consentId) ?? '';
    return rules.sentUnder(onFile, file, placeOf(partnerOf(task)), { ...sent, consentId });
  }
  return {
    ...personFacts(referral, file, onFile, around),
    ...standingFacts(referral, around),
    referral,
    tasks: taskRows,
    whyNotYet: (consent) => whyNotYet(onFile, consent.consentId),
    isConsentWithdrawnHere: recorded?.withdrawn === true,
    consentFor,
    scopeOf: ({ consentId }) => scopeFor(recorded, consentId),
    sentUnder,
    consentDocument: (id) => onFile.consents.find((one) => one.id === id),
    partners: rules.partnersFor(partners, referral.category).filter((one) => !isOut(one)),
    serviceCode: chosen ?? rules.serviceCode(referral.category),
    isHeld: (partner) =>
      held.has('all') || held.has(`partner:${partner.id}`) || hasUnresolvedKeepOut,
    isKeptOut: isOut,
    hasUnresolvedKeepOut,
    saidNo: saidNoOf(around.nos.get(referral.person) ?? [], referral.category, clock),
    isWithSibling: around.withSibling.has(referral.id),
    isUnderWay: around.underWay.has(referral.id),
    undoMs: undoMsOf(referral, clock),
    handedTo: around.handed.get(taskRows.at(-1)?.id ?? ''),
  };
}

/** Gathers which partners take something new. */
const standingFacts = ({ category }: ReferralRow, { standings, clock }: Around) => ({
  standingOf: (partner: Partner) => standings.of(partner, category, clock),
  countSend: standings.countSend,
});

type FactsOfPerson = Pick<
  ReferralFacts,
  'standing' | 'age' | 'agreement' | 'ehrOrder' | 'isOrderTakenBack' | 'isAgreementTakenBack'
>;

/** Gathers who the person is and what they agreed to. */
function personFacts(
  referral: ReferralRow,
  file: PersonFile,
  onFile: ReturnType<typeof consentsOnFile>,
  { rules, settings, clock }: Around,
): FactsOfPerson {
  const { category, ehr_order: order } = referral;
  const patient = file.isPatientUnread ? undefined : file.patient;
  return {
    standing: standingOf(file),
    age: ageStanding(patient, todayAt(clock), settings.minorAge),
    agreement: rules.agreement(onFile, file, category),
    ehrOrder: rules.order(file, category),
    isOrderTakenBack: order !== null && isAgreementTakenBack(`ServiceRequest/${order}`, file),
    isAgreementTakenBack: isAgreementTakenBack(referral.agreement_source ?? '', file),
  };
}

/** Says whether the person may be helped. A death that somebody told us of counts at once. */
function standingOf(file: PersonFile): FactsOfPerson['standing'] {
  if (file.isReportedDead) return 'died';
  return file.isPatientUnread ? 'unclear' : patientStanding(file.patient);
}

/** Gives how long the latest decision can still be undone, in milliseconds. */
function undoMsOf({ undo_until: until }: ReferralRow, clock: Clock): number | undefined {
  const ms = until === null ? 0 : until.getTime() - clock.now().getTime();
  return ms > 0 ? ms : undefined;
}

/** Gives a partner with its name in the directory. A Task names its partner by the id alone. */
const namedIn = (rows: readonly PartnerRow[], { id, name }: Partner): NamedPartner => ({
  id,
  name: rows.find((row) => row.id === id)?.name ?? name,
});

/**
 * Tells whether the order or Goal of an agreement was taken back, is not this person's any more, or
 * cannot be read any more.
 */
function isAgreementTakenBack(source: string, file: PersonFile): boolean {
  if (isTakenBack(source, file.goals, file.serviceRequests)) return true;
  const [type, id] = source.split('/');
  if (type === 'ServiceRequest') return !file.serviceRequests.some((one) => one.id === id);
  return type === 'Goal' && !file.goals.some((one) => one.id === id);
}

/**
 * Tells whether a permit may be used for a referral. One that rests on Part 2 data needs a consent
 * of its own that names the partner.
 */
function isNamedConsent(
  { restriction, consent_recorded: recorded }: ReferralRow,
  decision: ConsentDecision,
  partner: Partner,
): boolean {
  if (restriction !== 'named-consent' || decision.kind !== 'permit') return true;
  const scope = scopeFor(recordedConsentIn(recorded), decision.consentId);
  return namesForPartTwo(scope, partner.id);
}

/**
 * What counts without such a consent: a person has to see to it, and a Task that is out comes back.
 */
const noPartTwoConsent: ConsentDecision = { kind: 'needs-person', why: partTwoWords };
