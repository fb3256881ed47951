import { type fhir4, profiles, systems } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { ownProcedure, whyDoubted, whyNoHelp } from './partner-procedure.ts';

const person = '3f0d2c1a-0000-5000-8000-000000000001';
const own = { person, serviceRequest: 'order-1' };
const identifierSystem = 'urn:uuid:6a1b1f6e-0000-4000-8000-000000000001';
const parts = {
  id: 'own',
  ...own,
  identifierSystem,
  partner: { id: 'pantry', name: 'Northside Pantry' },
};
const food = { coding: [{ system: systems.snomed, code: '710925007' }] };
const helped = (more: object = {}): fhir4.Procedure => ({
  resourceType: 'Procedure',
  id: 'theirs',
  status: 'completed',
  code: food,
  subject: { reference: `https://us.example/fhir/Patient/${person}` },
  performedDateTime: '2026-11-25',
  ...more,
});

describe('a Procedure that a partner shows is help', () => {
  it.each([
    ['as it is', {}],
    ['still going on', { status: 'in-progress' }],
    ['of the person, relative', { subject: { reference: `Patient/${person}` } }],
    ['of the person, with a version', { subject: { reference: `Patient/${person}/_history/2` } }],
    ['without a subject', { subject: undefined }],
    ['with a subject in words', { subject: { display: 'Ada' } }],
    [
      'of our order',
      { basedOn: [{ reference: 'https://us.example/fhir/ServiceRequest/order-1' }] },
    ],
    [
      'of our order and one of its own',
      { basedOn: [{ reference: 'ServiceRequest/7' }, { reference: 'ServiceRequest/order-1' }] },
    ],
    ['with empty lists', { modifierExtension: [] }],
    ['with a code in a list', { code: [food] }],
    ['with a subject in a list', { subject: [{ reference: `/Patient/${person}` }] }],
    ['with a plain extension', { extension: [{ url: 'x', valueString: 'y' }] }],
  ])('%s', (_name, more) => expect(whyNoHelp(helped(more), own)).toBeUndefined());

  it.each([
    ['entered in error', { status: 'entered-in-error' }, 'not-done'],
    ['not done', { status: 'not-done' }, 'not-done'],
    ['in preparation', { status: 'preparation' }, 'not-done'],
    ['stopped', { status: 'stopped' }, 'not-done'],
    ['on hold', { status: 'on-hold' }, 'not-done'],
    ['unknown', { status: 'unknown' }, 'not-done'],
    ['miscapitalised', { status: 'Completed' }, 'not-done'],
    ['of STU3', { status: 'suspended' }, 'not-done'],
    ['without status', { status: undefined }, 'not-a-procedure'],
    ['with a status that is no text', { status: 7 }, 'not-a-procedure'],
    ['without code', { code: undefined }, 'not-a-procedure'],
    ['with an empty code', { code: {} }, 'not-a-procedure'],
    ['another resource', { resourceType: 'Observation' }, 'not-a-procedure'],
    ['of somebody else', { subject: { reference: 'Patient/other' } }, 'other-person'],
    ['of somebody else, in a list', { subject: [{ reference: 'Patient/other' }] }, 'other-person'],
    ['of somebody else, as text', { subject: '/Patient/other' }, 'other-person'],
    ['of a group', { subject: { reference: `Group/${person}` } }, 'other-person'],
    ['of another order', { basedOn: [{ reference: 'ServiceRequest/other' }] }, 'other-order'],
    ['of a care plan alone', { basedOn: [{ reference: 'CarePlan/1' }] }, 'other-order'],
    [
      'with a modifier extension',
      { modifierExtension: [{ url: 'x', valueBoolean: true }] },
      'not-understood',
    ],
    ['with one deeper', { performer: [{ modifierExtension: [{ url: 'x' }] }] }, 'not-understood'],
    ['with implicit rules', { implicitRules: 'https://x.example' }, 'not-understood'],
  ])('not when %s', (_name, more, why) => expect(whyNoHelp(helped(more), own)).toBe(why));

  it.each([null, 'x', 7, [], undefined])('not when it is %j', (procedure) =>
    expect(whyNoHelp(procedure, own)).toBe('not-a-procedure'),
  );
});

