import { describe, expect, it } from 'vitest';
import { isBearer, readBounce } from './bounce.ts';

const id = '0b0f2f0e-5b0e-4c39-9d6b-1f2a3b4c5d6e';
const report = (action: string, messageId = `<${id}@clinic.org>`) =>
  [
    'From: MAILER-DAEMON@mail.pantry.org',
    'Message-ID: <20261130@mail.pantry.org>',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    '',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Final-Recipient: rfc822; intake@pantry.org',
    `Action: ${action}`,
    'Status: 5.1.1',
    '',
    '--b',
    'Content-Type: text/rfc822-headers',
    '',
    `Message-ID: ${messageId}`,
    'Subject: New requests for you',
  ].join('\r\n');

describe('a mail that came back', () => {
  it('is read from the report of a mail server', () =>
    expect(readBounce(report('failed'), 'message/rfc822')).toEqual({ id, code: '5.1.1' }));

  it('is read from JSON', () =>
    expect(
      readBounce(
        JSON.stringify({ id: `<${id}@clinic.org>`, status: 'bounced', code: 550 }),
        'application/json',
      ),
    ).toEqual({ id, code: '550' }));

  it.each([
    ['a mail that is only delayed', report('delayed'), 'message/rfc822'],
    ['a mail of somebody else', report('failed', '<1@x.org>'), 'message/rfc822'],
    ['a mail to the box', 'Subject: hello', 'text/plain'],
    ['no JSON', '{', 'application/json'],
    ['null', 'null', 'application/json'],
    ['a delivery', JSON.stringify({ id, status: 'delivered' }), 'application/json'],
    ['an id that is none', JSON.stringify({ id: 'x', status: 'bounced' }), 'application/json'],
  ])('is not %s', (_what, body, type) => expect(readBounce(body, type)).toBeUndefined());

  it('keeps no words of a code', () =>
    expect(
      readBounce(
        JSON.stringify({ id, status: 'bounced', code: 'intake@pantry.org is gone' }),
        'application/json',
      ),
    ).toEqual({ id, code: null }));
});

describe('the secret of bounces', () => {
  it.each([
    ['Bearer s3cret', 's3cret', true],
    ['bearer s3cret', 's3cret', true],
    ['Bearer s3cre', 's3cret', false],
    ['s3cret', 's3cret', false],
    [undefined, 's3cret', false],
    ['Bearer ', '', false],
    [undefined, undefined, false],
  ])('%j opens %j: %s', (header, secret, opens) => expect(isBearer(header, secret)).toBe(opens));
});
