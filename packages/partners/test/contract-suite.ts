import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { fhir4 } from '@loopwell/fhir';
import { errorRecord } from '@loopwell/kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Answers, PartnerConnection, ReferralPacket } from '../src/channel.ts';
import type { ContractPartner } from '../src/contract.ts';
import type { Channel } from '../src/index.ts';

/** Packets to send: every `fixtures/*.task.json` of the folder. */
function packetsOf(folder: string, id: string): [string, ReferralPacket][] {
  const fixtures = join(folder, 'fixtures');
  const names = readdirSync(fixtures).filter((name) => name.endsWith('.task.json'));
  return names.map((name) => {
    const task = JSON.parse(readFileSync(join(fixtures, name), 'utf8')) as fhir4.Task;
    const key = `${task.id}_${id}_request`;
    const site = 'https://clinic.example.org';
    const keyed = { ...task, identifier: [{ system: `${site}/loopwell`, value: key }] };
    const [partner, sender] = [{ id: 'pantry', name: 'Pantry' }, { name: 'Clinic' }];
    const around = { partner, sender, answerLink: `${site}/p/23456789`, who: {}, resources: [] };
    return [name, { ...around, key, task: keyed, need: 'food-insecurity' }];
  });
}

type OpenPartner = () => Promise<ContractPartner>;

/** Tells which parts a channel has, by a partner that is opened for the question alone. */
async function partsOf(channel: Channel, openPartner: OpenPartner, packet: ReferralPacket) {
  const partner = await openPartner();
  try {
    const connection = channel.connect(partner.settings, partner.ports);
    const opened = { partner, connection };
    return {
      server: partner.server !== undefined,
      asks: connection.whenUnknown.kind === 'ask',
      polls: partner.polled !== undefined && answersOf(opened, 'poll') !== undefined,
      pushed: partner.pushed?.(packet.task, 'accepted') !== undefined,
      push: answersOf(opened, 'push') !== undefined,
      cancels: cancelOf(opened) !== undefined,
    };
  } finally {
    await partner.close();
  }
}

/** Runs the suite for one channel and its folder: the parts that the channel has. */
export async function channelContract(channel: Channel, folder: string): Promise<void> {
  const packets = packetsOf(folder, channel.id);
  const { openPartner } = (await import(join(folder, 'fixtures', 'partner.ts'))) as {
    openPartner: OpenPartner;
  };
  const [first] = packets;
  if (!first) throw new Error(`${folder} brings no Task to send`);
  const parts = await partsOf(channel, openPartner, first[1]);
  describe.each(packets)('with %s', (_name, packet) => {
    const opened = {} as { partner: ContractPartner; connection: PartnerConnection };
    beforeEach(async () => {
      opened.partner = await openPartner();
      opened.connection = channel.connect(opened.partner.settings, opened.partner.ports);
    });
    afterEach(() => opened.partner.close());
    settingsContract(channel, opened);
    deliveryContract(packet, opened);
    if (parts.server) serverContract(packet, opened);
    if (parts.asks) askContract(packet, opened);
    answersContract(channel, opened);
    if (parts.polls) pollContract(packet, opened);
    if (parts.push && parts.pushed) pushContract(packet, opened);
    retractContract(channel, opened);
    if (parts.cancels) cancelContract(packet, opened);
  });
}

type Opened = { partner: ContractPartner; connection: PartnerConnection };

const yes = () => true;

async function deliver({ connection }: Opened, packet: ReferralPacket, mayGo = yes) {
  const [delivery] = await connection.deliver([packet], mayGo);
  if (delivery?.key !== packet.key) throw new Error('A delivery has the key of its packet');
  return delivery;
}

async function sent(opened: Opened, packet: ReferralPacket) {
  const delivery = await deliver(opened, packet);
  if (delivery.kind === 'waiting') throw new Error('It waits');
  if (delivery.kind === 'failed') throw delivery.error;
  return delivery;
}

async function failed(opened: Opened, packet: ReferralPacket, mayGo = yes) {
  const delivery = await deliver(opened, packet, mayGo);
  return errorRecord(delivery.kind === 'failed' ? delivery.error : undefined);
}

