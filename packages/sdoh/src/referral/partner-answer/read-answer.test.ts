import { systems } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { answerKey, keptBody, notesOf, readAnswer, saysSomething } from './read-answer.ts';
import { personReasonOf } from './reason-codes.ts';
import { odditiesOf } from './task-oddities.ts';
import { type ReadOutput, saysAnything, shownOutput } from './task-outputs.ts';
import { unreadableWords } from './written-words.ts';

const identifierSystem = 'urn:uuid:6a1b1f6e-0000-4000-8000-000000000001';
const own = {
  identifierSystem,
  person: 'person-1',
  serviceRequest: 'order-1',
  receiptKey: 'key-1',
  partner: 'pantry',
};
const task = (more: object = {}) => ({
  resourceType: 'Task',
  id: 'remote-1',
  identifier: [{ system: identifierSystem, value: 'key-1' }],
  status: 'rejected',
  focus: { reference: 'https://us.example/fhir/ServiceRequest/order-1' },
  for: { reference: 'https://us.example/fhir/Patient/person-1' },
  owner: { reference: 'https://us.example/fhir/Organization/pantry' },
  ...more,
});
const full = 'Full until January 6';

describe("a partner's words", () => {
  it.each<[string, unknown, string | null]>([
    ['a concept with text', { text: full }, full],
    ['a concept with a display', { coding: [{ code: 'full', display: full }] }, full],
    ['text and display', { text: full, coding: [{ display: 'No room' }] }, `${full}\nNo room`],
    ['a code alone', { coding: [{ code: 'no-room' }] }, 'no-room'],
    ['plain text', full, full],
    ['a list of concepts', [{ text: full }, { text: 'Sorry' }], `${full}\nSorry`],
    ["R5's CodeableReference", { concept: { text: full } }, full],
    [
      "R5's CodeableReference to a resource",
      { reference: { reference: 'Observation/1', display: full } },
      full,
    ],
    ['a bare Coding', { code: 'full', display: full }, full],
    ['null characters', { text: `Full\u0000 until` }, 'Full\uFFFD until'],
    ['blank text', { text: '  ' }, unreadableWords],
    ['an empty object', {}, unreadableWords],
    ['a shape that nobody knows', { blob: { deep: true } }, unreadableWords],
    ['nothing', undefined, null],
    ['null', null, null],
    ['an empty list', [], null],
  ])('are found in %s', (_name, statusReason, words) => {
    expect(readAnswer(task({ statusReason }))).toMatchObject({ status: 'rejected', reason: words });
    expect(readAnswer(task({ businessStatus: statusReason }))).toMatchObject({
      status: 'rejected',
      businessStatus: words,
    });
  });

  it.each<[string, unknown, string | null]>([
    [
      'annotations',
      [{ text: 'Gave part of it', authorString: 'Sue' }, { text: 'Come back' }],
      'Gave part of it\nCome back',
    ],
    ['one annotation that is no list', { text: 'Gave part of it' }, 'Gave part of it'],
    ['text in place of annotations', 'Gave part of it', 'Gave part of it'],
    ['a list of text', ['Gave part', 'of it'], 'Gave part\nof it'],
    ['annotations without text', [{}], unreadableWords],
  ])('are found in %s', (_name, note, words) =>
    expect(readAnswer(task({ note })).note).toBe(words),
  );

  it.each<[string, unknown, object[]]>([
    [
      'its author in words',
      [{ text: 'a', authorString: 'Sue', time: '2026-11-20' }],
      [{ text: 'a', author: 'Sue', time: '2026-11-20' }],
    ],
    [
      'its author by name',
      { text: 'a', authorReference: { reference: 'Practitioner/9', display: 'Sue' } },
      [{ text: 'a', author: 'Sue', time: null }],
    ],
    [
      'its author by reference',
      [{ text: 'a', authorReference: { reference: 'Practitioner/9' } }],
      [{ text: 'a', author: 'Practitioner/9', time: null }],
    ],
    [
      'nobody',
      ['a', { text: 'b' }],
      [
        { text: 'a', author: null, time: null },
        { text: 'b', author: null, time: null },
      ],
    ],
    [
      'odd shapes',
      [{ text: 'a', authorString: 7, authorReference: ['x'], time: {} }],
      [{ text: 'a', author: 'x', time: null }],
    ],
    ['nothing', undefined, []],
  ])('of a note are told with %s', (_name, note, notes) =>
    expect(notesOf(task({ note }))).toEqual(notes),
  );

  it('come from an extension that brings a later element to R4', () => {
    const extension = [
      {
        url: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Task.statusReason',
        valueCodeableConcept: { text: full },
      },
    ];
    expect(readAnswer(task({ extension })).reason).toBe(full);
  });

  it('are kept up to a limit, and say so', () => {
    const { note } = readAnswer(task({ note: [{ text: 'x'.repeat(25_000) }] }));
    expect(note?.length).toBeLessThan(10_100);
    expect(note).toContain('25000 characters came');
    expect(keptBody(task({ note: [{ text: 'x'.repeat(25_000) }] }))?.length).toBeLessThan(11_000);
    expect(
      keptBody(task({ note: Array.from({ length: 1_000 }, () => ({ text: 'x'.repeat(9_000) })) })),
    ).toBeNull();
  });

  it.each([null, undefined, 7, 'x', [], {}])(
    'are none where the Task is %j, and nothing breaks',
    (body) => {
      expect(readAnswer(body)).toEqual({
        status: 'unreadable',
        reason: null,
        codes: [],
        note: null,
        businessStatus: null,
      });
      expect(odditiesOf(body, own)).toEqual(['not-a-task']);
      expect(typeof answerKey(body)).toBe('string');
    },
  );

  it('leave the status to be read, whatever shape they have', () => {
    for (const odd of [
      7,
      true,
      [[]],
      [null],
      { coding: 'x' },
      { coding: [null, 7, 'x'] },
      { coding: { code: 'x' } },
      { concept: 7 },
    ])
      expect(
        readAnswer(task({ statusReason: odd, note: odd, businessStatus: odd, output: odd })).status,
      ).toBe('rejected');
  });
});

