import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from './program.ts';
import { withSite } from './run/option-checks.ts';
import type { RunOptions } from './run/options.ts';

const folder = mkdtempSync(join(tmpdir(), 'loopwell-usage-'));
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

let stderr = '';
let printed = '';
beforeEach(() => {
  [stderr, printed] = ['', ''];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((stderr += String(text))));
  vi.spyOn(process.stdout, 'write').mockImplementation((text) =>
    Boolean((printed += String(text))),
  );
});
afterEach(() => vi.restoreAllMocks());

const ehr = 'https://ehr.example/fhir';
const token = file('token', 'secret');

describe('wrong usage ends with 2 and says what to give', () => {
  it.each<[string, string[], RegExp]>([
    ['no command that exists', ['rum'], /unknown command 'rum'[\s\S]*Did you mean run\?/],
    [
      'no option that exists',
      ['run', '--ehr', ehr, '--sendd'],
      /unknown option '--sendd'[\s\S]*Did you mean --send\?/,
    ],
    ['no EHR', ['run'], /--ehr <base>/],
    ['an EHR that is no address', ['run', '--ehr', 'ehr.example'], /Give an http\(s\) address/],
    [
      'an EHR with a password in its address',
      ['run', '--ehr', 'https://u:p@ehr.example/fhir'],
      /without user name or password/,
    ],
    ['an EHR with a query', ['run', '--ehr', 'https://ehr.example/fhir?x=1'], /without \? and #/],
    ['a client without its key', ['run', '--ehr', ehr, '--ehr-client-id', 'x'], /belong together/],
    ['a key without its client', ['run', '--ehr', ehr, '--ehr-key', token], /belong together/],
    [
      'two kinds of credentials',
      ['run', '--ehr', ehr, '--ehr-client-id', 'x', '--ehr-key', token, '--ehr-token-file', token],
      /not both/,
    ],
    [
      'a key id without a client',
      ['run', '--ehr', ehr, '--ehr-kid', 'x'],
      /are for --ehr-client-id/,
    ],
    [
      'bearers without partners',
      ['run', '--ehr', ehr, '--partner-tokens', token],
      /needs --partners/,
    ],
    [
      'a system of identifiers that is no URI',
      ['run', '--ehr', ehr, '--identifier-system', 'our ids'],
      /must be one URI without spaces/,
    ],
    [
      'a code system as system of identifiers',
      ['code', '--identifier-system', 'http://loinc.org'],
      /a system of your own/,
    ],
    [
      'an unknown policy',
      ['run', '--ehr', ehr, '--approve', 'everything'],
      /Allowed choices are unambiguous/,
    ],
    [
      'an unknown kind of EHR',
      ['run', '--ehr', ehr, '--ehr-kind', 'fax'],
      /Allowed choices are plain-r4/,
    ],
    [
      'a time without its zone',
      ['run', '--ehr', ehr, '--since', '2026-01-01T00:00:00'],
      /Give an instant/,
    ],
    ['a time to come', ['run', '--ehr', ehr, '--since', '2126-01-01'], /that has passed/],
    [
      'no time zone',
      ['run', '--ehr', ehr, '--time-zone', 'Minneapolis'],
      /--time-zone[\s\S]*name of a time zone such as America\/Chicago/,
    ],
    [
      'an offset for a time zone',
      ['start', '--time-zone', '-06:00'],
      /name of a time zone such as America\/Chicago/,
    ],
    ['no duration', ['run', '--ehr', ehr, '--settle', '15'], /Give a duration/],
    ['no deadline', ['run', '--ehr', ehr, '--accept-by', '2 days'], /business days such as 2bd/],
    [
      'no number of days',
      ['run', '--ehr', ehr, '--consent-valid-for', '1h'],
      /Give a number of days/,
    ],
    [
      'no time to go on reading',
      ['run', '--ehr', ehr, '--read-after-end', 'soon'],
      /--read-after-end[\s\S]*Give a duration/,
    ],
    [
      'no time to undo',
      ['run', '--ehr', ehr, '--undo-for', 'soon'],
      /--undo-for[\s\S]*Give a duration such as 10m, up to one day/,
    ],
    [
      'a negative time to undo',
      ['run', '--ehr', ehr, '--undo-for=-5m'],
      /--undo-for[\s\S]*0s for no wait/,
    ],
    ['two days to undo', ['run', '--ehr', ehr, '--undo-for', '2d'], /up to one day/],
    [
      'no age',
      ['run', '--ehr', ehr, '--minor-age', '18.5'],
      /--minor-age[\s\S]*Give an age in years from 0 to 30/,
    ],
    ['an age of nobody', ['load', token, '--minor-age', '99'], /Give an age in years from 0 to 30/],
    [
      'no name',
      ['run', '--ehr', ehr, '--site-name', ' '],
      /--site-name[\s\S]*Give a name of 1 to 200 characters/,
    ],
    [
      'no phone',
      ['run', '--ehr', ehr, '--site-phone', 'call us'],
      /--site-phone[\s\S]*Give one phone number/,
    ],
    [
      'no policy',
      ['run', '--ehr', ehr, '--consent-policy', 'hipaa'],
      /--consent-policy[\s\S]*system and code of a policy that permits/,
    ],
    [
      'a policy that does not permit',
      [
        'run',
        '--ehr',
        ehr,
        '--consent-policy',
        'http://terminology.hl7.org/CodeSystem/v3-ActCode|OPTOUT',
      ],
      /system and code of a policy that permits/,
    ],
    ['no port', ['run', '--ehr', ehr, '--port', '70000'], /Give a port/],
    ['an argument too many', ['run', 'x', '--ehr', ehr], /too many arguments/],
    ['no files', ['load'], /missing required argument 'files'/],
    ['no id', ['trace'], /missing required argument 'id'/],
    ['nobody to make up', ['start', '--people', '0'], /Give a whole number/],
    ['something else to hold', ['hold', 'pulls'], /Only sends can be held/],
    [
      'a scope that there is not',
      ['hold', 'sends', 'everyone'],
      /Say all, partner X, ehr X, connection X or receiver/,
    ],
    ['half a scope', ['release', 'partner'], /Say all, partner X, ehr X, connection X or receiver/],
    [
      'a database of yours and --fresh',
      ['start', '--fresh'],
      /empty the one that DATABASE_URL names yourself/,
    ],
  ])('%s', async (_title, args, sentence) => {
    expect(await main(args, { DATABASE_URL: 'postgres://127.0.0.1:1/none' })).toBe(2);
    expect(stderr).toMatch(sentence);
    expect(printed).toBe('');
  });
});

describe('a bad variable of the environment ends with 2, too, and is named', () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each<[string, string, RegExp]>([
    ['TIME_ZONE', 'Minneapolis', /name of a time zone such as America\/Chicago/],
    ['IDENTIFIER_SYSTEM', 'our ids', /must be one URI without spaces/],
    ['CONSENT_POLICY', 'hipaa', /system and code of a policy that permits/],
    ['SITE_NAME', ' ', /Give a name of 1 to 200 characters/],
    ['SITE_PHONE', 'call us', /Give one phone number/],
    ['MINOR_AGE', 'young', /Give an age in years from 0 to 30/],
    ['READ_AFTER_END', 'soon', /Give a duration/],
    ['ACCEPT_BY', '2 days', /business days such as 2bd/],
    ['DECIDE_BY', 'later', /business days such as 2bd/],
  ])('%s=%s', async (name, text, sentence) => {
    vi.stubEnv(name, text);
    for (const command of [
      ['run', '--ehr', ehr],
      ['load', token],
    ])
      expect(await main(command, {})).toBe(2);
    expect(stderr).toContain(`'${name}'`);
    expect(stderr).toMatch(sentence);
    expect(printed).toBe('');
  });

  it.each([[['start', '--once']], [['code', token]]])(
    'IDENTIFIER_SYSTEM counts for every command that gives identifiers: %j',
    async (command) => {
      vi.stubEnv('IDENTIFIER_SYSTEM', 'our ids');
      expect(await main(command, {})).toBe(2);
      expect(stderr).toMatch(/must be one URI without spaces/);
    },
  );

  it.each([
    ['CONTACT_FROM_CHART', 'perhaps', 'CONTACT_FROM_CHART takes true or false\n'],
    ['ORGANISATION_NAME', 'Lakes Clinic', 'ORGANISATION_NAME is called SITE_NAME now\n'],
    ['LOOPWELL_ORGANISATION', 'lakes', 'LOOPWELL_ORGANISATION is called LOOPWELL_TENANT now\n'],
  ])('%s=%s', async (name, text, sentence) => {
    for (const command of [
      ['run', '--ehr', ehr],
      ['load', token],
    ])
      expect(await main(command, { [name]: text })).toBe(2);
    expect([stderr, printed]).toEqual([sentence + sentence, '']);
  });

  it.each<[true | undefined, string | undefined, boolean | undefined]>([
    [undefined, undefined, undefined],
    [undefined, 'false', false],
    [undefined, 'true', true],
    [undefined, 'yes', true],
    [true, 'false', true],
  ])(
    'the contact of the chart goes along where the option or the variable says so: %s, %s',
    (option, variable, goes) => {
      const options = (option ? { contactFromChart: option } : {}) as RunOptions;
      expect(withSite(options, { CONTACT_FROM_CHART: variable }).contactFromChart).toBe(goes);
    },
  );
});