describe('a resource of another type', () => {
  const seen = (more: object = {}) => ({ resourceType: 'Observation', status: 'final', ...more });
  it.each([
    ['as it is', {}],
    ['of the person', { subject: { reference: `Patient/${person}` } }],
    ['of a group', { subject: { reference: 'Group/7' } }],
    ['of a place', { subject: { reference: 'Location/7' } }],
  ])('is not doubted %s', (_name, more) => expect(whyDoubted(seen(more), own)).toBeUndefined());

  it.each([
    ['entered in error', { status: 'entered-in-error' }, 'not-done'],
    ['of somebody else', { subject: { reference: 'Patient/other' } }, 'other-person'],
    [
      'of somebody else as its patient',
      { patient: { reference: '/Patient/other' } },
      'other-person',
    ],
    ['modified', { modifierExtension: [{ url: 'x' }] }, 'not-understood'],
    ['of rules of its own', { implicitRules: 'https://x.example' }, 'not-understood'],
  ])('is doubted when it is %s', (_name, more, why) =>
    expect(whyDoubted(seen(more), own)).toBe(why),
  );
});

describe("a partner's Procedure as ours", () => {
  it('keeps what, when and by whom: the partner, not a person in its server that nobody else can read', () => {
    expect(
      ownProcedure(
        helped({ performer: [{ actor: { reference: 'Practitioner/9', display: 'Sue Ek' } }] }),
        parts,
      ),
    ).toEqual({
      resourceType: 'Procedure',
      id: 'own',
      meta: { profile: [profiles.procedure] },
      identifier: [{ system: identifierSystem, value: 'own' }],
      basedOn: [{ reference: 'ServiceRequest/order-1' }],
      status: 'completed',
      code: food,
      subject: { reference: `Patient/${person}` },
      performedDateTime: '2026-11-25',
      performer: [{ actor: { reference: 'Organization/pantry', display: 'Northside Pantry' } }],
    });
  });

  it('lets a person who did it alone be that person', () => {
    const actor = { reference: `https://us.example/fhir/Patient/${person}` };
    expect(ownProcedure(helped({ performer: [{ actor }] }), parts).performer).toEqual([
      { actor: { reference: `Patient/${person}` } },
    ]);
  });

  it.each([
    ['performedDateTime', '2026-11-25T10:00:00-06:00'],
    ['performedDateTime', '2026-11'],
    ['performedPeriod', { start: '2026-11-01', end: '2026-11-20' }],
    ['performedPeriod', { start: '2026-11-01' }],
    ['performedString', 'first week of November 2026'],
    ['performedString', '2026-11-02 to 2026-11-05'],
    ['performedAge', { value: 41, unit: 'years', system: 'http://unitsofmeasure.org', code: 'a' }],
    ['performedRange', { low: { value: 40, unit: 'years' }, high: { value: 42, unit: 'years' } }],
  ])('keeps %s %j, and claims the profile', (name, value) => {
    const kept = ownProcedure(helped({ performedDateTime: undefined, [name]: value }), parts);
    expect(kept).toMatchObject({ [name]: value, meta: { profile: [profiles.procedure] } });
  });

  it.each<[string, object, object]>([
    [
      'without an offset',
      { performedDateTime: '2026-11-25T10:00' },
      { performedDateTime: '2026-11-25' },
    ],
    [
      'without seconds',
      { performedDateTime: '2026-11-25T10:00-06:00' },
      { performedDateTime: '2026-11-25T10:00:00-06:00' },
    ],
    ['in a list', { performedDateTime: ['2026-11-25'] }, { performedDateTime: '2026-11-25' }],
    [
      'by the name that R5 has for it',
      { occurrenceDateTime: '2026-11-25' },
      { performedDateTime: '2026-11-25' },
    ],
    [
      'as a period of R5',
      { occurrencePeriod: { start: '2026-11-01' } },
      { performedPeriod: { start: '2026-11-01' } },
    ],
    [
      'as a period that ends before it begins',
      { performedPeriod: { start: '2026-11-20', end: '2026-11-01' } },
      { performedPeriod: { start: '2026-11-20' } },
    ],
  ])('keeps a time %s as R4 writes it', (_name, given, kept) => {
    expect(ownProcedure(helped({ performedDateTime: undefined, ...given }), parts)).toMatchObject({
      ...kept,
      meta: { profile: [profiles.procedure] },
    });
  });

  it('names the edition of codes that only the US edition has', () => {
    const coding = [
      { system: systems.snomed, code: '467771000124109' },
      { system: systems.snomed, code: '710925007' },
    ];
    expect(ownProcedure(helped({ code: { coding } }), parts).code?.coding).toEqual([
      { ...coding[0], version: 'http://snomed.info/sct/731000124108' },
      coding[1],
    ]);
  });

  it.each([
    ['says no time', { performedDateTime: undefined }],
    [
      'says a time in words about other things',
      { performedDateTime: undefined, performedString: 'when Ada came back from jail' },
    ],
    ['says a time that is none', { performedDateTime: 'yesterday' }],
    ['is coded in words alone', { code: { text: 'Two bags of rice' } }],
    [
      'is coded in a system of its own',
      { code: { coding: [{ system: 'https://pantry.example', code: 'bags' }] } },
    ],
    [
      'is coded in systems that Procedures have none of',
      { code: { coding: [{ system: systems.loinc, code: '93025-5' }] } },
    ],
    [
      'has a reason of ours for its code',
      { code: { coding: [{ system: systems.declineReason, code: 'did-not-come' }] } },
    ],
    [
      'has a code of the guide for its code',
      { code: { coding: [{ system: systems.sdohcc, code: 'capacity' }] } },
    ],
    [
      'has a category whose codes are others',
      { category: { coding: [{ system: systems.sdohcc, code: 'homelessness' }] } },
    ],
  ])('claims no profile when it %s', (_name, more) =>
    expect(ownProcedure(helped(more), parts)).not.toHaveProperty('meta'),
  );

  it('claims it with a category whose codes it keeps to', () => {
    const more = {
      category: { coding: [{ system: systems.sdohcc, code: 'food-insecurity' }] },
      code: { coding: [{ system: systems.snomed, code: '467771000124109' }] },
    };
    expect(ownProcedure(helped(more), parts)).toMatchObject({
      ...more,
      meta: { profile: [profiles.procedure] },
    });
  });

  it('carries no words of the partner, wherever they stand', () => {
    const words = (name: string) => `kanari ${name}`;
    const concept = (name: string, system: string = systems.snomed, code = '710925007') => ({
      text: words(name),
      coding: [
        { system, code, display: words(name), version: words(name) },
        { system: systems.snomed, code: words(name) },
        { system: words(name), code: words(name) },
      ],
    });
    const made = ownProcedure(
      helped({
        id: words('id'),
        text: { status: 'generated', div: words('div') },
        identifier: [{ system: words('x'), value: words('x') }],
        statusReason: concept('statusReason'),
        category: concept('category', systems.sdohcc, 'food-insecurity'),
        code: concept('code'),
        subject: { reference: `Patient/${person}`, display: words('subject') },
        performedDateTime: undefined,
        performedString: words('performed'),
        performer: [
          {
            function: concept('function'),
            actor: { reference: 'Practitioner/kanari', display: words('actor') },
          },
        ],
        reasonCode: [concept('reason')],
        outcome: concept('outcome'),
        complication: [concept('complication')],
        followUp: [concept('followUp')],
        note: [{ text: words('note'), authorString: words('author') }],
        location: { display: words('location') },
        bodySite: [concept('site')],
        extension: [{ url: 'x', valueString: words('extension') }],
        contained: [{ resourceType: 'Practitioner', id: 'kanari' }],
      }),
      parts,
    );
    expect(JSON.stringify(made)).not.toContain('kanari');
    expect(made).toMatchObject({ code: food, reasonCode: [food], outcome: food });
  });
});
