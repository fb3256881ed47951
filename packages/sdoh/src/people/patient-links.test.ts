import type { fhir4 } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { linkStatements } from './link-statements.ts';
import { namedSuccessors, survivingPatients } from './surviving-patients.ts';

const base = 'https://ehr.example/fhir';
const read = (link: unknown, id = 'a') =>
  linkStatements({ resourceType: 'Patient', id, link } as fhir4.Patient, base);
const to = (reference: unknown, type: unknown = 'replaced-by') => ({ other: { reference }, type });

describe('what a Patient says of its links', () => {
  it.each<[string, unknown, object]>([
    ['nothing', undefined, {}],
    ['an empty list', [], {}],
    ['a replacement', [to('Patient/b')], { replacedBy: ['b'] }],
    ['an absolute reference', [to(`${base}/Patient/b`)], { replacedBy: ['b'] }],
    ['a version of it', [to('Patient/b/_history/2')], { replacedBy: ['b'] }],
    ['the same twice', [to('Patient/b'), to(`${base}/Patient/b`)], { replacedBy: ['b'] }],
    ['two replacements', [to('Patient/c'), to('Patient/b')], { replacedBy: ['b', 'c'] }],
    ['what it replaces', [to('Patient/b', 'replaces')], { replaces: ['b'] }],
    ['see also', [to('Patient/b', 'seealso')], {}],
    ['refer', [to('Patient/b', 'refer')], {}],
    ['see also at another server', [to('https://x.example/Patient/b', 'seealso')], {}],
    ['see also a related person', [to('RelatedPerson/b', 'seealso')], {}],
    ['itself', [to('Patient/a')], { unusable: 'link-to-itself' }],
    ['that it replaces itself', [to('Patient/a', 'replaces')], { unusable: 'link-to-itself' }],
    ['another type', [to('RelatedPerson/b')], { unusable: 'link-to-another-type' }],
    ['another server', [to('https://x.example/Patient/b')], { unusable: 'link-to-another-server' }],
    [
      'an address that begins alike',
      [to(`${base}2/Patient/b`)],
      { unusable: 'link-to-another-server' },
    ],
    ['no reference', [{ other: {}, type: 'replaced-by' }], { unusable: 'link-unreadable' }],
    ['no other', [{ type: 'replaces' }], { unusable: 'link-unreadable' }],
    [
      'an identifier',
      [{ other: { identifier: { value: '1' } }, type: 'replaced-by' }],
      { unusable: 'link-unreadable' },
    ],
    ['a number', [to(7)], { unusable: 'link-unreadable' }],
    ['words', [to('the other record')], { unusable: 'link-unreadable' }],
    ['an unknown kind', [to('Patient/b', 'merged')], { unusable: 'link-unreadable' }],
    ['no list', { ...to('Patient/b') }, { unusable: 'link-unreadable' }],
    ['null', null, { unusable: 'link-unreadable' }],
    ['a null in it', [null], { unusable: 'link-unreadable' }],
    [
      'a good link beside a bad one',
      [to('Patient/b'), to('Group/c')],
      { unusable: 'link-to-another-type' },
    ],
    [
      'too many',
      Array.from({ length: 101 }, () => to('Patient/b')),
      { unusable: 'too-many-links' },
    ],
  ])('is read where it says %s', (_name, link, statements) => {
    expect(read(link)).toEqual({ replacedBy: [], replaces: [], ...statements });
  });
});

type Said = { by?: string[]; over?: string[]; unusable?: 'link-unreadable'; set?: string };

const outcomes = (patients: Record<string, Said>) => {
  const linked = Object.entries(patients).map(([id, { by = [], over = [], unusable, set }]) => ({
    id,
    statements: { replacedBy: by, replaces: over, ...(unusable ? { unusable } : {}) },
    setAgainst: set,
  }));
  const survivors = survivingPatients(linked);
  return Object.fromEntries(
    [...survivors].map(([id, survivor]) => {
      if (survivor.kind === 'set-by-person') return [id, 'set by a person'];
      if (survivor.kind === 'problem') return [id, survivor.problem];
      const waits = survivor.waitsFor === undefined ? '' : `, waits for ${survivor.waitsFor}`;
      return [id, `${survivor.patient}${waits}`];
    }),
  );
};

