import { readFileSync } from 'node:fs';
import { type fhir4, systems } from '@loopwell/fhir';
import { errorRecord } from '@loopwell/kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPartner, type Quirk } from './fixtures/partner.ts';

const fixture = JSON.parse(
  readFileSync(new URL('fixtures/food.task.json', import.meta.url), 'utf8'),
) as fhir4.Task;
const key = 'key-1';
const keyed = (value: string): fhir4.Task => ({
  ...fixture,
  identifier: [{ system: 'https://clinic.example.org/loopwell', value }],
  focus: { reference: `https://loopwell.example/fhir/ServiceRequest/${value}` },
});
const task = keyed(key);

let partner: Awaited<ReturnType<typeof openPartner>>;
beforeEach(async () => {
  partner = await openPartner();
});
afterEach(() => partner.close());

const failureOf = async (work: Promise<unknown>) =>
  errorRecord(
    await work.then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
const given = (quirk: Quirk) => {
  partner.quirks.add(quirk);
  return partner.channel;
};

describe('sending to a server that stumbles', () => {
  it('that says yes and keeps nothing is found out', async () => {
    expect(await failureOf(given('keeps-nothing').send(task, key))).toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      facts: { notKept: true },
    });
    expect(await partner.channel.ask(task, key)).toEqual({ kind: 'not-there' });
  });

  it('that does not say where it put the Task is asked', async () => {
    expect(await failureOf(given('no-location').send(task, key))).toMatchObject({
      code: 'OUTCOME_UNKNOWN',
    });
    expect(await partner.channel.ask(task, key)).toMatchObject({
      kind: 'there',
      remoteId: 'remote-1',
    });
  });

  it('that is busy is left alone for as long as it asks', async () => {
    expect(await failureOf(given('busy').send(task, key))).toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
      retryable: true,
      facts: { status: 429, retryAfterMs: 7_000 },
    });
  });

  it('that answers with a page for people may have it or not', async () => {
    expect((await failureOf(given('html').send(task, key))).code).toBe('OUTCOME_UNKNOWN');
  });

  it('that redirects is not followed', async () => {
    expect(await failureOf(given('redirects').send(task, key))).toMatchObject({
      code: 'REMOTE_REFUSED',
      facts: { status: 302 },
    });
    expect(partner.requests).toHaveLength(1);
  });
});

describe('asking a server that', () => {
  it('does not know `focus` is done by our identifier, and its no is believed', async () => {
    expect(await given('ignores-focus').ask(task, key)).toEqual({ kind: 'not-there' });
    await partner.channel.send(task, key);
    expect(await partner.channel.ask(task, key)).toMatchObject({ kind: 'there' });
  });

  it('refuses searches cannot tell: its refusal is none of the Task', async () => {
    await partner.channel.send(task, key);
    expect(await given('refuses-search').ask(task, key)).toEqual({ kind: 'cannot-tell' });
  });

  it('has an OperationOutcome in place of results is asked again later', async () => {
    expect(await failureOf(given('outcome-only').ask(task, key))).toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
      retryable: true,
    });
  });

  it('shows one Task a page is read to its last page', async () => {
    for (const name of ['a', 'b', 'c'])
      await partner.channel.send({ ...keyed(name), focus: task.focus ?? {} }, name);
    expect(await given('pages').ask({ ...keyed('c'), focus: task.focus ?? {} }, 'c')).toMatchObject(
      {
        kind: 'there',
        remoteId: 'remote-3',
      },
    );
  });
});

describe('following Tasks at a server that', () => {
  const all = ['remote-1', 'remote-2', 'remote-3'];
  beforeEach(async () => {
    for (const name of ['a', 'b', 'c']) await partner.channel.send(keyed(name), name);
    partner.move('remote-2', 'accepted');
  });

  it.each(['ignores-id', 'refuses-search', 'outcome-only', 'pages'] as const)(
    '%s still tells of each',
    async (quirk) => {
      const answers = await given(quirk).poll(all);
      expect(all.map((id) => answers.get(id))).toMatchObject([
        { status: 'requested' },
        { status: 'accepted' },
        { status: 'requested' },
      ]);
    },
  );

  it('has lost one tells that this one is gone', async () => {
    partner.forget('remote-1');
    for (const quirk of ['ignores-id', 'pages'] as const)
      expect((await given(quirk).poll(all)).get('remote-1')).toEqual({ kind: 'gone' });
  });

  it('answers nothing but pages for people is not asked for every single one', async () => {
    partner.requests.length = 0;
    expect((await failureOf(given('html').poll(all))).code).toBe('REMOTE_INVALID');
    expect(partner.requests.length).toBeLessThan(6);
  });
});

