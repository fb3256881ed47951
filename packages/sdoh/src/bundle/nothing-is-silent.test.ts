import type { fhir4 } from '@loopwell/fhir';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bundle, code, form, loinc, observation, patient } from '../../test/bundles.ts';

/**
 * Every answer of an input leads to an Observation in `return`, or to an issue that names its
 * place, what contains it or what it cannot be read without. None is lost in silence, whatever is
 * broken.
 */
const [ahc, prapare, hvs, phq] = ['96777-8', '93025-5', '88121-9', '44249-1'];
const coded = (answer: string) => ({ coding: [{ system: loinc, code: answer }] });
const given = (answer: string, more: object = {}) => ({
  valueCoding: { system: loinc, code: answer },
  ...more,
});
const part = (question: string, answer: string) => ({
  code: coded(question),
  valueCodeableConcept: coded(answer),
});
const members = (...references: string[]) => ({
  hasMember: references.map((reference) => ({ reference })),
});
const visit = {
  resourceType: 'Encounter',
  id: 'e1',
  status: 'finished',
  subject: { reference: 'Patient/p1' },
  period: { start: '2026-05-04' },
};
const nested = [{ linkId: 'more', text: 'please say', answer: [{ valueString: 'diapers' }] }];
const prapareItems = [
  { linkId: '/93031-3', answer: [given('LA30125-1'), given('LA46-8', { item: nested })] },
  { linkId: '/93026-3', answer: [given('LA32-8')] },
  { linkId: '/63512-8', answer: [{ valueInteger: 4 }] },
];
const wholes = [
  bundle(
    patient(),
    form(ahc, {
      '93030-5': 'LA33-6',
      '96778-6': ['LA31996-4', 'LA28580-1'],
      '95618-5': 'LA6482-9',
      '96779-4': 'they call a lot',
    }),
    observation('o9', '88122-7', 'LA28397-0', { effectiveDateTime: '2025-01-01' }),
  ),
  bundle(patient(), form(prapare, {}, { item: [{ linkId: '/93025-5', item: prapareItems }] })),
  bundle(
    patient(),
    form(hvs, { '88122-7': 'LA28397-0', '88123-5': 'LA28398-8', '88124-3': 'LA19952-3' }),
    form(phq, { '44260-8': 'LA6569-3', '44254-5': 'LA6568-5' }, { id: 'q2' }),
  ),
  bundle(
    patient(),
    observation(
      'p',
      ahc,
      {},
      { component: [part('93030-5', 'LA33-6'), part('95618-5', 'LA6482-9')] },
    ),
  ),
  bundle(
    patient(),
    observation('p', ahc, {}, members('Observation/a', 'Observation/b', 'Observation/c')),
    observation('a', '93030-5', 'LA33-6'),
    observation('b', '95614-4', 12),
    observation('c', '88122-7', { valueString: 'Often true' }),
  ),
  bundle(
    patient(),
    observation(
      'p',
      ahc,
      {},
      {
        ...members('#a', '#b'),
        contained: [observation('a', '93030-5', 'LA33-6'), observation('b', '95618-5', 'LA6482-9')],
      },
    ),
  ),
  bundle(
    patient(),
    visit,
    observation('a', '93030-5', 'LA33-6', { encounter: { reference: 'Encounter/e1' } }),
    observation('b', '76501-6', 'LA33-6'),
    observation('d', '99999-9', { valueString: 'x' }),
  ),
];

type Path = readonly (string | number)[];
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];
const pathsOf = (value: unknown, path: Path = []): Path[] =>
  typeof value !== 'object' || value === null
    ? [path]
    : [
        path,
        ...Object.entries(value).flatMap(([key, one]) =>
          pathsOf(one, [...path, Array.isArray(value) ? Number(key) : key]),
        ),
      ];

function changed(value: unknown, [key, ...rest]: Path, change: (one: unknown) => unknown): unknown {
  if (key === undefined) return change(value);
  if (Array.isArray(value))
    return value.map((one, index) => (index === key ? changed(one, rest, change) : one));
  return isObject(value) ? { ...value, [key]: changed(value[key as string], rest, change) } : value;
}

const extended = (extension: object) => (one: unknown) =>
  isObject(one) ? { ...one, extension: [extension] } : one;
const changes: Record<string, (one: unknown) => unknown> = {
  null: () => null,
  'left out': () => undefined,
  'a text': () => 'x y',
  'an empty text': () => '',
  'a number': () => 7,
  'an empty object': () => ({}),
  'an empty list': () => [],
  'in a list': (one) => [one],
  twice: (one) => [one, one],
  'the first of its list': (one) => (Array.isArray(one) ? one[0] : one),
  'behind null': (one) => (Array.isArray(one) ? [null, ...one] : one),
  'in an object': (one) => ({ value: one }),
  'a modifierExtension': (one) =>
    isObject(one) ? { ...one, modifierExtension: [{ url: 'urn:x', valueBoolean: true }] } : one,
  'an extension alone': (one) =>
    isObject(one) ? { extension: [{ url: 'urn:value', valueString: 'z' }] } : one,
  'a reason for absence': extended({
    url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason',
    valueCode: 'masked',
  }),
  'capital letters': (one) => (typeof one === 'string' ? one.toUpperCase() : one),
  'another word': (one) => (typeof one === 'string' ? `${one}Z` : one),
  'a code of no list': (one) => (typeof one === 'string' ? 'LA99-9' : one),
  'an unknown question': (one) => (typeof one === 'string' ? '12345-6' : one),
  'another question': (one) => (typeof one === 'string' ? '88122-7' : one),
  'entered in error': () => 'entered-in-error',
  'in progress': () => 'in-progress',
  preliminary: () => 'preliminary',
};

