import type { fhir4 } from '@loopwell/fhir';
import { emptyScript, makePeople, partnersBundle, sandboxPartners } from '@loopwell/sandbox';
import type { Resource } from './harness.ts';

/** Made-up people and what has to come of them. */
export function populationOf(people: number, seed = 20_261_125) {
  const script = emptyScript();
  const resources = [...makePeople({ seed, people, today: new Date() }, script)] as Resource[];
  return { script, resources };
}

const silent = sandboxPartners.filter((one) => one.behavior === 'silent');

/**
 * Silence is told by the clock, and a partner cannot read and answer while we are dead: here nobody
 * is silent.
 */
export const respondingPartners = sandboxPartners
  .filter((one) => one.behavior !== 'silent')
  .map((one) => ({ name: one.name, behavior: one.behavior, stepMs: 400 }));

/** Their directory: a need that the silent one would have got first goes to the next. */
export function respondingDirectory(baseOf: (name: string) => string): fhir4.Bundle {
  const bundle = partnersBundle(baseOf);
  return {
    ...bundle,
    entry: (bundle.entry ?? []).filter(
      (entry) => !silent.some((one) => entry.resource?.id?.startsWith(one.name)),
    ),
  };
}

/** One pantry and nobody else. */
export function pantryDirectory(baseOf: (name: string) => string): fhir4.Bundle {
  const bundle = partnersBundle(baseOf);
  return {
    ...bundle,
    entry: (bundle.entry ?? []).filter((entry) => entry.resource?.id?.startsWith('northside-food')),
  };
}

/**
 * People who each say, in one Hunger Vital Sign, that they run out of food, agree to help and
 * consent.
 */
export function hungryPeople(count: number): Resource[] {
  const { resources } = populationOf(1, 1);
  const today = new Date(Date.now() - 86_400_000).toISOString();
  const code = (system: string, value: string) => ({ coding: [{ system, code: value }] });
  return Array.from({ length: count }, (_, index) => `hungry-${index}`).flatMap((id) => {
    const subject = { reference: `Patient/${id}` };
    const patient = {
      ...(resources.find((one) => one.resourceType === 'Patient') as Resource),
      id,
    };
    return [
      patient,
      {
        resourceType: 'Encounter',
        id: `${id}-visit`,
        status: 'finished',
        class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
        subject,
        period: { start: today, end: today },
      },
      {
        resourceType: 'QuestionnaireResponse',
        id: `${id}-answers`,
        questionnaire: 'http://loinc.org/q/88121-9',
        status: 'completed',
        subject,
        source: subject,
        encounter: { reference: `Encounter/${id}-visit` },
        authored: today,
        item: [
          {
            linkId: '/88122-7',
            answer: [{ valueCoding: { system: 'http://loinc.org', code: 'LA28397-0' } }],
          },
          {
            linkId: '/88123-5',
            answer: [{ valueCoding: { system: 'http://loinc.org', code: 'LA28397-0' } }],
          },
        ],
      },
      {
        resourceType: 'Goal',
        id: `${id}-goal`,
        lifecycleStatus: 'active',
        category: [
          code(
            'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes',
            'food-insecurity',
          ),
        ],
        description: { text: 'Wants help with this' },
        subject,
        startDate: today.slice(0, 10),
      },
      {
        resourceType: 'Consent',
        id: `${id}-consent`,
        status: 'active',
        scope: code('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
        category: [code('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'IDSCL')],
        patient: subject,
        dateTime: today,
        organization: [{ reference: 'Organization/clinic' }],
        sourceAttachment: { title: 'Signed form' },
        policyRule: code('http://terminology.hl7.org/CodeSystem/consentpolicycodes', 'hipaa-auth'),
        provision: { type: 'permit' },
      },
    ] as Resource[];
  });
}
