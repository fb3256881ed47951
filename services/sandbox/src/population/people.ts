import { type fhir4, profiles, systems, withoutUndefined } from '@loopwell/fhir';
import { scriptedEnd } from './partners.ts';
import { patientOf } from './patient.ts';
import { type Random, random } from './random.ts';
import {
  type Asked,
  answersFor,
  asObservations,
  asResponse,
  categoriesOf,
  type InstrumentName,
} from './screenings.ts';

/** The totals that a run of the sandbox has to end with. */
export type Script = {
  encounters: { coded: number; nothingToCode: number; needsPerson: number; quarantined: number };
  referrals: { needed: number; closed: number; failed: number; waiting: Record<string, number> };
};

export type PopulationOptions = { seed: number; people: number; today: Date };

/**
 * Makes up people: Encounters, screenings in all three forms, Consents, agreements. It adds each
 * person's needs and gates to the script.
 */
export function* makePeople(options: PopulationOptions, script: Script): Iterable<fhir4.Resource> {
  const dice = random(options.seed);
  for (let index = 0; index < options.people; index += 1)
    yield* makePerson(index, options, dice, script);
}

/** Creates a script without expected results, which `makePeople` fills. */
export const emptyScript = (): Script => ({
  encounters: { coded: 0, nothingToCode: 0, needsPerson: 0, quarantined: 0 },
  referrals: { needed: 0, closed: 0, failed: 0, waiting: {} },
});

type Draft = {
  id: string;
  needs: string[];
  gate: string | undefined;
  resources: fhir4.Resource[];
};

function makePerson(
  index: number,
  options: PopulationOptions,
  dice: Random,
  script: Script,
): fhir4.Resource[] {
  const id = `person-${index}`;
  const draft: Draft = { id, needs: [], gate: undefined, resources: [patientOf(id, dice)] };
  const needs = drawNeeds(dice);
  const visits = 2 + Math.floor(dice.next() * 3);
  for (let visit = 0; visit < visits; visit += 1)
    addVisit(draft, visit, visits, needs, options, dice, script);
  addOnFile(draft, options, dice);
  addPaper(draft, options, dice);
  for (const category of new Set(draft.needs)) {
    const end = draft.gate ?? scriptedEnd[category] ?? 'noPartner';
    script.referrals.needed += 1;
    if (end === 'closed') script.referrals.closed += 1;
    else script.referrals.waiting[end] = (script.referrals.waiting[end] ?? 0) + 1;
  }
  return draft.resources;
}

/** Draws up to five needs, at most one of them about housing. */
function drawNeeds(dice: Random): string[] {
  const all = [
    'food-insecurity',
    'transportation-insecurity',
    dice.pick(['housing-instability', 'homelessness', 'inadequate-housing']),
    'utility-insecurity',
    'employment-status',
  ];
  const weights = [0.45, 0.3, 0.3, 0.15, 0.1];
  return all.filter((_, index) => dice.chance(weights[index] ?? 0));
}

function addVisit(
  draft: Draft,
  visit: number,
  visits: number,
  needs: readonly string[],
  options: PopulationOptions,
  dice: Random,
  script: Script,
): void {
  const encounter = `${draft.id}-visit-${visit}`;
  const start = new Date(options.today.getTime() - (visits - visit) * 40 * 86_400_000);
  const broken = dice.chance(0.01);
  draft.resources.push(encounterOf(encounter, draft.id, start, broken));
  if (broken) {
    script.encounters.quarantined += 1;
    return;
  }
  if (dice.chance(0.25)) {
    script.encounters.nothingToCode += 1;
    return;
  }
  const instrument = dice.pick<InstrumentName>([
    'ahc-hrsn',
    'ahc-hrsn',
    'prapare',
    'hunger-vital-sign',
  ]);
  const unsafe = instrument === 'ahc-hrsn' && dice.chance(0.05);
  const toldNeeds = needs.filter((need) => categoriesOf(instrument).includes(need));
  const { authored, refersTo } = whenAnswered(start, encounter, dice);
  const asked: Asked = {
    id: `${draft.id}-screening-${visit}`,
    instrument,
    patient: draft.id,
    authored,
    answers: answersFor(instrument, toldNeeds, unsafe),
    ...withoutUndefined({ encounter: refersTo || undefined }),
  };
  draft.resources.push(...inSomeForm(asked, dice));
  if (dice.chance(0.05)) draft.resources.push(takenBack(asked));
  if (toldNeeds.length > 0) script.encounters.coded += 1;
  else if (unsafe) script.encounters.needsPerson += 1;
  else script.encounters.nothingToCode += 1;
  draft.needs.push(...toldNeeds);
}

