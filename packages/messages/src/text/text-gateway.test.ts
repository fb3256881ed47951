import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { systemClock } from '@loopwell/kit';
import { createOutbound, createOutboundFetch } from '@loopwell/outbound';
import { afterEach, describe, expect, it } from 'vitest';
import { createSender } from '../sender.ts';
import { type GatewayKind, gatewayShapes } from './gateway-shapes.ts';
import { readGateway, textAt } from './read-gateway.ts';
import { createTextGateway, knowsOurIds } from './text-gateway.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Arrived = { path: string; headers: Record<string, string>; body: string };

async function gateway(kind: GatewayKind, answer: (response: ServerResponse) => void) {
  const arrived: Arrived[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.on('data', (part) => {
      body += String(part);
    });
    request.on('end', () => {
      const headers = request.headers as Record<string, string>;
      arrived.push({ path: request.url ?? '', headers, body });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const outbound = createOutbound({ allowedPrivateOrigins: [base] });
  closing.push(
    async () => server.closeAllConnections(),
    async () => server.close(),
    () => outbound.close(),
  );
  const fetch = createOutboundFetch(outbound);
  const settings = { kind, base, account: 'AC1', secret: 's3cret', from: '+16125550199' };
  const texts = createTextGateway(settings, { fetch, callback: 'https://lakes.example/x' });
  const send = createSender({
    ...{ mailer: undefined, texts, fetch, clock: systemClock, deadlineMs: 600 },
  });
  const message = { id: 'm-1', kind: 'partner-new', way: 'text', to: '+16125550100' } as const;
  return { arrived, send: () => send({ ...message, text: 'Hi {from} & $1' }) };
}

const says = (status: number, body: object) => (response: ServerResponse) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

describe('a text', () => {
  it('goes to Twilio as a form, with account and secret in the header', async () => {
    const { arrived, send } = await gateway('twilio', says(201, { sid: 'SM1' }));
    expect(await send()).toEqual({ state: 'accepted', remoteId: 'SM1' });
    const [
      { path, headers, body } = { path: '', headers: {} as Record<string, string>, body: '' },
    ] = arrived;
    expect(path).toBe('/2010-04-01/Accounts/AC1/Messages.json');
    expect(headers.authorization).toBe(`Basic ${btoa('AC1:s3cret')}`);
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      From: '+16125550199',
      To: '+16125550100',
      Body: 'Hi {from} & $1',
      StatusCallback: 'https://lakes.example/x?message=m-1',
    });
  });

  it.each(['plain', 'telnyx'] as const)('goes to %s as JSON, with a bearer', async (kind) => {
    const answer = { id: 'T1', data: { id: 'T1' } };
    const { arrived, send } = await gateway(kind, says(200, answer));
    expect(await send()).toEqual({ state: 'accepted', remoteId: 'T1' });
    expect(arrived[0]?.headers.authorization).toBe('Bearer s3cret');
    expect(JSON.parse(arrived[0]?.body ?? '')).toMatchObject({
      from: '+16125550199',
      to: '+16125550100',
      text: 'Hi {from} & $1',
    });
  });

  it.each([
    ['refuses the number', says(400, { code: 21_610 }), { code: 'refused', detail: '21610' }],
    ['refuses it in words', says(422, { code: 'No such number: +1612' }), { code: 'refused' }],
    ['does not know us', says(401, {}), { code: 'sign-in' }],
    ['is in trouble', says(503, {}), { code: 'later' }],
    ['is overrun', says(429, {}), { code: 'later' }],
    ['sends it elsewhere', says(302, {}), { code: 'refused' }],
    ['hangs', () => {}, { code: 'deadline' }],
    ['cuts the connection', (response: ServerResponse) => response.destroy(), { code: 'unknown' }],
  ] as const)('fails where the gateway %s', async (_what, answer, failed) => {
    const { send } = await gateway('twilio', (response) => void answer(response));
    expect(await send()).toEqual({ state: 'failed', ...failed });
  });

  it('is taken where the answer cannot be read', async () => {
    const { send } = await gateway('plain', (response) => void response.writeHead(200).end('<ok>'));
    expect(await send()).toEqual({ state: 'accepted' });
  });
});

describe('the address of a text gateway', () => {
  it('says kind, account and secret', () =>
    expect(readGateway('twilio+https://AC1:a%2Fb@api.twilio.com/')).toEqual({
      ...{ kind: 'twilio', base: 'https://api.twilio.com', account: 'AC1', secret: 'a/b' },
    }));

  it.each([
    'https://AC1:x@api.twilio.com',
    'nobody+https://a:b@x.example',
    'constructor+https://a:b@x.example',
    'twilio+https://api.twilio.com',
    'plain+ftp://a:b@x.example',
    'plain+https://a:b@x.example/?q=1',
    'plain+',
    '',
  ])('is refused: %s', (text) => expect(readGateway(text)).toBeUndefined());
});

describe('the shapes', () => {
  it('name places that can be read', () => {
    const body = { data: { payload: { to: [{ status: 'delivered' }], n: 7, empty: '' } } };
    expect(textAt(body, gatewayShapes.telnyx.report.status)).toBe('delivered');
    expect(textAt(body, 'data.payload.n')).toBe('7');
    for (const place of ['data.payload.empty', 'data.toString', 'data.payload', 'x.y', ''])
      expect(textAt(body, place)).toBeUndefined();
    expect(textAt(null, 'id')).toBeUndefined();
  });

  it('say which gateways know a text twice', () =>
    expect([knowsOurIds({ kind: 'plain' }), knowsOurIds({ kind: 'twilio' })]).toEqual([
      ...[true, false],
    ]));
});
