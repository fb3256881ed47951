import { type fhir4, systems, withoutUndefined } from '@loopwell/fhir';

/** An answer of a made-up person: question and answer codes (LOINC). */
export type Given = { question: string; code: string };

export type InstrumentName = 'ahc-hrsn' | 'prapare' | 'hunger-vital-sign';

/** The questions of each instrument, with the answers of a person without needs. */
const unneedy: Readonly<Record<InstrumentName, readonly Given[]>> = {
  'ahc-hrsn': [
    { question: '71802-3', code: 'LA31993-1' },
    { question: '96778-6', code: 'LA9-3' },
    { question: '88122-7', code: 'LA28398-8' },
    { question: '88123-5', code: 'LA28398-8' },
    { question: '93030-5', code: 'LA32-8' },
    { question: '96779-4', code: 'LA32-8' },
    { question: '95618-5', code: 'LA6270-8' },
    { question: '95617-7', code: 'LA6270-8' },
    { question: '95616-9', code: 'LA6270-8' },
    { question: '95615-1', code: 'LA6270-8' },
  ],
  prapare: [
    { question: '71802-3', code: 'LA30189-7' },
    { question: '93033-9', code: 'LA32-8' },
    { question: '67875-5', code: 'LA30136-8' },
    { question: '76437-3', code: 'LA17849-3' },
    { question: '93030-5', code: 'LA32-8' },
    { question: '93026-3', code: 'LA33-6' },
    { question: '76501-6', code: 'LA32-8' },
  ],
  'hunger-vital-sign': [
    { question: '88122-7', code: 'LA28398-8' },
    { question: '88123-5', code: 'LA28398-8' },
  ],
};

/** The answer that states a need of a category, by instrument. */
const needy: Readonly<Record<InstrumentName, Readonly<Record<string, Given>>>> = {
  'ahc-hrsn': {
    'food-insecurity': { question: '88122-7', code: 'LA6729-3' },
    'transportation-insecurity': { question: '93030-5', code: 'LA33-6' },
    'housing-instability': { question: '71802-3', code: 'LA31994-9' },
    homelessness: { question: '71802-3', code: 'LA31995-6' },
    'inadequate-housing': { question: '96778-6', code: 'LA28580-1' },
    'utility-insecurity': { question: '96779-4', code: 'LA33-6' },
  },
  prapare: {
    'food-insecurity': { question: '93031-3', code: 'LA30125-1' },
    'transportation-insecurity': { question: '93030-5', code: 'LA30133-5' },
    'housing-instability': { question: '93033-9', code: 'LA33-6' },
    homelessness: { question: '71802-3', code: 'LA30190-5' },
    'employment-status': { question: '67875-5', code: 'LA17956-6' },
  },
  'hunger-vital-sign': { 'food-insecurity': { question: '88123-5', code: 'LA28397-0' } },
};

/** The answer of a person who is hurt. A person reviews it; no machine acts on it. */
const unsafe: Given = { question: '95618-5', code: 'LA10082-8' };

/** Lists the categories of need that an instrument can find. */
export const categoriesOf = (instrument: InstrumentName): string[] =>
  Object.keys(needy[instrument]);

/** Returns the answers of a person with these needs. */
export function answersFor(
  instrument: InstrumentName,
  needs: readonly string[],
  isUnsafe = false,
): Given[] {
  const changed = needs.flatMap((need) => needy[instrument][need] ?? []);
  if (isUnsafe && instrument === 'ahc-hrsn') changed.push(unsafe);
  const kept = unneedy[instrument].filter(
    (one) => !changed.some((other) => other.question === one.question),
  );
  return [...kept, ...changed];
}

/** The LOINC code of each instrument's panel. */
export const panels: Readonly<Record<InstrumentName, string>> = {
  'ahc-hrsn': '96777-8',
  prapare: '93025-5',
  'hunger-vital-sign': '88121-9',
};

export type Asked = {
  id: string;
  instrument: InstrumentName;
  patient: string;
  encounter?: string;
  authored: string;
  answers: readonly Given[];
};

const subject = (asked: Asked) => ({
  subject: { reference: `Patient/${asked.patient}` },
  ...withoutUndefined({
    encounter: asked.encounter ? { reference: `Encounter/${asked.encounter}` } : undefined,
  }),
});

/** Returns the screening as a QuestionnaireResponse. */
export function asResponse(asked: Asked): fhir4.QuestionnaireResponse {
  return {
    resourceType: 'QuestionnaireResponse',
    id: asked.id,
    questionnaire: `http://loinc.org/q/${panels[asked.instrument]}`,
    status: 'completed',
    ...subject(asked),
    authored: asked.authored,
    source: { reference: `Patient/${asked.patient}` },
    item: asked.answers.map(({ question, code }) => ({
      linkId: `/${question}`,
      answer: [{ valueCoding: { system: systems.loinc, code } }],
    })),
  };
}

/** Returns the screening as single Observations, with a panel that binds them when wanted. */
export function asObservations(asked: Asked, withPanel: boolean): fhir4.Observation[] {
  const category = [{ coding: [{ system: systems.observationCategory, code: 'survey' }] }];
  const base = {
    resourceType: 'Observation' as const,
    status: 'final' as const,
    category,
    ...subject(asked),
    effectiveDateTime: asked.authored,
  };
  const items = asked.answers.map(({ question, code }, index) => ({
    ...base,
    id: `${asked.id}-${index}`,
    code: { coding: [{ system: systems.loinc, code: question }] },
    performer: [{ reference: `Patient/${asked.patient}` }],
    valueCodeableConcept: { coding: [{ system: systems.loinc, code }] },
  }));
  if (!withPanel) return items;
  const hasMember = items.map((one) => ({ reference: `Observation/${one.id}` }));
  return [
    ...items,
    {
      ...base,
      id: asked.id,
      code: { coding: [{ system: systems.loinc, code: panels[asked.instrument] }] },
      hasMember,
    },
  ];
}