/** Returns when a screening is answered: at the visit, or on the portal three days before. */
function whenAnswered(
  start: Date,
  encounter: string,
  dice: Random,
): { authored: string; refersTo: string | undefined } {
  const way = dice.next();
  const offsetMs = way < 0.9 ? 10 * 60_000 : -3 * 86_400_000;
  return {
    authored: new Date(start.getTime() + offsetMs).toISOString(),
    refersTo: way < 0.75 ? encounter : undefined,
  };
}

/** Makes a form that was filled in for the wrong person and taken back. It has no effect. */
function takenBack(asked: Asked): fhir4.QuestionnaireResponse {
  const authored = new Date(Date.parse(asked.authored) + 60_000).toISOString();
  return {
    ...asResponse({
      ...asked,
      id: `${asked.id}-wrong`,
      authored,
      answers: answersFor(asked.instrument, categoriesOf(asked.instrument)),
    }),
    status: 'entered-in-error',
  };
}

/** Makes a concept of one of HL7's code systems about Conditions. */
const statusCode = (system: string, code: string): fhir4.CodeableConcept => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }],
});

/** Adds a Condition on file for some people. It gets evidence, and no second one is made. */
function addOnFile(draft: Draft, options: PopulationOptions, dice: Random): void {
  if (!dice.chance(0.15) || !draft.needs.includes('food-insecurity')) return;
  draft.resources.push({
    resourceType: 'Condition',
    id: `${draft.id}-food-insecurity`,
    clinicalStatus: statusCode('condition-clinical', 'active'),
    verificationStatus: statusCode('condition-ver-status', 'confirmed'),
    category: [
      statusCode('condition-category', 'problem-list-item'),
      { coding: [{ system: systems.usCoreCategory, code: 'sdoh' }] },
    ],
    code: { coding: [{ system: systems.snomed, code: '733423003', display: 'Food insecurity' }] },
    subject: { reference: `Patient/${draft.id}` },
    recordedDate: new Date(options.today.getTime() - 300 * 86_400_000).toISOString().slice(0, 10),
  } as fhir4.Condition);
}

function inSomeForm(asked: Asked, dice: Random): fhir4.Resource[] {
  const form = dice.next();
  if (form < 0.6) return [asResponse(asked)];
  return asObservations(asked, form < 0.8);
}

function encounterOf(id: string, patient: string, start: Date, broken: boolean): fhir4.Encounter {
  return {
    resourceType: 'Encounter',
    id,
    status: 'finished',
    class: { system: systems.actCode, code: 'AMB' },
    ...withoutUndefined({ subject: broken ? undefined : { reference: `Patient/${patient}` } }),
    period: {
      start: start.toISOString(),
      end: new Date(start.getTime() + 30 * 60_000).toISOString(),
    },
  };
}

/** Adds agreement and consent, and sets the first gate that stays closed. */
function addPaper(draft: Draft, options: PopulationOptions, dice: Random): void {
  const agreed = dice.chance(0.9);
  if (agreed)
    for (const category of new Set(draft.needs))
      draft.resources.push(goalOf(draft.id, category, options.today));
  const consent = consentKind(dice.next());
  if (consent) draft.resources.push(consentOf(draft.id, consent, options.today));
  const afterAgreement = consent === 'permit' ? undefined : 'consent';
  draft.gate = agreed ? afterAgreement : 'agreement';
}

/** Draws what a person signed, or nothing. */
function consentKind(share: number): 'permit' | 'deny' | 'expired' | undefined {
  if (share < 0.85) return 'permit';
  if (share < 0.9) return 'deny';
  return share < 0.94 ? 'expired' : undefined;
}

function goalOf(patient: string, category: string, today: Date): fhir4.Goal {
  return {
    resourceType: 'Goal',
    id: `${patient}-goal-${category}`,
    meta: { profile: [profiles.goal] },
    lifecycleStatus: 'active',
    category: [{ coding: [{ system: systems.sdohcc, code: category }] }],
    description: { text: 'Wants help with this' },
    subject: { reference: `Patient/${patient}` },
    startDate: new Date(today.getTime() - 86_400_000).toISOString().slice(0, 10),
  };
}

function consentOf(
  patient: string,
  kind: 'permit' | 'deny' | 'expired',
  today: Date,
): fhir4.Consent {
  const signed = new Date(today.getTime() - (kind === 'expired' ? 500 : 20) * 86_400_000);
  return {
    resourceType: 'Consent',
    id: `${patient}-consent`,
    meta: { profile: [profiles.consent] },
    status: 'active',
    scope: { coding: [{ system: systems.consentScope, code: 'patient-privacy' }] },
    category: [{ coding: [{ system: systems.actCode, code: 'IDSCL' }] }],
    patient: { reference: `Patient/${patient}` },
    dateTime: signed.toISOString(),
    organization: [{ reference: 'Organization/clinic' }],
    sourceAttachment: { title: 'Signed form' },
    policyRule: {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/consentpolicycodes', code: 'hipaa-auth' },
      ],
    },
    provision: { type: kind === 'deny' ? 'deny' : 'permit' },
  };
}
