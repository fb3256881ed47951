import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { GatewayKind } from './gateway-shapes.ts';
import { readCall } from './read-call.ts';

const now = new Date('2026-11-30T18:00:00Z');
const time = String(now.getTime() / 1_000);
const url = 'https://lakes.example/messages/texts';
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const signingKey = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);

const settings = (kind: GatewayKind) => ({
  ...{ kind, base: 'https://gateway.example', account: 'AC1', secret: 's3cret' },
  from: '+16125550199',
  ...(kind === 'telnyx' ? { signingKey: signingKey.toString('base64') } : {}),
});

const call = (body: string, headers: Record<string, string>) => ({
  ...{ url, body, now },
  header: (name: string) => headers[name],
});

function plainCall(content: unknown, headers: Record<string, string> = {}) {
  const body = typeof content === 'string' ? content : JSON.stringify(content);
  const at = headers['x-timestamp'] ?? time;
  const signature = createHmac('sha256', 's3cret').update(`${at}.${body}`).digest('hex');
  return call(body, { 'x-signature': signature, 'x-timestamp': at, ...headers });
}

const reply = { id: 'T1', from: '+16125550100', to: '+16125550199', text: 'STOP' };

describe('a text that came', () => {
  it('is read from Twilio, which signs our address and the fields', () => {
    const fields = { To: '+16125550199', From: '+16125550100', Body: 'Full', MessageSid: 'SM1' };
    // By name: Body, From, MessageSid, To.
    const signed = `${url}BodyFullFrom+16125550100MessageSidSM1To+16125550199`;
    const signature = createHmac('sha1', 's3cret').update(signed).digest('base64');
    const body = String(new URLSearchParams(fields));
    const headers = { 'x-twilio-signature': signature };
    expect(readCall(settings('twilio'), call(body, headers), 'text')).toEqual({
      kind: 'text',
      text: { id: 'SM1', from: '+16125550100', text: 'Full' },
    });
    const altered = call(body.replace('Full', 'Open'), headers);
    expect(readCall(settings('twilio'), altered, 'text')).toEqual({ kind: 'unsigned' });
  });

  it('is read from Telnyx, which signs with a key and says itself what a call is', () => {
    const payload = { id: 'T2', from: { phone_number: '+16125550100' }, text: 'Open' };
    const body = JSON.stringify({ data: { event_type: 'message.received', payload } });
    const signature = sign(null, Buffer.from(`${time}|${body}`), privateKey).toString('base64');
    const headers = { 'telnyx-signature-ed25519': signature, 'telnyx-timestamp': time };
    expect(readCall(settings('telnyx'), call(body, headers), 'report')).toMatchObject({
      kind: 'text',
      text: { id: 'T2', text: 'Open' },
    });
    const noKey = { ...settings('telnyx'), signingKey: 'AAAA' };
    expect(readCall(noKey, call(body, headers), 'report')).toEqual({ kind: 'unsigned' });
  });

  it.each([
    ['without a signature', { 'x-signature': '' }],
    ['with another one', { 'x-signature': 'a'.repeat(64) }],
    ['signed an hour ago', { 'x-timestamp': String(Number(time) - 3_600) }],
    ['signed at no time', { 'x-timestamp': 'now' }],
  ])('is not believed %s', (_what, headers) =>
    expect(readCall(settings('plain'), plainCall(reply, headers), 'text')).toEqual({
      kind: 'unsigned',
    }),
  );

  it.each([
    ['no JSON', '<'],
    ['a list', []],
    ['no id', { ...reply, id: undefined }],
    ['an id without end', { ...reply, id: 'x'.repeat(201) }],
    ['a short code as its sender', { ...reply, from: '22395' }],
    ['words as its sender', { ...reply, from: 'Mom' }],
  ])('is left out with %s', (_what, content) =>
    expect(readCall(settings('plain'), plainCall(content), 'text')).toEqual({ kind: 'nothing' }),
  );

  it('is cut where it is too long, and loses what cannot be stored', () => {
    const read = readCall(
      settings('plain'),
      plainCall({ ...reply, text: `a\0${'🙂'.repeat(1_500)}` }),
      'text',
    );
    const text = read.kind === 'text' ? read.text.text : '';
    expect([text.length <= 2_000, text.includes('\0'), text.isWellFormed()]).toEqual([
      ...[true, false, true],
    ]);
  });
});

describe('a report', () => {
  it.each([
    [
      { id: 'm', status: 'delivered' },
      { id: 'm', state: 'delivered' },
    ],
    [
      { id: 'm', status: 'refused', code: 30_003 },
      { id: 'm', state: 'refused', code: '30003' },
    ],
    [
      { id: 'm', status: 'refused', code: 'No <b>' },
      { id: 'm', state: 'refused' },
    ],
  ])('is read: %j', (content, report) =>
    expect(readCall(settings('plain'), plainCall(content), 'report')).toEqual({
      kind: 'report',
      report,
    }),
  );

  it.each(['sent', 'constructor', '', 'DELIVERED'])('says nothing new with %j', (status) =>
    expect(readCall(settings('plain'), plainCall({ id: 'm', status }), 'report')).toEqual({
      kind: 'nothing',
    }),
  );
});