describe('the surviving Patient', () => {
  it.each<[string, Record<string, Said>, Record<string, string>]>([
    ['is itself without links', { a: {}, b: {} }, { a: 'a', b: 'b' }],
    ['is the one that replaces it', { a: { by: ['b'] }, b: {} }, { a: 'b', b: 'b' }],
    ['is the one that says so itself', { a: {}, b: { over: ['a'] } }, { a: 'b', b: 'b' }],
    ['is the same where both say so', { a: { by: ['b'] }, b: { over: ['a'] } }, { a: 'b', b: 'b' }],
    ['waits where it is not known', { a: { by: ['b'] } }, { a: 'a, waits for b' }],
    ['is itself where the one that it replaces is not known', { b: { over: ['a'] } }, { b: 'b' }],
    [
      'is the last of a chain',
      { a: { by: ['b'] }, b: { by: ['c'] }, c: {} },
      { a: 'c', b: 'c', c: 'c' },
    ],
    [
      'is the last one that is known of a chain',
      { a: { by: ['b'] }, b: { by: ['c'] } },
      { a: 'b', b: 'b, waits for c' },
    ],
    [
      'is one for two Patients',
      { a: { by: ['c'] }, b: { by: ['c'] }, c: { over: ['a', 'b'] } },
      { a: 'c', b: 'c', c: 'c' },
    ],
    [
      'is nobody in a circle',
      { a: { by: ['b'] }, b: { by: ['a'] } },
      { a: 'link-in-circle', b: 'link-in-circle' },
    ],
    [
      'is nobody where both replace each other',
      { a: { over: ['b'] }, b: { over: ['a'] } },
      { a: 'link-in-circle', b: 'link-in-circle' },
    ],
    [
      'is nobody where one says both',
      { a: { by: ['b'], over: ['b'] }, b: {} },
      { a: 'link-in-circle', b: 'link-in-circle' },
    ],
    [
      'is nobody before a circle',
      { a: { by: ['b'] }, b: { by: ['c'] }, c: { by: ['b'] } },
      { a: 'link-in-circle', b: 'link-in-circle', c: 'link-in-circle' },
    ],
    [
      'is nobody where two are named',
      { a: { by: ['b', 'c'] }, b: {}, c: {} },
      { a: 'links-to-several', b: 'b', c: 'c' },
    ],
    [
      'is nobody where two name it',
      { a: {}, b: { over: ['a'] }, c: { over: ['a'] } },
      { a: 'links-to-several', b: 'b', c: 'c' },
    ],
    [
      'is nobody where the two disagree',
      { a: { by: ['b'] }, b: {}, c: { over: ['a'] } },
      { a: 'links-to-several', b: 'b', c: 'c' },
    ],
    [
      'is nobody where a link cannot be read',
      { a: { unusable: 'link-unreadable' }, b: { over: ['a'] } },
      { a: 'link-unreadable', b: 'b' },
    ],
    [
      'is nobody where a link of the next cannot be read',
      { a: { by: ['b'] }, b: { unusable: 'link-unreadable' } },
      { a: 'link-unreadable', b: 'link-unreadable' },
    ],
    [
      'stays as a person has set it',
      { a: { by: ['b'], set: 'b' }, b: {} },
      { a: 'set by a person', b: 'b' },
    ],
    [
      'is followed again where the EHR says something new',
      { a: { by: ['c'], set: 'b' }, b: {}, c: {} },
      { a: 'c', b: 'b', c: 'c' },
    ],
    [
      'is the one that a person has set, for those before it',
      { a: { by: ['b'] }, b: { by: ['c'], set: 'c' }, c: {} },
      { a: 'b', b: 'set by a person', c: 'c' },
    ],
    [
      'stays as a person has set it in a contradiction',
      { a: { by: ['b', 'c'], set: 'b c' }, b: {}, c: {} },
      { a: 'set by a person', b: 'b', c: 'c' },
    ],
  ])('%s', (_name, patients, expected) => {
    expect(outcomes(patients)).toEqual(expected);
  });

  it('does not depend on the order', () => {
    const patients = { c: {}, b: { by: ['c'] }, a: { by: ['b'] } };
    expect(outcomes(patients)).toEqual({ a: 'c', b: 'c', c: 'c' });
  });
});

it('names what the EHR says while a person sets a link', () => {
  const patients = [
    { id: 'a', statements: { replacedBy: ['c'], replaces: [] } },
    { id: 'b', statements: { replacedBy: [], replaces: ['a'] } },
  ];
  expect(namedSuccessors('a', patients)).toBe('b c');
  expect(namedSuccessors('b', patients)).toBe('');
});
