import type { fhir4 } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { ageOn } from './birth-span.ts';
import { personProfile } from './person-profile.ts';
import { profileOn } from './profile-on-day.ts';

const read = (patient: object) =>
  personProfile({ resourceType: 'Patient', ...patient } as fhir4.Patient);
const today = '2026-11-30';
const onDay = (patient: object) => profileOn(read(patient), today);

const interpreterRequired = 'http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired';
const interpreterNeeded =
  'http://hl7.org/fhir/us/core/StructureDefinition/us-core-interpreter-needed';
const yes = { url: interpreterNeeded, valueCoding: { code: '373066001' } };
const no = { url: interpreterNeeded, valueCoding: { code: '373067005' } };

describe('the profile of a person', () => {
  it('holds what pages and packets show, in the order of the record', () => {
    const profile = read({
      name: [
        { use: 'official', family: 'Lind', given: ['Ada', 'Maria'] },
        { use: 'usual', text: 'Addie Lind', period: { start: '2020' } },
      ],
      birthDate: '1979-03-02',
      telecom: [{ system: 'phone', value: ' 612-555-0100 ', use: 'mobile', rank: 1 }],
      communication: [
        { language: { coding: [{ code: 'so', display: 'Somali' }] }, preferred: true },
        { language: { text: 'English' } },
      ],
      extension: [{ url: interpreterRequired, valueBoolean: true }],
      address: [{ use: 'home', line: ['12 Oak St'], city: 'Minneapolis', postalCode: '55401' }],
      contact: [
        {
          relationship: [{ text: 'Daughter' }],
          name: { given: ['Mia'] },
          telecom: [{ system: 'phone', value: '612-555-0101' }],
        },
      ],
      generalPractitioner: [{ reference: 'Practitioner/7', display: 'Dr. Berg' }],
    });
    expect(profile).toEqual({
      names: [
        { text: 'Ada Maria Lind', use: 'official' },
        { text: 'Addie Lind', use: 'usual', period: { start: '2020' } },
      ],
      birthDate: '1979-03-02',
      contacts: [{ system: 'phone', address: '612-555-0100', use: 'mobile', rank: 1 }],
      languages: [{ code: 'so', text: 'Somali', preferred: true }, { text: 'English' }],
      interpreter: 'needed',
      addresses: [{ lines: ['12 Oak St'], city: 'Minneapolis', postalCode: '55401', use: 'home' }],
      contactPersons: [
        {
          name: 'Mia',
          relationships: ['Daughter'],
          contacts: [{ system: 'phone', address: '612-555-0101' }],
        },
      ],
      generalPractitioners: [{ reference: 'Practitioner/7', display: 'Dr. Berg' }],
      notes: [],
    });
  });

  it.each<[string, object, string[]]>([
    ['nothing', {}, []],
    [
      'wrong types',
      { name: 'Ada', telecom: {}, communication: 1, address: 'x', contact: true, birthDate: 1979 },
      ['name', 'birthDate', 'telecom', 'communication', 'address', 'contact'],
    ],
    [
      'nulls',
      { name: null, telecom: [null], extension: null, generalPractitioner: [null] },
      ['name', 'telecom[0]', 'generalPractitioner[0]'],
    ],
    [
      'a name of numbers',
      { name: [{ family: 7, given: 'Ada' }] },
      ['name[0].given', 'name[0].family'],
    ],
    ['a contact without a system', { telecom: [{ value: '1' }] }, ['telecom[0].system']],
    ['a contact without a value', { telecom: [{ system: 'phone' }] }, []],
    ['a birth date that is none', { birthDate: '1979-02-30' }, ['birthDate']],
    ['a birth time', { birthDate: '1979-02-03T10:00:00Z' }, ['birthDate']],
    ['a day of death that is none', { deceasedDateTime: 'soon' }, ['deceasedDateTime']],
    [
      'a language of words',
      { communication: [{ language: 'hmn' }] },
      ['communication[0].language'],
    ],
    [
      'an interpreter need that is not yes or no',
      { extension: [{ url: interpreterNeeded, valueCoding: { code: '261665006' } }] },
      ['extension(interpreter)'],
    ],
  ])('leaves out and notes %s', (_name, patient, notes) => {
    expect(read(patient)).toEqual({
      names: [],
      contacts: [],
      languages: [],
      addresses: [],
      contactPersons: [],
      generalPractitioners: [],
      notes,
    });
  });

  it.each<[string, object, object, string[]]>([
    ['rank', { rank: 0 }, {}, ['telecom[0].rank']],
    ['rank in words', { rank: '1' }, {}, ['telecom[0].rank']],
    ['use', { use: 'private' }, {}, ['telecom[0].use']],
    ['period', { period: { end: 'soon' } }, { isUnclear: true }, ['telecom[0].period']],
  ])('keeps a contact without its malformed %s', (_name, more, kept, notes) => {
    const profile = read({ telecom: [{ system: 'phone', value: '1', ...more }] });
    expect(profile.contacts).toEqual([{ system: 'phone', address: '1', ...kept }]);
    expect(profile.notes).toEqual(notes);
  });

  it('is bounded, however much the record holds', () => {
    const long = 'x'.repeat(10_000);
    const many = <T>(item: T) => Array.from({ length: 5_000 }, () => item);
    const profile = read({
      name: many({ text: long }),
      telecom: many({ system: 'phone', value: long }),
      address: many({ line: many(long), text: long }),
      contact: many({ name: { text: long }, telecom: many({ system: 'phone', value: long }) }),
      communication: many({ language: { text: long } }),
    });
    expect(JSON.stringify(profile).length).toBeLessThan(60_000);
    expect(profile.notes).toContain('telecom: more than 20');
    expect(JSON.stringify(read({ telecom: many({ system: 1, value: '1' }) })).length).toBeLessThan(
      2_000,
    );
  });

  it.each<[string, object[], string | undefined]>([
    ['R4 says so', [{ url: interpreterRequired, valueBoolean: true }], 'needed'],
    ['R4 says no', [{ url: interpreterRequired, valueBoolean: false }], 'not-needed'],
    ['US Core says so', [yes], 'needed'],
    ['US Core says no', [no], 'not-needed'],
    ['they disagree', [no, { url: interpreterRequired, valueBoolean: true }], 'needed'],
    ['nothing is said', [], undefined],
  ])('tells the interpreter need where %s', (_name, extension, need) => {
    expect(read({ extension }).interpreter).toBe(need);
  });
});