function settingsContract(channel: Channel, opened: Opened): void {
  it('takes its own settings, and names one that it does not have', () => {
    const { settings } = opened.partner;
    expect(channel.problemsOf(settings)).toEqual([]);
    const problems = channel.problemsOf({ ...settings, nonsense: 'secret-value' }).join(' ');
    expect(problems).toContain('nonsense');
    expect(problems).not.toContain('secret-value');
  });
}

/** Gives the server of a partner. The tests that ask for it are there where it is. */
function serverOf({ partner }: Opened) {
  if (!partner.server) throw new Error('This partner has no server');
  return partner.server;
}

function deliveryContract(packet: ReferralPacket, opened: Opened): void {
  it('delivers it', async () => {
    expect((await sent(opened, packet)).status).toBe('requested');
    const received = opened.partner.server?.received();
    if (received) expect(received).toHaveLength(1);
  });

  it('sends nothing when it may not go any more', async () => {
    expect((await failed(opened, packet, () => false)).facts.neverSent).toBe(true);
    expect(opened.partner.server?.received() ?? []).toEqual([]);
  });

  it('is sent again under its key without a second one, unless it may arrive twice', async () => {
    if (['repeat', 'person'].includes(opened.connection.whenUnknown.kind)) return;
    const first = await sent(opened, packet);
    expect((await sent(opened, packet)).remoteId).toBe(first.remoteId);
    if (opened.partner.server) expect(opened.partner.server.received()).toHaveLength(1);
  });
}

function serverContract(packet: ReferralPacket, opened: Opened): void {
  it('says so when the partner will not take it', async () => {
    const server = serverOf(opened);
    server.refuse(true);
    const { code, facts } = await failed(opened, packet);
    expect(code).toBe('REMOTE_REFUSED');
    expect(facts.status).toBeGreaterThanOrEqual(400);
    expect(facts.status).toBeLessThan(500);
  });

  it('does not know after a lost answer, and goes on as it declares', async () => {
    const server = serverOf(opened);
    server.loseAnswer(true);
    expect((await failed(opened, packet)).code).toBe('OUTCOME_UNKNOWN');
    server.loseAnswer(false);
    const { whenUnknown } = opened.connection;
    const [first] = server.received();
    switch (whenUnknown.kind) {
      case 'ask':
        expect(await whenUnknown.ask(packet)).toMatchObject({ kind: 'there', remoteId: first?.id });
        return;
      case 'same-key':
        await sent(opened, packet);
        expect(server.received()).toHaveLength(1);
        return;
      case 'repeat':
        await sent(opened, packet);
        expect(server.received().length).toBeGreaterThanOrEqual(1);
        return;
      case 'person':
        expect(server.received()).toHaveLength(1);
        return;
    }
  });
}

function askContract(packet: ReferralPacket, opened: Opened): void {
  it('says no only of what is not there', async () => {
    const { whenUnknown } = opened.connection;
    if (whenUnknown.kind !== 'ask') throw new Error('This channel does not ask');
    expect((await whenUnknown.ask(packet)).kind).toBe('not-there');
    await sent(opened, packet);
    const [identifier] = packet.task.identifier ?? [];
    const task = {
      ...packet.task,
      identifier: [{ ...identifier, value: 'other' }],
      focus: { reference: 'https://loopwell.example/fhir/ServiceRequest/other' },
    };
    expect((await whenUnknown.ask({ ...packet, key: 'other', task })).kind).toBe('not-there');
  });
}

/** Gives one way in which a channel reads answers, if it has it. */
function answersOf<K extends Answers['kind']>({ connection }: Opened, kind: K) {
  const isOfKind = (answers: Answers): answers is Extract<Answers, { kind: K }> =>
    answers.kind === kind;
  return connection.answers.find(isOfKind);
}

function answersContract(channel: Channel, opened: Opened): void {
  it('reads answers in some way, and polls the partner if the partner moves the Task', () => {
    const { answers } = opened.connection;
    expect(answers.length).toBeGreaterThan(0);
    expect(answers.some(({ kind }) => kind === 'poll')).toBe(channel.door === 'copy');
  });
}

/** Gives the poll of a channel and the side of the partner that answers it. */
function polledOf(opened: Opened) {
  const { polled } = opened.partner;
  const poll = answersOf(opened, 'poll')?.poll;
  if (!polled || !poll) throw new Error('This partner is not polled');
  return { polled, poll };
}