describe('codes that everybody may see', () => {
  const codesOf = (coding: object) =>
    readAnswer(task({ statusReason: { coding: [coding] } })).codes;
  it.each([
    [
      { system: systems.declineReason, code: 'wrong-contact', display: 'Wrong person' },
      [{ system: systems.declineReason, code: 'wrong-contact' }],
    ],
    [
      { system: systems.snomed, code: '183932001' },
      [{ system: systems.snomed, code: '183932001' }],
    ],
    [
      { system: systems.snomed, code: '467771000124109' },
      [
        {
          system: systems.snomed,
          version: 'http://snomed.info/sct/731000124108',
          code: '467771000124109',
        },
      ],
    ],
    [
      { system: systems.snomed, version: 'kanari', code: '467771000124109', display: 'kanari' },
      [
        {
          system: systems.snomed,
          version: 'http://snomed.info/sct/731000124108',
          code: '467771000124109',
        },
      ],
    ],
    [
      { system: systems.sdohcc, code: 'no-capacity', display: 'Full' },
      [{ system: systems.sdohcc, code: 'no-capacity' }],
    ],
    [{ system: systems.sdohcc, code: 'ada-was-rude' }, []],
    [{ code: 'no-capacity' }, []],
    [{ system: systems.snomed, code: 'Ada was rude' }, []],
    [{ system: systems.declineReason, code: 'ada-was-rude' }, []],
    [{ system: 'https://pantry.example', code: 'ada' }, []],
    [{ code: 'ada' }, []],
  ])('of %j are %j', (coding, codes) => expect(codesOf(coding)).toEqual(codes));
});

it('tells the codes of a reason from those of how it stands', () => {
  const capacity = { coding: [{ system: systems.sdohcc, code: 'waitlist' }] };
  expect(readAnswer(task({ businessStatus: capacity })).codes).toEqual([
    { system: systems.sdohcc, code: 'waitlist', of: 'businessStatus' },
  ]);
});

describe('a reason that speaks of the person', () => {
  const reasons = ['person-declined', 'wrong-contact', 'unable-to-reach', 'did-not-come'] as const;
  it.each(reasons)('%s is known in every shape', (code) => {
    const coding = { system: systems.declineReason, code };
    for (const statusReason of [
      { coding: [coding] },
      { coding: [{ system: 'https://pantry.example', code: 'x' }, coding] },
      { coding },
      [{ text: 'x' }, { coding: [coding] }],
      { concept: { coding: [coding] } },
      coding,
      { coding: [{ code }] },
    ])
      expect(personReasonOf(task({ statusReason }))).toBe(code);
  });

  it.each([
    [{ coding: [{ system: 'https://pantry.example', code: 'person-declined' }] }],
    [{ coding: [{ system: systems.declineReason, code: 'full' }] }],
    [{ text: 'person-declined' }],
    [{ coding: [{ system: systems.declineReason, code: 'Person-Declined' }] }],
    [undefined],
  ])('is not %j', (statusReason) => expect(personReasonOf(task({ statusReason }))).toBeUndefined());
});

