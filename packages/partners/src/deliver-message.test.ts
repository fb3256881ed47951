import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { fhir4 } from '@loopwell/fhir';
import { errorRecord } from '@loopwell/kit';
import { describe, expect, it } from 'vitest';
import type { ChannelPorts, PartnerNotice, ReferralPacket, Told } from './channel.ts';
import { channels } from './index.ts';

const fixture = join(import.meta.dirname, 'email/fixtures/food.task.json');
const food = JSON.parse(readFileSync(fixture, 'utf8')) as fhir4.Task;

const packetOf = (id: string): ReferralPacket => ({
  key: `${id}_email_request`,
  partner: { id: 'pantry', name: 'Northside Pantry' },
  task: { ...food, id },
  need: 'food-insecurity',
  who: { name: 'Hodan Ali', phone: '612-555-0152' },
  sender: { name: 'Lakes Clinic', phone: '612-555-0100' },
  answerLink: 'https://lakes.example/p/23456789bcdfg',
  resources: [],
});

function connect(kind: 'email' | 'text', told: Told) {
  const notices: PartnerNotice[] = [];
  const messages = async (notice: PartnerNotice) => {
    notices.push(notice);
    return told;
  };
  const address = kind === 'email' ? 'mailto:intake@pantry.org' : 'tel:+16125550199';
  const connection = channels[kind]?.connect({ address }, { messages } as unknown as ChannelPorts);
  const deliver = (packets: ReferralPacket[], mayGo = (_key: string) => true) =>
    connection?.deliver(packets, mayGo);
  return { notices, deliver };
}

describe.each(['email', 'text'] as const)('a partner that is told by %s', (kind) => {
  const to = kind === 'email' ? 'intake@pantry.org' : '+16125550199';

  it('gets one message about all of its requests, which names nobody and no need', async () => {
    const { notices, deliver } = connect(kind, { state: 'accepted' });
    const delivered = await deliver([packetOf('a'), packetOf('b')]);
    expect(delivered).toMatchObject([
      { kind: 'there', remoteId: 'a' },
      { kind: 'there', remoteId: 'b' },
    ]);
    expect(notices).toMatchObject([{ way: kind, to, partner: 'pantry', tasks: ['a', 'b'] }]);
    const words = notices[0]?.words(2) ?? '';
    expect(words).toContain('Lakes Clinic has 2 new requests for Northside Pantry.');
    expect(words).toContain('https://lakes.example/p/23456789bcdfg');
    expect(words).not.toMatch(/Hodan|Ali|0152|food/i);
  });

  it('is told later where the message waits', async () => {
    const { deliver } = connect(kind, { state: 'waiting', ms: 4_000 });
    expect(await deliver([packetOf('a')])).toMatchObject([{ kind: 'waiting', ms: 4_000 }]);
  });

  it('refuses where the message never arrives', async () => {
    const { deliver } = connect(kind, { state: 'failed', code: 'stopped' });
    const [delivery] = (await deliver([packetOf('a')])) ?? [];
    const { code, facts } = errorRecord(delivery?.kind === 'failed' ? delivery.error : undefined);
    expect([code, facts]).toEqual(['REMOTE_REFUSED', { status: 422, issueCode: 'stopped' }]);
  });

  it('is not told about what may not go any more', async () => {
    const { notices, deliver } = connect(kind, { state: 'accepted' });
    await deliver([packetOf('a'), packetOf('b')], (key) => key.startsWith('a'));
    expect(notices.map(({ tasks }) => tasks)).toEqual([['a']]);
  });
});