describe('a profile on a day', () => {
  it.each<[string, object[], object]>([
    ['no name', [], {}],
    ['an official one', [{ use: 'official', text: 'Ada Lind' }], { name: 'Ada Lind' }],
    [
      'an official and a usual one',
      [
        { use: 'usual', text: 'Addie' },
        { use: 'official', text: 'Ada Lind' },
      ],
      { name: 'Ada Lind', preferredName: 'Addie' },
    ],
    [
      'a nickname',
      [{ text: 'Ada Lind' }, { use: 'nickname', text: 'Addie' }],
      { name: 'Ada Lind', preferredName: 'Addie' },
    ],
    ['a usual one alone', [{ use: 'usual', text: 'Ada Lind' }], { name: 'Ada Lind' }],
    [
      'an official one that has ended',
      [
        { use: 'official', text: 'Ada Berg', period: { end: '2020' } },
        { use: 'official', text: 'Ada Lind' },
      ],
      { name: 'Ada Lind' },
    ],
    [
      'an old one beside it',
      [
        { use: 'old', text: 'Former Name' },
        { use: 'usual', text: 'Ada Lind' },
      ],
      { name: 'Ada Lind' },
    ],
    ['a former one alone', [{ use: 'maiden', text: 'Ada Berg' }], { name: 'Ada Berg' }],
  ])('names a person with %s', (_name, name, names) => {
    const { name: onFile, preferredName } = onDay({ name });
    expect({ name: onFile, preferredName }).toEqual({ preferredName: undefined, ...names });
  });

  it('lists current contacts by rank, then old ones with a mark', () => {
    const phone = (value: string, more: object = {}) => ({ system: 'phone', value, ...more });
    const { contacts } = onDay({
      telecom: [
        phone('old', { use: 'old', rank: 1 }),
        phone('no rank'),
        phone('ended', { period: { end: '2026-11-29' } }),
        phone('second', { rank: 2 }),
        phone('unclear', { period: { start: 'x' }, rank: 1 }),
        phone('first', { rank: 1, period: { end: '2026-11-30' } }),
        phone('future', { period: { start: '2026-12-01' } }),
      ],
    });
    expect(contacts.map(({ address, isOld }) => `${address}${isOld ? ' (old)' : ''}`)).toEqual([
      'first',
      'second',
      'no rank',
      'old (old)',
      'unclear (old)',
      'ended (old)',
      'future (old)',
    ]);
  });

  it('lists the preferred language first', () => {
    const { languages } = onDay({
      communication: [
        { language: { text: 'English' } },
        { language: { text: 'Somali' }, preferred: true },
      ],
    });
    expect(languages.map(({ text }) => text)).toEqual(['Somali', 'English']);
  });

  it.each<[string, number | undefined]>([
    ['1979-11-30', 47],
    ['1979-12-01', 46],
    ['1979', undefined],
    ['1979-11', 47],
    ['1979-10', 47],
    ['2026-11-30', 0],
    ['2027-01-01', undefined],
    ['1850-01-01', undefined],
    ['soon', undefined],
  ])('gives somebody born %s the age %s', (birthDate, age) => {
    expect(ageOn(birthDate, today)).toBe(age);
    expect(onDay({ birthDate }).age).toBe(age);
  });

  it('gives no age after death', () => {
    const died = onDay({ birthDate: '1979-11-30', deceasedDateTime: '2026-01-01' });
    expect(died).toMatchObject({ deceased: '2026-01-01' });
    expect(died.age).toBeUndefined();
    expect(onDay({ deceasedBoolean: true }).deceased).toBe(true);
    expect(onDay({ deceasedBoolean: false }).deceased).toBeUndefined();
  });
});
