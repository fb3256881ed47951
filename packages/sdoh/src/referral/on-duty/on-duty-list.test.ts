import { describe, expect, it } from 'vitest';
import { alertText, dutyText, onDutyProblems } from './on-duty-list.ts';

const phone = '612-555-0100';
const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const url = 'https://pager.example/hook';
const ada = { name: 'Ada', email: 'ada@clinic.org' };

describe('the people on duty', () => {
  it.each([
    ['nobody', []],
    ['an e-mail address', [ada]],
    ['a webhook', [{ name: 'Ben', webhook: { url, secret } }]],
    ['both', [{ ...ada, webhook: { url, secret } }]],
  ])('may be %s', (_what, people) => {
    expect(onDutyProblems({ people, phone })).toEqual([]);
  });

  it.each([
    ['/people/0/name', { ...ada, name: '' }, 'must be a name'],
    ['/people/0/name', { ...ada, name: 'Ada\nBcc: x@y.org' }, 'must be a name'],
    ['/people/0/email', { name: 'Ada' }, 'must be there, or else a webhook'],
    ['/people/0/email', { name: 'Ada', email: 'ada' }, 'must be one e-mail address'],
    ['/people/0/email', { name: 'Ada', email: 'a@b.org, c@d.org' }, 'must be one e-mail address'],
    ['/people/0/email', { name: 'Ada', email: 'a@b.org\r\nBcc: c@d.org' }, 'must be one e-mail'],
    ['/people/0/email', { name: 'Ada', email: 'Ada <a@b.org>' }, 'must be one e-mail address'],
    [
      '/people/0/webhook/url',
      { name: 'A', webhook: { url: 'ftp://x', secret } },
      'must be an https',
    ],
    ['/people/0/webhook/secret', { name: 'A', webhook: { url, secret: 'x' } }, 'must be whsec_'],
    [
      '/people/0/webhook/secret',
      { name: 'A', webhook: { url, secret: `whsec_${Buffer.alloc(23).toString('base64')}` } },
      'must be whsec_',
    ],
  ])('names the field and the rule of %s: %j', (path, person, rule) => {
    expect(onDutyProblems({ people: [person], phone })).toEqual([
      { path, rule: expect.stringContaining(rule) },
    ]);
  });

  it.each(['555', 'call me', '612-555-0100 or 612-555-0111'])('refuses the phone %j', (wrong) => {
    expect(onDutyProblems({ people: [], phone: wrong })).toEqual([
      { path: '/phone', rule: expect.stringContaining('must be one phone number') },
    ]);
  });

  it('are told in one text that says nothing about anybody', () => {
    expect(dutyText(phone)).toBe('Someone needs you. Open the list or call 612-555-0100.');
  });

  it.each([
    [['see-first', 'without-help'], /^Someone needs you\. Open the list or call [\d-]+\.$/],
    [['without-help'], /^People have been without help for longer than your site allows\./],
    [['summary', 'without-help'], /earlier answers[\s\S]*Still without help/],
    [['partner-half', 'partner-half'], /^Partners have not answered yet.*\.$/],
    [['partner-late', 'see-first'], /^Someone needs you\./],
    [['partner-half', 'partner-late'], /half of their time[\s\S]*nothing since/],
  ] as const)('are told of %j in one text', (kinds, words) => {
    expect(alertText(kinds, phone)).toMatch(words);
  });
});