describe('a Task that is perhaps not ours', () => {
  it.each([
    ['as we sent it', {}],
    [
      'with relative references',
      { for: { reference: 'Patient/person-1' }, focus: { reference: 'ServiceRequest/order-1' } },
    ],
    [
      'with versions in them',
      { for: { reference: 'https://us.example/fhir/Patient/person-1/_history/3' } },
    ],
    ['without them', { for: undefined, focus: undefined, owner: undefined, identifier: undefined }],
    [
      'with identifiers of its own',
      { identifier: [{ system: 'https://pantry.example', value: '7' }] },
    ],
    ['with a worker as owner', { owner: { reference: 'Practitioner/7' } }],
    [
      'with slashes around them',
      {
        for: { reference: '/Patient/person-1/' },
        focus: { reference: '/fhir/ServiceRequest/order-1' },
      },
    ],
    [
      'with references in lists or as text',
      { for: [{ reference: 'Patient/person-1' }], focus: 'ServiceRequest/order-1' },
    ],
    ['with an owner in words', { owner: { display: 'The pantry' } }],
    ['with empty lists', { modifierExtension: [], implicitRules: null }],
    [
      'with something contained that is modified',
      { contained: [{ resourceType: 'Procedure', modifierExtension: [{ url: 'x' }] }] },
    ],
    ['with a plain extension', { extension: [{ url: 'x', valueString: 'y' }] }],
  ])('is ours %s', (_name, more) => expect(odditiesOf(task(more), own)).toEqual([]));

  it.each([
    ['is another resource', { resourceType: 'Patient' }, 'not-a-task'],
    ['has no type', { resourceType: undefined }, 'not-a-task'],
    ['is for somebody else', { for: { reference: 'Patient/other' } }, 'other-person'],
    [
      'is for somebody else, with a slash',
      { for: { reference: '/Patient/other' } },
      'other-person',
    ],
    [
      'is for somebody else, in a list',
      { for: [{ reference: 'Patient/person-1' }, { reference: 'Patient/other' }] },
      'other-person',
    ],
    ['is for somebody else, as text', { for: 'Patient/other' }, 'other-person'],
    [
      'has another owner, in a list',
      { owner: [{ reference: '/Organization/other' }] },
      'other-owner',
    ],
    ['is for a group', { for: { reference: 'Group/person-1' } }, 'other-person'],
    ['is for another order', { focus: { reference: 'ServiceRequest/other' } }, 'other-order'],
    [
      'has the receipt of another',
      { identifier: [{ system: identifierSystem, value: 'key-2' }] },
      'other-receipt',
    ],
    [
      'has a modifier extension',
      { modifierExtension: [{ url: 'x', valueBoolean: true }] },
      'not-understood',
    ],
    ['has one that is no list', { modifierExtension: { url: 'x' } }, 'not-understood'],
    ['has one in an output', { output: [{ modifierExtension: [{ url: 'x' }] }] }, 'not-understood'],
    ['has implicit rules', { implicitRules: 'https://x.example' }, 'not-understood'],
    [
      'has another Organization as owner',
      { owner: { reference: 'Organization/other' } },
      'other-owner',
    ],
  ])('when it %s', (_name, more, oddity) => expect(odditiesOf(task(more), own)).toEqual([oddity]));
});

describe('the same answer', () => {
  it('has the same key whatever version, date and order of members it has', () => {
    const { id, status, ...rest } = task({ note: [{ text: 'a', time: '2026-01-01' }] });
    const again = {
      ...rest,
      note: [{ time: '2026-01-01', text: 'a' }],
      meta: { versionId: '7' },
      lastModified: '2026-11-28',
      status,
      id,
    };
    expect(answerKey(again)).toBe(
      answerKey({ id, status, ...rest, note: [{ text: 'a', time: '2026-01-01' }] }),
    );
  });

  it.each([
    [{ status: 'accepted' }],
    [{ statusReason: { text: 'x' } }],
    [{ businessStatus: { text: 'waitlist' } }],
    [{ note: [{ text: 'x' }] }],
    [{ output: [{ valueString: 'x' }] }],
    [{ owner: { reference: 'Organization/other' } }],
  ])('has another with %j', (more) => expect(answerKey(task(more))).not.toBe(answerKey(task())));

  it('is none while the Task is as it was sent', () => {
    expect(saysSomething(task({ status: 'requested' }))).toBe(false);
    for (const more of [
      { status: 'received' },
      { status: 'requested', note: [{ text: 'x' }] },
      { status: 'requested', output: [{}] },
      { status: undefined },
    ])
      expect(saysSomething(task(more))).toBe(true);
  });
});

