import type { fhir4 } from '@loopwell/fhir';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bundle,
  code,
  condition,
  form,
  goal,
  observation,
  patient,
  type Suggested,
  suggestionsOf,
} from '../../test/bundles.ts';

/**
 * A Bundle that has something of everything; the tests break it in every way that they can think
 * of.
 */
const whole = bundle(
  patient(),
  form('96777-8', {
    '96778-6': ['LA32000-4', 'LA28580-1'],
    '71802-3': 'LA31994-9',
    '96779-4': 'they call a lot',
    '95616-9': 'LA10066-1',
  }),
  form(
    '93025-5',
    { '71802-3': 'LA30190-5', '82589-3': 'LA30191-3', '93026-3': 'LA32-8' },
    { id: 'q2', authored: '2026-06-01' },
  ),
  observation('o1', '88122-7', 'LA28397-0'),
  observation('o2', '88123-5', 'LA28398-8'),
  observation('o3', '93030-5', 'LA33-6', { meta: { versionId: '2' } }),
  observation('o4', '96777-8', {}, { hasMember: [{ reference: 'Observation/o3' }] }),
  condition('c1', 'transportation-insecurity', '551691000124106'),
  condition('c2', 'housing-instability', '1156191002', { recordedDate: '2025-01-01' }),
  goal('g1', 'food-insecurity', { addresses: [{ reference: 'Condition/c9' }] }),
);

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([key, one]) =>
      pathsOf(one, [...path, Array.isArray(value) ? Number(key) : key]),
    ),
  ];
}

function changed(value: unknown, path: Path, change: (one: unknown) => unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return change(value);
  if (Array.isArray(value))
    return value.map((one, index) => (index === key ? changed(one, rest, change) : one));
  if (typeof value !== 'object' || value === null) return value;
  return {
    ...value,
    [key]: changed((value as Record<string, unknown>)[key as string], rest, change),
  };
}

const paths = pathsOf(whole).filter((one) => one.length > 0);
const garbage = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    'entered-in-error',
    'amended',
    '2020',
    '2025-09-30T23:30:00-05:00',
    'LA32-8',
    'Patient/p9',
    'LA9-3',
    '',
    undefined,
  ),
);
const mutation = fc.record({
  path: fc.constantFrom(...paths),
  to: garbage,
  kind: fc.constantFrom('replace', 'replace', 'wrap', 'drop'),
});
const broken = fc
  .array(mutation, { minLength: 1, maxLength: 6 })
  .map((some) =>
    some.reduce<unknown>(
      (value, { path, to, kind }) =>
        changed(value, path, (one) => (kind === 'wrap' ? [one] : kind === 'drop' ? undefined : to)),
      whole,
    ),
  );

const runs = { numRuns: 250 };

const needOf = (one: fhir4.Condition) =>
  JSON.stringify([
    one.category?.at(-1)?.coding?.[0]?.code,
    one.code?.coding?.find((two) => two.system?.includes('snomed'))?.code ?? one.code?.text,
  ]);

describe('a broken Bundle', () => {
  it('never crashes, and what comes of it holds together', () => {
    fc.assert(
      fc.property(broken, (input) => {
        const { transaction, issues, parameters } = code(JSON.parse(JSON.stringify(input)));
        JSON.stringify(parameters);
        const names = new Set(transaction.map((one) => one.fullUrl));
        const made = transaction.filter(
          (one) => one.request?.method === 'POST' && one.resource?.resourceType === 'Condition',
        );
        const conditions = made.map((one) => one.resource as fhir4.Condition);
        expect(new Set(conditions.map(needOf)).size).toBe(conditions.length);
        for (const one of conditions) {
          expect(one.evidence?.length).toBeGreaterThan(0);
          expect(one.verificationStatus?.coding?.[0]?.code).toBe('unconfirmed');
          expect(one.category?.length).toBe(3);
          for (const told of JSON.stringify(one.evidence).match(/urn:uuid:[0-9a-f-]{36}/g) ?? [])
            expect(names).toContain(told);
        }
        for (const one of transaction)
          expect(`${one.request?.method} ${one.request?.url}`).toMatch(
            /^(POST (Observation|Condition|Provenance|Goal|ServiceRequest)|PUT (Observation|Condition)\/[A-Za-z0-9.-]{1,64})$/,
          );
        const puts = transaction.flatMap((one) =>
          one.request?.method === 'PUT' ? [one.request.url] : [],
        );
        expect(new Set(puts).size).toBe(puts.length);
        for (const one of issues) expect(one.details?.text).toMatch(/\.$/);
      }),
      runs,
    );
  });

  it('gets suggestions for new Conditions alone, one of a kind for each category', () => {
    fc.assert(
      fc.property(broken, (input) => {
        const { transaction } = code(JSON.parse(JSON.stringify(input)));
        const fresh = new Map(
          transaction.flatMap(({ fullUrl, resource, request }) =>
            resource?.resourceType === 'Condition' && request?.method === 'POST'
              ? [[fullUrl, resource as fhir4.Condition]]
              : [],
          ),
        );
        const goals = new Set(
          transaction.flatMap((one) =>
            one.resource?.resourceType === 'Goal' ? [one.fullUrl] : [],
          ),
        );
        for (const { resource, request } of transaction) {
          if (resource?.resourceType !== 'Goal' && resource?.resourceType !== 'ServiceRequest')
            continue;
          const { category, subject, addresses, reasonReference, identifier, extension } =
            resource as unknown as Suggested;
          const about = (addresses ?? reasonReference ?? []).map((one) => fresh.get(one.reference));
          expect(about.length).toBeGreaterThan(0);
          for (const one of about) {
            expect(one?.category?.at(-1)).toEqual(category?.at(-1));
            expect(one?.subject).toEqual(subject);
          }
          const [own] = identifier ?? [];
          expect(request?.ifNoneExist).toBe(
            `identifier=${encodeURIComponent(`${own?.system}|${own?.value}`)}`,
          );
          for (const one of extension ?? []) expect(goals).toContain(one.valueReference?.reference);
        }
        const told = suggestionsOf(transaction).map((one) => one.split(' ').slice(0, 2).join(' '));
        expect(new Set(told).size).toBe(told.length);
      }),
      runs,
    );
  });

  it('comes out the same when its entries come in another order', () => {
    fc.assert(
      fc.property(broken, (input) => {
        const value = JSON.parse(JSON.stringify(input)) as { entry?: unknown };
        if (!Array.isArray(value.entry)) return;
        const turned = { ...value, entry: [...value.entry].reverse() };
        const conditions = (one: unknown) =>
          code(one)
            .transaction.map((entry) => JSON.stringify(entry))
            .sort();
        expect(conditions(turned)).toEqual(conditions(value));
      }),
      runs,
    );
  });
});