describe('taking back a Task from a server that', () => {
  beforeEach(() => partner.channel.send(task, key));

  it('accepts it at that moment leaves it there: nothing is run over', async () => {
    expect(
      await given('accepts-while-cancelled').cancel('remote-1', 'Not accepted in time', 'untaken'),
    ).toMatchObject({
      kind: 'kept',
      status: 'accepted',
    });
  });

  it('accepts it at that moment is told again when it must end', async () => {
    expect(
      await given('accepts-while-cancelled').cancel('remote-1', 'Consent was taken back', 'open'),
    ).toMatchObject({
      kind: 'cancelled',
      status: 'cancelled',
    });
  });

  it('will not have it cancelled proves nothing', async () => {
    expect(
      (await given('refuses-cancel').cancel('remote-1', 'Not accepted in time', 'untaken')).kind,
    ).toBe('cannot-prove');
    expect(partner.received()[0]?.status).toBe('requested');
  });

  it('gives no version is not written to', async () => {
    expect(
      (await given('no-version').cancel('remote-1', 'Not accepted in time', 'untaken')).kind,
    ).toBe('cannot-prove');
    expect(partner.requests.filter((one) => one.startsWith('PUT'))).toEqual([]);
  });

  it('had an answer for us that we had not read tells it, whatever we write', async () => {
    partner.move('remote-1', 'received');
    const { task: said } = await partner.channel.cancel(
      'remote-1',
      'Not accepted in time',
      'untaken',
    );
    expect(said.status).toBe('received');
  });

  it('shows a state that the guide does not know proves nothing', async () => {
    partner.move('remote-1', 'ready');
    expect((await partner.channel.cancel('remote-1', 'Not accepted in time', 'untaken')).kind).toBe(
      'cannot-prove',
    );
  });
});