describe('an output as it is shown', () => {
  const output = (more: Partial<ReadOutput>): ReadOutput => ({
    type: { text: 'what was done' },
    valueName: 'valueString',
    content: 'Gave part of it',
    reference: null,
    resource: null,
    unread: null,
    ...more,
  });

  it.each<[string, Partial<ReadOutput>, string | null]>([
    ['words', {}, 'Gave part of it'],
    ['a concept', { valueName: 'valueCodeableConcept', content: { text: 'Food box' } }, 'Food box'],
    ['a code', { valueName: 'valueCoding', content: { code: '710925007' } }, '710925007'],
    ['a yes or no', { valueName: 'valueBoolean', content: false }, 'false'],
    ['a number', { valueName: 'valueInteger', content: 0 }, '0'],
    ['a quantity', { valueName: 'valueQuantity', content: { value: 3, unit: 'boxes' } }, '3 boxes'],
    [
      'a period',
      { valueName: 'valuePeriod', content: { start: '2026-12-01', end: '2026-12-24' } },
      '2026-12-01 2026-12-24',
    ],
    ['a date', { valueName: 'valueDate', content: '2026-12-01' }, '2026-12-01'],
    ['nothing', { valueName: null, content: null }, null],
    [
      'an Observation',
      {
        resource: {
          resourceType: 'Observation',
          status: 'final',
          code: { text: 'Household' },
          valueString: 'wrong person',
        },
      },
      'Observation; final; Household; wrong person',
    ],
    [
      'a Communication',
      {
        resource: {
          resourceType: 'Communication',
          status: 'completed',
          payload: [{ contentString: 'We are full' }],
        },
      },
      'Communication; completed; We are full',
    ],
    [
      'a form',
      {
        resource: {
          resourceType: 'QuestionnaireResponse',
          status: 'completed',
          item: [
            { linkId: '1', text: 'Came?', answer: [{ valueCoding: { code: 'N', display: 'No' } }] },
          ],
        },
      },
      'QuestionnaireResponse; completed; Came?; No',
    ],
  ])('is readable when it is %s', (_name, more, words) =>
    expect(shownOutput(output(more)).value).toBe(words),
  );

  it('keeps the words and the number beside a reference', () => {
    const resource = { resourceType: 'Observation', status: 'final' };
    const value = { reference: 'Observation/o', display: 'Two bags' };
    const read = output({
      valueName: 'valueReference',
      content: value,
      reference: 'Observation/o',
      resource,
    });
    expect(shownOutput(read).value).toBe('Two bags; Observation; final');
    const numbered = output({
      valueName: 'valueReference',
      content: { identifier: { system: 'urn:x', value: 'A-77' } },
      unread: 'unreadable',
    });
    expect(shownOutput(numbered)).toMatchObject({
      value: null,
      reference: 'urn:x|A-77',
      unread: 'unreadable',
    });
  });

  it.each<[string, Partial<ReadOutput>, boolean]>([
    ['words', {}, true],
    [
      'a resource',
      { valueName: 'valueReference', content: null, resource: { resourceType: 'Goal' } },
      true,
    ],
    [
      'words beside a reference alone',
      { valueName: 'valueReference', content: { display: 'Two bags' } },
      true,
    ],
    ['a yes', { valueName: 'valueBoolean', content: true }, true],
    ['zero', { valueName: 'valueInteger', content: 0 }, true],
    ['a no', { valueName: 'valueBoolean', content: false }, false],
    ['blank words', { content: ' ' }, false],
    ['an empty concept', { valueName: 'valueCodeableConcept', content: {} }, false],
    ['an empty reference', { valueName: 'valueReference', content: {} }, false],
    ['no value', { valueName: null, content: null }, false],
    [
      'what could not be read',
      { valueName: 'valueReference', content: { reference: 'Goal/1' }, unread: 'not-there' },
      false,
    ],
  ])('that is %s says anything of help: %j %j', (_name, more, says) =>
    expect(saysAnything(output(more))).toBe(says),
  );

  it('keeps the resource whole, and the address of what could not be read', () => {
    const resource = { resourceType: 'Observation', id: 'o', note: [{ text: 'a\u0000b' }] };
    expect(shownOutput(output({ resource })).resource).toEqual({
      ...resource,
      note: [{ text: 'a\uFFFDb' }],
    });
    expect(
      shownOutput(
        output({
          valueName: 'valueReference',
          content: { reference: 'Procedure/404' },
          reference: 'Procedure/404',
          unread: 'not-there',
        }),
      ),
    ).toEqual({
      type: 'what was done',
      value: null,
      reference: 'Procedure/404',
      resource: null,
      unread: 'not-there',
    });
  });
});