/** An answer as it stands in the JSON: where, in which unit, and in what. */
type Given = {
  place: string;
  unit: string;
  entry: string;
  sources: readonly string[];
  json: string;
  isWhole: boolean;
};

const isSaid = (value: unknown) =>
  value !== undefined &&
  value !== null &&
  value !== '' &&
  !(typeof value === 'object' && Object.keys(value).length === 0);
const says = (one: Record<string, unknown>) =>
  Object.entries(one).some(([key, value]) => /^value[A-Z]/.test(key) && isSaid(value));

function answersIn(input: { entry?: unknown }): Given[] {
  return list(input.entry).flatMap((entry, index) => {
    const resource = isObject(entry) ? entry.resource : undefined;
    if (!isObject(resource)) return [];
    const path = `Bundle.entry[${index}].resource`;
    // An id that is none is that of the entry's address.
    const address = isObject(entry) ? String(entry.fullUrl).split('/').slice(-2).join('/') : '';
    const own = {
      entry: path,
      sources: [`${resource.resourceType}/${String(resource.id).trim()}`, address],
    };
    const at = (one: unknown, place: string, unit = place, isWhole = false): Given[] =>
      isObject(one) && says(one)
        ? [{ ...own, place, unit, json: JSON.stringify(one), isWhole }]
        : [];
    const inItems = (items: unknown, above: string): Given[] =>
      list(items).flatMap((item, position) => {
        if (!isObject(item)) return [];
        const unit = `${above}.item[${position}]`;
        const answers = list(item.answer).flatMap((one, number) => [
          ...at(one, `${unit}.answer[${number}]`, unit),
          ...inItems(isObject(one) ? one.item : undefined, `${unit}.answer[${number}]`),
        ]);
        return [...answers, ...inItems(item.item, unit)];
      });
    const parts = ['component', 'contained'].flatMap((name) =>
      list(resource[name]).flatMap((one, n) => at(one, `${path}.${name}[${n}]`)),
    );
    return [...inItems(resource.item, path), ...at(resource, path, path, true), ...parts];
  });
}

const codes = (concept: fhir4.CodeableConcept | undefined) =>
  (concept?.coding ?? []).flatMap((one) => one.code ?? []);

/** Is this answer that Observation's? By its source, and by what it says. */
function isIn(
  { sources, json, isWhole }: Given,
  { request, resource }: fhir4.BundleEntry,
): boolean {
  if (resource?.resourceType !== 'Observation') return false;
  const made = resource as fhir4.Observation;
  const isOf = made.derivedFrom?.some((one) => sources.includes(one.reference ?? '')) === true;
  const isUnnamed = made.derivedFrom === undefined && request?.method === 'POST';
  if (isWhole) return sources.includes(request?.url ?? '') || isUnnamed;
  const said = [
    ...codes(made.valueCodeableConcept),
    ...codes(made.dataAbsentReason),
    made.valueCodeableConcept?.text,
    made.valueQuantity?.value,
  ];
  const isSame = said.some(
    (one) =>
      one !== undefined &&
      (one === 'error' || json.toUpperCase().includes(String(one).toUpperCase())),
  );
  return (isOf || isUnnamed) && (isSame || json.includes('"valueString"'));
}

/**
 * Does this issue name its place, what contains it, or an element that it cannot be read without?
 */
function isNamed(
  { place, unit, entry }: Given,
  { details, expression }: fhir4.OperationOutcomeIssue,
): boolean {
  const said = details?.coding?.[0]?.code ?? '';
  if (said.startsWith('screened') || said === 'mended') return false;
  const at = expression?.[0] ?? '';
  const isWithin = (one: string, other: string) =>
    one === other || one.startsWith(`${other}.`) || one.startsWith(`${other}[`);
  if (isWithin(at, place) || isWithin(place, at) || said === 'not-understood') return true;
  // Of its item or part, or of its resource as a whole; or of the Patient and the visit, which all
  // of it depends on.
  const rest = at.slice(at.startsWith(unit) ? unit.length : entry.length);
  const isOfUnit = at.startsWith(`${unit}.`) && !/^\.(item|answer)\[/.test(rest);
  const isOfResource =
    at.startsWith(`${entry}.`) && !/^\.(item|component|contained)\[/.test(at.slice(entry.length));
  return isOfUnit || isOfResource || (at.startsWith('Bundle.entry[0]') && said !== 'not-coded');
}

const unheard = (input: { entry?: unknown }): string[] => {
  const { transaction, issues } = code(input);
  return answersIn(input)
    .filter(
      (one) =>
        !transaction.some((made) => isIn(one, made)) && !issues.some((said) => isNamed(one, said)),
    )
    .map((one) => `${one.place} ${one.json}`);
};

it('every answer of a sound Bundle is heard', () => {
  expect(wholes.flatMap(unheard)).toEqual([]);
});

it('every answer of a broken Bundle is heard', () => {
  const places = wholes.map((one) =>
    pathsOf(one.entry, ['entry']).filter((path) => path.length > 1),
  );
  const broken = fc.nat(wholes.length - 1).chain((index) =>
    fc.record({
      index: fc.constant(index),
      steps: fc.array(
        fc.record({
          place: fc.constantFrom(...(places[index] ?? [])),
          how: fc.constantFrom(...Object.keys(changes)),
        }),
        {
          minLength: 1,
          maxLength: 2,
        },
      ),
    }),
  );
  fc.assert(
    fc.property(broken, ({ index, steps }) => {
      const input = steps.reduce<unknown>(
        (one, { place, how }) => changed(one, place, changes[how] ?? ((same) => same)),
        wholes[index],
      );
      expect(unheard(JSON.parse(JSON.stringify(input)))).toEqual([]);
    }),
    { seed: 20_261_129, numRuns: 600 },
  );
});
