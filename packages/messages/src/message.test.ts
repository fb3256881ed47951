import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { systemClock } from '@loopwell/kit';
import { createOutbound, createOutboundFetch } from '@loopwell/outbound';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import { isMailAddress, type Message, receiverOf } from './message.ts';
import { createSender } from './sender.ts';

const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Arrived = { headers: Record<string, string>; body: string };

async function hook(answer: (response: ServerResponse) => void, isNamed = true) {
  const arrived: Arrived[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.on('data', (part) => {
      body += String(part);
    });
    request.on('end', () => {
      arrived.push({ headers: request.headers as Record<string, string>, body });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/hook`;
  const outbound = createOutbound({ allowedPrivateOrigins: isNamed ? [url] : [] });
  closing.push(
    async () => server.closeAllConnections(),
    async () => server.close(),
    () => outbound.close(),
  );
  const ports = { mailer: undefined, fetch: createOutboundFetch(outbound), clock: systemClock };
  const send = createSender({ ...ports, deadlineMs: 600 });
  const message: Message = {
    id: 'm-1',
    kind: 'on-duty',
    text: 'Call.',
    way: 'webhook',
    url,
    secret,
  };
  return { arrived, send: () => send(message), sender: send };
}

describe('a webhook', () => {
  it('is signed as the Standard Webhooks specification says', async () => {
    const { arrived, send } = await hook((response) => response.writeHead(204).end());
    expect(await send()).toEqual({ state: 'accepted' });
    const { headers, body } = arrived[0] ?? { headers: {}, body: '' };
    expect(headers['webhook-id']).toBe('m-1');
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({
      type: 'on-duty.called',
      data: { text: 'Call.' },
    });
  });

  it.each([
    ['refuses', (response: ServerResponse) => response.writeHead(403).end(), 'refused'],
    ['sends it elsewhere', (response: ServerResponse) => response.writeHead(302).end(), 'refused'],
    ['is in trouble', (response: ServerResponse) => response.writeHead(503).end(), 'later'],
    ['hangs', () => {}, 'deadline'],
  ] as const)('fails where its receiver %s', async (_what, answer, code) => {
    const { send } = await hook((response) => void answer(response));
    expect(await send()).toEqual({ state: 'failed', code });
  });

  it('goes to no private address that was not named', async () => {
    const { arrived, send } = await hook((response) => response.end(), false);
    expect([await send(), arrived]).toEqual([{ state: 'failed', code: 'address-refused' }, []]);
  });
});

describe('a message', () => {
  it('fails as a mail where no mail server is set up', async () => {
    const { sender } = await hook(() => {});
    const mail: Message = { id: 'm', kind: 'on-duty', text: 'x', way: 'email', to: 'a@b.org' };
    expect(await sender(mail)).toEqual({ state: 'failed', code: 'not-set-up' });
  });

  it('names its receiver in a way that cannot be read, and always the same', () => {
    expect(receiverOf('Ada@clinic.org')).toBe(receiverOf('ada@clinic.org'));
    expect(receiverOf('ada@clinic.org')).not.toContain('ada');
  });

  it.each([
    ['ada@clinic.org', true],
    ['loopwell@localhost', true],
    ['Ada <ada@clinic.org>', false],
    ['ada@clinic.org\r\nBcc: x@y.org', false],
    ['a@b.org,c@d.org', false],
    ['ada', false],
  ])('goes to %j: %s', (text, expected) => expect(isMailAddress(text)).toBe(expected));
});