describe('what a Task led to', () => {
  const activity = { coding: [{ system: systems.sdohcc, code: 'resulting-activity' }] };
  const outputs = async (output: unknown, contained?: object[]) => {
    await partner.channel.send(task, key);
    partner.move('remote-1', 'completed', output as fhir4.TaskOutput[]);
    const polled = (await partner.channel.poll(['remote-1'])).get('remote-1');
    if (polled?.kind !== 'there') throw new Error('The Task is there');
    return partner.channel.outputs({
      ...polled.task,
      ...(contained ? { contained: contained as fhir4.Resource[] } : {}),
    });
  };
  const keep = (type: string, id: string, more: object = {}) =>
    partner.resources.set(`${type}/${id}`, { resourceType: type, id, ...more } as fhir4.Resource & {
      id: string;
    });

  it.each([
    'Procedure',
    'Observation',
    'Condition',
    'DocumentReference',
    'QuestionnaireResponse',
    'Communication',
    'Goal',
  ])(
    'may be a %s, by relative and by absolute reference, with a version or contained',
    async (type) => {
      keep(type, 'a');
      keep(type, 'b');
      const read = await outputs(
        [
          { type: activity, valueReference: { reference: `${type}/a` } },
          { type: activity, valueReference: { reference: `${partner.base}/${type}/b/_history/1` } },
          { type: activity, valueReference: { reference: '#c' } },
        ],
        [{ resourceType: type, id: 'c' }],
      );
      expect(read.map((one) => [one.resource, one.unread])).toEqual(
        ['a', 'b', 'c'].map((id) => [{ resourceType: type, id }, null]),
      );
    },
  );

  it.each([
    ['valueString', 'Gave part of it'],
    ['valueMarkdown', 'Gave *part* of it'],
    ['valueCodeableConcept', { text: 'Food box' }],
    ['valueCoding', { system: systems.snomed, code: '710925007' }],
    ['valueBoolean', false],
    ['valueInteger', 0],
    ['valueDate', '2026-12-01'],
    ['valueUri', 'urn:x:y'],
    ['valueUrl', 'https://pantry.example/help'],
    ['valueQuantity', { value: 3, unit: 'boxes' }],
    ['valuePeriod', { start: '2026-12-01' }],
    ['valueAttachment', { title: 'Letter' }],
  ])('may be a %s', async (valueName, value) => {
    expect(await outputs([{ type: { text: 'what was done' }, [valueName]: value }])).toMatchObject([
      {
        type: { text: 'what was done' },
        valueName,
        content: value,
        reference: null,
        resource: null,
        unread: null,
      },
    ]);
  });

  it.each([
    ['one output that is no list', { type: activity, valueString: 'x' }, 1],
    ['words in place of the list', 'done', 1],
    [
      'nulls, numbers and words in the list',
      [null, 7, 'done', { type: activity, valueString: 'x' }],
      3,
    ],
    ['a list in the list', [[{ type: activity, valueString: 'x' }], ['done']], 2],
    ['two values in one output', [{ type: activity, valueString: 'x', valueCode: 'y' }], 2],
    ['a list where one value belongs', [{ type: activity, valueString: ['x', 'y'] }], 2],
    ['an output without a value', [{ type: activity }], 1],
    ['nothing', [], 0],
  ])('may be %s', async (_name, output, count) =>
    expect(await outputs(output)).toHaveLength(count),
  );

  it.each([
    ['is not there', 'Procedure/gone', 'not-there'],
    ['lies on another server', 'https://elsewhere.example/fhir/Procedure/x', 'elsewhere'],
    ['is contained and missing', '#gone', 'not-there'],
    ['lies under another path', '/other/Procedure/a', 'elsewhere'],
    ['lies on another host', '//elsewhere.example/fhir/Procedure/a', 'elsewhere'],
    ['is a reference without a type', 'x', 'unreadable'],
    ['is a search', 'Procedure?identifier=x', 'unreadable'],
    ['is a type of no form', 'procedure/a', 'unreadable'],
    ['is a name of no place', 'urn:uuid:6a1b1f6e-0000-4000-8000-000000000001', 'elsewhere'],
    ['is another type than its reference says', 'Procedure/odd', 'unreadable'],
  ])('is named when it %s, beside what could be read', async (_name, reference, unread) => {
    keep('Procedure', 'a');
    partner.resources.set('Procedure/odd', {
      resourceType: 'Patient',
      id: 'odd',
    } as fhir4.Resource & { id: string });
    const read = await outputs([
      { type: activity, valueReference: { reference } },
      { type: activity, valueReference: { reference: 'Procedure/a' } },
    ]);
    expect(read).toMatchObject([
      { reference, resource: null, unread },
      { resource: { id: 'a' }, unread: null },
    ]);
    expect(partner.requests.filter((one) => one.includes('elsewhere'))).toEqual([]);
  });

  it.each<[string, (base: URL) => unknown]>([
    ['with a slash before it', () => ({ reference: '/Procedure/a' })],
    ['with a slash behind it', () => ({ reference: 'Procedure/a/' })],
    ['with spaces around it', () => ({ reference: ' Procedure/a ' })],
    ['from where the Task lies', () => ({ reference: '../Procedure/a' })],
    ['from here', () => ({ reference: './Procedure/a' })],
    ['with the path of the base', ({ pathname }) => ({ reference: `${pathname}/Procedure/a` })],
    [
      'with the last name of the base',
      ({ pathname }) => ({ reference: `${pathname.split('/').at(-1)}/Procedure/a` }),
    ],
    [
      'without its scheme',
      ({ host, pathname }) => ({ reference: `//${host}${pathname}/Procedure/a` }),
    ],
    [
      'in capitals',
      ({ host, pathname }) => ({
        reference: `HTTP://${host.toUpperCase()}${pathname}/Procedure/a`.replace('HTTP', 'http'),
      }),
    ],
    ['as words', () => 'Procedure/a'],
    ['in a list', () => [{ reference: 'Procedure/a' }]],
    ['as a list', () => ({ reference: ['Procedure/a'] })],
  ])('is read where its reference can mean only that: %s', async (_name, valueReference) => {
    keep('Procedure', 'a');
    const given = valueReference(new URL(partner.base));
    expect(await outputs([{ type: activity, valueReference: given }])).toMatchObject([
      { resource: { id: 'a' }, unread: null },
    ]);
  });

  it('may stand in the output itself, by reference or whole', async () => {
    keep('Procedure', 'a');
    const whole = { resourceType: 'Procedure', id: 'b' };
    const read = await outputs([
      { reference: 'Procedure/a' },
      { type: activity, valueReference: whole },
      whole,
    ]);
    expect(read.map((one) => (one.resource as fhir4.Procedure).id)).toEqual(['a', 'b', 'b']);
  });

  it('is named as unread where it has a number and no address', async () => {
    const identifier = { system: 'https://pantry.example', value: 'A-77' };
    expect(await outputs([{ type: activity, valueReference: { identifier } }])).toMatchObject([
      { reference: null, unread: 'unreadable' },
    ]);
  });

  it('is read up to a limit, and named beyond it', async () => {
    keep('Procedure', 'a');
    const many = Array.from({ length: 60 }, () => ({
      type: activity,
      valueReference: { reference: 'Procedure/a' },
    }));
    const read = await outputs(many);
    expect(read).toHaveLength(60);
    expect(read.filter((one) => one.unread === 'too-many')).toHaveLength(10);
  });
});
