import { readFileSync } from 'node:fs';
import { type fhir4, systems } from '@loopwell/fhir';
import { errorRecord } from '@loopwell/kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPartner, type Quirk } from './fixtures/partner.ts';

const fixture = JSON.parse(readFileSync(new URL('fixtures/food.task.json', import.meta.url), 'utf8')) as fhir4.Task;
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
    expect(await failureOf(given('keeps-nothing').send(task, key))).toMatchObject({ code: 'OUTCOME_UNKNOWN', facts: { notKept: true } });
    expect(await partner.channel.ask(task, key)).toEqual({ kind: 'not-there' });
  });

  it('that does not say where it put the Task is asked', async () => {
    expect(await failureOf(given('no-location').send(task, key))).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect(await partner.channel.ask(task, key)).toMatchObject({ kind: 'there', remoteId: 'remote-1' });
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
    expect(await failureOf(given('redirects').send(task, key))).toMatchObject({ code: 'REMOTE_REFUSED', facts: { status: 302 } });
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
    expect(await failureOf(given('outcome-only').ask(task, key))).toMatchObject({ code: 'REMOTE_UNAVAILABLE', retryable: true });
  });

  it('shows one Task a page is read to its last page', async () => {
    for (const name of ['a', 'b', 'c']) await partner.channel.send({ ...keyed(name), focus: task.focus ?? {} }, name);
    expect(await given('pages').ask({ ...keyed('c'), focus: task.focus ?? {} }, 'c')).toMatchObject({
      kind: 'there',
      remoteId: 'remote-3',
    });
  });
});

describe('following Tasks at a server that', () => {
  const all = ['remote-1', 'remote-2', 'remote-3'];
  beforeEach(async () => {
    for (const name of ['a', 'b', 'c']) await partner.channel.send(keyed(name), name);
    partner.move('remote-2', 'accepted');
  });

  it.each(['ignores-id', 'refuses-search', 'outcome-only', 'pages'] as const)('%s still tells of each', async (quirk) => {
    const answers = await given(quirk).poll(all);
    expect(all.map((id) => answers.get(id))).toMatchObject([{ status: 'requested' }, { status: 'accepted' }, { status: 'requested' }]);
  });

  it('has lost one tells that this one is gone', async () => {
    partner.forget('remote-1');
    for (const quirk of ['ignores-id', 'pages'] as const) expect((await given(quirk).poll(all)).get('remote-1')).toEqual({ kind: 'gone' });
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
    expect(await given('accepts-while-cancelled').cancel('remote-1', 'Not accepted in time', 'untaken')).toEqual({
      kind: 'kept',
      status: 'accepted',
    });
  });

  it('accepts it at that moment is told again when it must end', async () => {
    expect(await given('accepts-while-cancelled').cancel('remote-1', 'Consent was taken back', 'open')).toEqual({
      kind: 'cancelled',
      status: 'cancelled',
    });
  });

  it('will not have it cancelled proves nothing', async () => {
    expect((await given('refuses-cancel').cancel('remote-1', 'Not accepted in time', 'untaken')).kind).toBe('cannot-prove');
    expect(partner.received()[0]?.status).toBe('requested');
  });

  it('gives no version is not written to', async () => {
    expect((await given('no-version').cancel('remote-1', 'Not accepted in time', 'untaken')).kind).toBe('cannot-prove');
    expect(partner.requests.filter((one) => one.startsWith('PUT'))).toEqual([]);
  });

  it('shows a state that the guide does not know proves nothing', async () => {
    partner.move('remote-1', 'ready');
    expect((await partner.channel.cancel('remote-1', 'Not accepted in time', 'untaken')).kind).toBe('cannot-prove');
  });
});

describe('what a Task led to', () => {
  const activity = { coding: [{ system: systems.sdohcc, code: 'resulting-activity' }] };
  const outputs = async (...output: object[]) => {
    await partner.channel.send(task, key);
    partner.move('remote-1', 'completed', output as fhir4.TaskOutput[]);
    return partner.channel.outputs('remote-1');
  };
  const helped = (id: string, more: object = {}) =>
    partner.procedures.set(id, { resourceType: 'Procedure', id, status: 'completed', code: { text: id }, subject: {}, ...more });

  it('may be several Procedures, by relative and by absolute reference', async () => {
    helped('a');
    helped('b');
    const read = await outputs(
      { type: activity, valueReference: { reference: 'Procedure/a' } },
      { type: activity, valueReference: { reference: `${partner.base}/Procedure/b/_history/1` } },
    );
    expect(read.procedures.map((one) => one.id)).toEqual(['a', 'b']);
  });

  it('may be the code of what was done', async () => {
    const code = { coding: [{ system: systems.snomed, code: '710925007' }] };
    expect((await outputs({ type: activity, valueCodeableConcept: code })).procedures).toMatchObject([
      { resourceType: 'Procedure', id: 'remote-1-0', status: 'completed', code },
    ]);
  });

  it('may be content that is no Procedure, or nothing at all', async () => {
    expect(
      await outputs(
        { type: { text: 'note' }, valueString: 'Done' },
        { type: activity, valueReference: { reference: 'Observation/o' } },
        { type: activity },
      ),
    ).toEqual({ procedures: [], unread: [] });
  });

  it.each([
    ['is not there', 'Procedure/gone', 'gone'],
    ['lies on another server', 'https://elsewhere.example/fhir/Procedure/x', 'x'],
    ['has no code', 'Procedure/bare', 'bare'],
  ])('is named when it %s, beside what could be read', async (_name, reference, id) => {
    helped('a');
    helped('bare', { code: undefined });
    const read = await outputs(
      { type: activity, valueReference: { reference } },
      { type: activity, valueReference: { reference: 'Procedure/a' } },
    );
    expect(read.procedures.map((one) => one.id)).toEqual(['a']);
    expect(read.unread).toEqual([id]);
    expect(partner.requests.filter((one) => one.includes('elsewhere'))).toEqual([]);
  });
});
