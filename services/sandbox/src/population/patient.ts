import type { fhir4 } from '@loopwell/fhir';
import type { Random } from './random.ts';

const givenNames = [
  'Ayaan',
  'Mai',
  'Rosa',
  'John',
  'Hodan',
  'Pa',
  'Elena',
  'Grace',
  'Abdi',
  'Tou',
  'Luis',
  'Ada',
];
const family = [
  'Warsame',
  'Vang',
  'Garcia',
  'Lind',
  'Xiong',
  'Olson',
  'Mohamed',
  'Lopez',
  'Berg',
  'Hassan',
];
const languages = ['so', 'hmn', 'es', 'en', 'en', 'en'];

/** Makes up who a person is. */
export function patientOf(id: string, dice: Random): fhir4.Patient {
  const year = 1935 + Math.floor(dice.next() * 70);
  return {
    resourceType: 'Patient',
    id,
    identifier: [{ system: 'urn:oid:2.16.840.1.113883.19.5', value: `MRN-${id}` }],
    name: [{ use: 'official', family: dice.pick(family), given: [dice.pick(givenNames)] }],
    gender: dice.pick(['female', 'male', 'other'] as const),
    birthDate: `${year}-${monthAndDayOf(dice)}`,
    telecom: [phoneOf(dice)],
    address: [addressOf(dice)],
    communication: [
      { language: { coding: [{ system: 'urn:ietf:bcp:47', code: dice.pick(languages) }] } },
    ],
  };
}

const monthAndDayOf = (dice: Random): string =>
  `0${1 + Math.floor(dice.next() * 9)}-1${Math.floor(dice.next() * 9)}`;

const phoneOf = (dice: Random): fhir4.ContactPoint => ({
  system: 'phone',
  value: `+1-555-01${String(Math.floor(dice.next() * 100)).padStart(2, '0')}`,
});

const addressOf = (dice: Random): fhir4.Address => ({
  line: [`${1 + Math.floor(dice.next() * 999)} Made-up Street`],
  city: 'Elsewhere',
  state: 'MN',
  postalCode: '55000',
});