describe('a file that is of no use ends with 1, before anything is opened', () => {
  const unused = join(folder, 'unused');
  const run = (...more: string[]) => main(['run', '--ehr', ehr, '--data-dir', unused, ...more], {});
  it.each<[string, string[], RegExp]>([
    ['partners that are not there', ['--partners', join(folder, 'absent')], /partners file/],
    ['partners that are not JSON', ['--partners', file('p1', '<xml/>')], /partners file/],
    ['partners that are empty', ['--partners', file('p2', '')], /partners file/],
    [
      'a bearer that is not there',
      ['--ehr-token-file', join(folder, 'absent')],
      /token file .* cannot be read/,
    ],
    ['a bearer that is empty', ['--ehr-token-file', file('t1', ' \n')], /token file .* is empty/],
    [
      'a key that is not there',
      ['--ehr-client-id', 'x', '--ehr-key', join(folder, 'absent')],
      /key file .* cannot be read/,
    ],
    ['a key that is none', ['--ehr-client-id', 'x', '--ehr-key', file('k1', 'no key')], /key/],
    [
      'patients that are not there',
      ['--patients', join(folder, 'absent')],
      /patients file .* cannot be read/,
    ],
    ['patients that are nobody', ['--patients', file('q1', '# nobody\n\n')], /names nobody/],
    [
      'patients that are no ids',
      ['--patients', file('q2', 'a\r\nb c\r\n')],
      /no FHIR id in line 2/,
    ],
  ])('%s', async (_title, args, sentence) => {
    expect(await run(...args)).toBe(1);
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(printed).toBe('');
  });

  it('files to load that are not there', async () => {
    expect(await main(['load', join(folder, 'absent.json'), '--data-dir', unused], {})).toBe(1);
    expect(stderr).toMatch(/absent\.json cannot be read\n$/);
  });
});

it('says its version and its help, and that nothing has run yet', async () => {
  expect(await main(['--version'], {})).toBe(0);
  expect(printed).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(await main(['run', '--help'], {})).toBe(0);
  expect(printed).toContain('--allow-private-networks');
  expect(await main(['status', '--data-dir', join(folder, 'unused')], {})).toBe(1);
  expect(stderr).toContain('Nothing has run in');
});
