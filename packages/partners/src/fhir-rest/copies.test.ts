import { readFileSync } from 'node:fs';
import type { fhir4 } from '@loopwell/fhir';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PartnerConnection, ReferralPacket } from '../channel.ts';
import { openPartner } from './fixtures/partner.ts';
import { fhirRest } from './index.ts';

/** FHIR REST toward a server that refuses references to elsewhere. */
const fixture = JSON.parse(
  readFileSync(new URL('fixtures/food.task.json', import.meta.url), 'utf8'),
) as fhir4.Task;
const idOf = (reference: fhir4.Reference | undefined) =>
  reference?.reference?.split('/').at(-1) ?? '';
const [patient, order] = [idOf(fixture.for), idOf(fixture.focus)];
const system = 'https://clinic.example.org/loopwell';
const key = 'key-1';
const packet: ReferralPacket = {
  key,
  task: { ...fixture, identifier: [{ system, value: key }] },
  need: 'food-insecurity',
  who: {},
  partner: { id: 'pantry', name: 'Pantry' },
  sender: { name: 'Clinic' },
  resources: [
    { resourceType: 'Patient', id: patient } as fhir4.Patient,
    {
      resourceType: 'ServiceRequest',
      id: order,
      status: 'active',
      intent: 'order',
      subject: { reference: `https://loopwell.example/fhir/Patient/${patient}` },
    } as fhir4.ServiceRequest,
  ],
};

let partner: Awaited<ReturnType<typeof openPartner>>;
let connection: PartnerConnection;
beforeEach(async () => {
  partner = await openPartner();
  connection = fhirRest.connect({ address: partner.base, manner: 'copies' }, partner.ports);
});
afterEach(() => partner.close());

const deliver = async (mayGo = () => true) => {
  const [delivery] = await connection.deliver([packet], mayGo);
  return delivery;
};
const receivedOf = (type: string) =>
  partner.received().filter(({ resourceType }) => resourceType === (type as 'Task'));

it('posts each resource before what refers to it, and nothing refers to elsewhere', async () => {
  await deliver();
  const [copy, request, task] = partner.received();
  expect([copy, request, task].map((resource) => resource?.resourceType)).toEqual([
    'Patient',
    'ServiceRequest',
    'Task',
  ]);
  expect(JSON.stringify(partner.received())).not.toContain('https://loopwell.example/fhir');
  expect(request).toMatchObject({ subject: { reference: `Patient/${copy?.id}` } });
  expect(task).toMatchObject({
    for: { reference: `Patient/${copy?.id}`, identifier: { system, value: patient } },
    focus: { reference: `ServiceRequest/${request?.id}`, identifier: { system, value: order } },
    owner: { type: 'Organization', identifier: { system, value: 'pantry' }, display: 'Pantry' },
  });
});

it('posts each once, also after it was cut off, and names them as ours', async () => {
  let asked = 0;
  expect((await deliver(() => ++asked < 2))?.kind).toBe('failed');
  expect(partner.received()).toHaveLength(1);
  const first = await deliver();
  expect(await deliver()).toEqual(first);
  expect(partner.received()).toHaveLength(3);
  expect(first).toMatchObject({
    kind: 'there',
    task: {
      for: { reference: `Patient/${patient}` },
      focus: { reference: `ServiceRequest/${order}` },
    },
  });
});

it('reads an outcome about its copies as one about ours, and about others as theirs', async () => {
  const delivery = await deliver();
  if (delivery?.kind !== 'there') throw new Error('It was not delivered');
  const subjects = [`Patient/${receivedOf('Patient')[0]?.id}`, 'Patient/other'];
  const output = subjects.map((reference, index) => {
    const id = `p-${index}`;
    const procedure = { resourceType: 'Procedure', id, status: 'completed' };
    partner.resources.set(`Procedure/${id}`, { ...procedure, subject: { reference } });
    const valueReference = { reference: `Procedure/${id}` };
    return { type: { text: 'resulting-activity' }, valueReference };
  });
  partner.move(delivery.remoteId, 'completed', output);
  const [door] = connection.answers;
  if (door?.kind !== 'poll') throw new Error('FHIR REST polls');
  const polled = (await door.poll.states([delivery.remoteId])).get(delivery.remoteId);
  if (polled?.kind !== 'there') throw new Error('It is not there');
  const outputs = await door.poll.outputs(polled.task);
  const named = outputs.map(({ resource }) => (resource as fhir4.Procedure).subject.reference);
  expect(named).toEqual([`Patient/${patient}`, 'Patient/other']);
});

it('reads what was posted as copies when the manner has changed since', async () => {
  const delivery = await deliver();
  if (delivery?.kind !== 'there') throw new Error('It was not delivered');
  const subject = { reference: `Patient/${receivedOf('Patient')[0]?.id}` };
  const procedure = { resourceType: 'Procedure', id: 'p', status: 'completed', subject };
  partner.resources.set('Procedure/p', procedure);
  const valueReference = { reference: 'Procedure/p' };
  partner.move(delivery.remoteId, 'completed', [{ type: { text: 'result' }, valueReference }]);
  const { answers } = fhirRest.connect(
    { address: partner.base, manner: 'references' },
    partner.ports,
  );
  const [door] = answers;
  if (door?.kind !== 'poll') throw new Error('FHIR REST polls');
  const polled = (await door.poll.states([delivery.remoteId])).get(delivery.remoteId);
  if (polled?.kind !== 'there') throw new Error('It is not there');
  expect(polled.task).toMatchObject({
    for: { reference: `Patient/${patient}` },
    focus: { reference: `ServiceRequest/${order}` },
  });
  const outputs = await door.poll.outputs(polled.task);
  expect(outputs).toMatchObject([{ resource: { subject: { reference: `Patient/${patient}` } } }]);
});

it('does not take an identifier that is not ours for a name of ours', async () => {
  const delivery = await deliver();
  if (delivery?.kind !== 'there') throw new Error('It was not delivered');
  const [door] = connection.answers;
  if (door?.kind !== 'poll') throw new Error('FHIR REST polls');
  const [task] = receivedOf('Task');
  const stranger = { reference: 'Patient/other', identifier: { system: 'x', value: patient } };
  Object.assign(task ?? {}, { for: stranger });
  await fetch(`${partner.base}/Task/${delivery.remoteId}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/fhir+json', 'if-match': 'W/"1"' },
    body: JSON.stringify(task),
  });
  const polled = (await door.poll.states([delivery.remoteId])).get(delivery.remoteId);
  expect(polled).toMatchObject({ kind: 'there', task: { for: { reference: 'Patient/other' } } });
});
