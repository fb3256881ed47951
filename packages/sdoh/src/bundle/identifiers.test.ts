import type { fhir4 } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import {
  bundle,
  code,
  condition,
  form,
  issuesOf,
  observation,
  patient,
} from '../../test/bundles.ts';

const documented = 'https://loopwell.example/fhir/NamingSystem/id';
const clinic = 'https://clinic.example.org/loopwell';
const given = '11111111-1111-5111-8111-111111111111';
const named = (system: string, value: string) => ({ identifier: [{ system, value }] });
const ride = form('96777-8', { '93030-5': 'LA33-6', '96778-6': 'LA31996-4' });

const identifiersIn = (entries: readonly fhir4.BundleEntry[]) =>
  entries.flatMap(({ resource, request }) => {
    const { identifier } = resource as { identifier?: fhir4.Identifier[] };
    return request?.method === 'POST' && identifier ? [{ identifier, request }] : [];
  });

describe('identifiers of new resources', () => {
  it.each([
    [undefined, documented],
    [clinic, clinic],
    [
      'urn:uuid:6f0c2f0e-0001-4000-8000-000000000001',
      'urn:uuid:6f0c2f0e-0001-4000-8000-000000000001',
    ],
  ])('with %s are of the system %s, and what asks for them is, too', (identifierSystem, system) => {
    const { transaction } = code(
      bundle(patient(), ride),
      identifierSystem ? { identifierSystem } : {},
    );
    const made = identifiersIn(transaction);
    expect(made.map((one) => one.identifier[0]?.system)).toEqual(made.map(() => system));
    expect(made.length).toBeGreaterThan(4);
    for (const { identifier, request } of made)
      expect(request.ifNoneExist).toBe(
        `identifier=${encodeURIComponent(`${system}|${identifier[0]?.value}`)}`,
      );
  });

  it('leave CodeSystems and rules where they are', () => {
    const plain = code(bundle(patient(), ride));
    const ours = code(bundle(patient(), ride), { identifierSystem: clinic });
    const text = (result: typeof plain) =>
      JSON.stringify(result)
        .replaceAll(encodeURIComponent(documented), 'X')
        .replaceAll(documented, 'X');
    expect(text(ours).replaceAll(encodeURIComponent(clinic), 'X').replaceAll(clinic, 'X')).toBe(
      text(plain),
    );
    expect(JSON.stringify(ours)).toContain('https://loopwell.example/rule/');
  });
});

describe('an identifier in our system', () => {
  const warned = (result: ReturnType<typeof code>) =>
    issuesOf(result.issues).filter((one) => one.includes('identifier'));

  it.each([
    ['one that we gave', clinic, given, 0],
    ['a value that we never give', clinic, 'MRN-7', 1],
    ['a random UUID', clinic, '6f0c2f0e-0001-4000-8000-000000000001', 1],
    ['no value', clinic, undefined, 1],
    ["another installation's system", 'https://other.example.org/loopwell', 'MRN-7', 0],
    ['the documented system, where the site has its own', documented, 'MRN-7', 0],
  ])('of an Observation or a Condition: %s', (_title, system, value, warnings) => {
    const identifier = value === undefined ? { identifier: [{ system }] } : named(system, value);
    for (const one of [
      observation('o', '93030-5', 'LA33-6', identifier),
      condition('c', 'transportation-insecurity', '551691000124106', identifier),
    ]) {
      const result = code(bundle(patient(), ride, one), { identifierSystem: clinic });
      expect(warned(result), JSON.stringify(one.identifier)).toHaveLength(warnings);
    }
  });

  it("that we did not give leaves the resource somebody else's: it is read as it stands", () => {
    const theirs = observation('o', '93030-5', 'LA33-6', named(clinic, 'MRN-7'));
    const { transaction } = code(bundle(patient(), theirs), { identifierSystem: clinic });
    const put = transaction.find((one) => one.request?.url === 'Observation/o')?.resource as
      | fhir4.Observation
      | undefined;
    expect(put?.identifier).toEqual([{ system: clinic, value: 'MRN-7' }]);
    expect(transaction.map((one) => one.resource?.resourceType)).toContain('Condition');
  });
});

describe('SNOMED CT codes of the US extension', () => {
  const codings = (value: unknown): fhir4.Coding[] => {
    if (Array.isArray(value)) return value.flatMap(codings);
    if (typeof value !== 'object' || value === null) return [];
    const own = 'system' in value && 'code' in value ? [value as fhir4.Coding] : [];
    return [...own, ...Object.values(value).flatMap(codings)];
  };
  const isUs = (one: fhir4.Coding) =>
    one.system === 'http://snomed.info/sct' && /1000124\d{3}$/.test(one.code ?? '');

  it('have the version of their edition in all that is new', () => {
    const { transaction } = code(
      bundle(
        patient(),
        ride,
        form('88121-9', { '88122-7': 'LA28397-0', '88123-5': 'LA28397-0' }, { id: 'q2' }),
      ),
    );
    const made = transaction
      .filter((one) => one.request?.method === 'POST')
      .flatMap((one) => codings(one.resource));
    expect(made.filter(isUs).length).toBeGreaterThan(1);
    expect(
      made.filter((one) => isUs(one) && one.version !== 'http://snomed.info/sct/731000124108'),
    ).toEqual([]);
  });

  it('stay as they came in what the EHR holds', () => {
    const onFile = condition('c', 'transportation-insecurity', '551691000124106');
    const { transaction } = code(bundle(patient(), ride, onFile));
    const put = transaction.find((one) => one.request?.url === 'Condition/c');
    expect((put?.resource as fhir4.Condition | undefined)?.code).toEqual(onFile.code);
  });
});