function pollContract(packet: ReferralPacket, opened: Opened): void {
  for (const status of ['received', 'accepted', 'on-hold', 'rejected', 'completed'] as const)
    it(`sees by a poll that it is ${status}`, async () => {
      const { polled, poll } = polledOf(opened);
      const { remoteId } = await sent(opened, packet);
      polled.move(remoteId, status);
      const states = await poll.states([remoteId, 'nowhere']);
      expect(states.get(remoteId)).toMatchObject({ kind: 'there', status });
    });

  it('tells that one is gone, and all the others as they are', async () => {
    const { polled, poll } = polledOf(opened);
    const { remoteId } = await sent(opened, packet);
    const states = await poll.states([remoteId, 'nowhere']);
    expect([...states.values()].map(({ kind }) => kind)).toEqual(['there', 'gone']);
    polled.forget(remoteId);
    expect((await poll.states([remoteId])).get(remoteId)).toEqual({ kind: 'gone' });
  });

  it('reads what it led to', async () => {
    const { polled, poll } = polledOf(opened);
    const { remoteId } = await sent(opened, packet);
    polled.complete(remoteId);
    const state = (await poll.states([remoteId])).get(remoteId);
    const outputs = state?.kind === 'there' ? await poll.outputs(state.task) : [];
    const procedure = { resourceType: 'Procedure', status: 'completed' };
    expect(outputs).toMatchObject([{ resource: procedure, unread: null }]);
  });
}

function pushContract(packet: ReferralPacket, opened: Opened): void {
  it('reads a message of the partner, the same message as the same answer', () => {
    const push = answersOf(opened, 'push');
    const message = opened.partner.pushed?.(packet.task, 'accepted');
    if (!push || !message) throw new Error('This partner sends no messages');
    const [answer] = push.parse(message);
    expect(answer).toMatchObject({ task: packet.task.id, status: 'accepted' });
    expect(push.parse(message)).toEqual([answer]);
    expect(push.parse({ body: { resourceType: 'Patient' } })).toEqual([]);
    expect(push.parse({ body: null })).toEqual([]);
  });
}

/** Gives the way in which a Task of this partner's copy is taken back. */
function cancelOf({ connection: { retract } }: Opened) {
  return retract?.kind === 'copy' ? retract.cancel : undefined;
}

function retractContract(channel: Channel, opened: Opened): void {
  it('takes back a Task where it is moved', () => {
    const kind = opened.connection.retract?.kind;
    expect([undefined, channel.door]).toContain(kind);
  });
}

function cancelContract(packet: ReferralPacket, opened: Opened): void {
  const cancelHere = () => {
    const cancel = cancelOf(opened);
    if (!cancel) throw new Error('This channel takes nothing back');
    return cancel;
  };

  it('takes back what nobody has taken, and tells what the partner had said', async () => {
    const cancel = cancelHere();
    const { remoteId } = await sent(opened, packet);
    opened.partner.polled?.move(remoteId, 'received');
    const cancelled = await cancel(remoteId, 'Not accepted in time', 'untaken');
    expect(cancelled).toMatchObject({
      kind: 'cancelled',
      status: 'cancelled',
      task: { status: 'received' },
    });
  });

  it('leaves with the partner what it has taken, and recalls it when it must end', async () => {
    const cancel = cancelHere();
    const { remoteId } = await sent(opened, packet);
    opened.partner.polled?.move(remoteId, 'accepted');
    const left = await cancel(remoteId, 'Not accepted in time', 'untaken');
    expect(left).toMatchObject({ kind: 'kept', status: 'accepted' });
    const recalled = await cancel(remoteId, 'Consent was taken back', 'open');
    expect(recalled).toMatchObject({ kind: 'cancelled', status: 'cancelled' });
  });

  it('takes back nothing that has ended', async () => {
    const cancel = cancelHere();
    const { remoteId } = await sent(opened, packet);
    opened.partner.polled?.move(remoteId, 'completed');
    const late = await cancel(remoteId, 'Too late', 'open');
    expect(late).toMatchObject({ kind: 'kept', status: 'completed' });
  });
}
