import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  answersFor,
  asResponse,
  partnersBundle,
  type Sandbox,
  startSandbox,
} from '@loopwell/sandbox';
import { migrate, openDatabase } from '@loopwell/store';
import { suiteDatabase } from '@loopwell/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../program.ts';

/**
 * The command line inside this process, on a real database and queue, against a sandbox over HTTP.
 */
const folder = mkdtempSync(join(tmpdir(), 'loopwell-commands-'));
let sandbox: Sandbox;
let database: { url: string };
let printed = '';
let stderr = '';
let number = 0;

beforeAll(async () => {
  const partners = [
    {
      name: 'northside-food',
      behavior: 'finish' as const,
      stepMs: 200,
      sendToken: 'we-send',
      readToken: 'they-read',
    },
  ];
  sandbox = await startSandbox({
    port: 0,
    host: '127.0.0.1',
    ehrs: [
      { name: 'open' },
      // Each run that writes back has an EHR of its own: what another installation wrote there is
      // the EHR's for this one.
      { name: 'written' },
      { name: 'looped' },
      { name: 'locked', token: 'secret' },
      { name: 'empty' },
      { name: 'shy' },
      { name: 'gated' },
    ],
    partners,
  });
  for (const name of ['open', 'written', 'looped']) await sandbox.load(name, people(3));
  for (const name of ['shy', 'gated']) await sandbox.load(name, people(2));
  writeFileSync(
    join(folder, 'tokens.json'),
    JSON.stringify({
      [sandbox.partnerBase('northside-food')]: { send: 'we-send', read: 'they-read' },
    }),
  );
  writeFileSync(
    join(folder, 'partners.json'),
    JSON.stringify(partnersBundle((name) => sandbox.partnerBase(name))),
  );
});
afterAll(() => sandbox.close());

const suite = suiteDatabase(migrate);
afterAll(suite.close);
beforeEach(async () => {
  database = await suite.fresh();
  [printed, stderr] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) =>
    Boolean((printed += String(text))),
  );
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((stderr += String(text))));
});
afterEach(async () => {
  vi.restoreAllMocks();
});

/** People who lack food; each agrees, by a Goal in the record, and consents. */
function people(count: number) {
  return Array.from({ length: count }, (_, index) => `p${index}`).flatMap((id) => [
    { resourceType: 'Patient' as const, id, birthDate: '1980-02-03' },
    {
      resourceType: 'Encounter',
      id: `${id}-visit`,
      status: 'finished',
      class: { code: 'AMB' },
      subject: { reference: `Patient/${id}` },
      period: { start: '2026-01-05T10:00:00Z', end: '2026-01-05T11:00:00Z' },
    },
    asResponse({
      id: `${id}-form`,
      instrument: 'hunger-vital-sign',
      patient: id,
      encounter: `${id}-visit`,
      authored: '2026-01-05T10:10:00Z',
      answers: answersFor('hunger-vital-sign', ['food-insecurity']),
    }),
    {
      resourceType: 'Goal',
      id: `${id}-goal`,
      lifecycleStatus: 'active',
      meta: {
        profile: ['http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-Goal'],
      },
      category: [
        {
          coding: [
            {
              system:
                'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes',
              code: 'food-insecurity',
            },
          ],
        },
      ],
      achievementStatus: { coding: [{ code: 'in-progress' }] },
      description: { text: 'Wants help' },
      subject: { reference: `Patient/${id}` },
      startDate: '2026-01-05',
    },
    {
      resourceType: 'Consent',
      id: `${id}-consent`,
      status: 'active',
      scope: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' },
        ],
      },
      category: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IDSCL' }] },
      ],
      patient: { reference: `Patient/${id}` },
      dateTime: '2026-01-05T10:00:00Z',
      policyRule: { text: 'Authorization to share' },
      provision: { type: 'permit' },
    },
  ]);
}

async function loopwell(...args: string[]) {
  [printed, stderr] = ['', ''];
  number += args.includes('--data-dir') ? 0 : 1;
  const where = args.includes('--data-dir') ? [] : ['--data-dir', join(folder, `data-${number}`)];
  const status = await main([...args, ...where], {
    DATABASE_URL: database.url,
    QUEUE_URL: process.env.QUEUE_URL,
  });
  return { status, printed, said: stderr };
}

const once = ['--once', '--json', '--settle', '500ms'];
const run = (name: string, ...more: string[]) =>
  loopwell('run', '--ehr', sandbox.ehrBase(name), '--allow-private-networks', ...once, ...more);
const admin = (path: string, body: unknown) =>
  fetch(`${sandbox.address}/admin/${path}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const tasksSent = async () =>
  Object.values(
    (
      (await (await fetch(`${sandbox.address}/admin/partners/northside-food/counts`)).json()) as {
        types: Record<string, number>;
      }
    ).types,
  ).reduce((sum, n) => sum + n, 0);

describe('run', () => {
  it('discloses nothing without --send and --write-back, and says what would go where', async () => {
    const result = await run(
      'written',
      '--partners',
      join(folder, 'partners.json'),
      '--partner-tokens',
      join(folder, 'tokens.json'),
      '--approve',
      'unambiguous',
    );
    expect(result.status, result.said).toBe(3);
    const totals = JSON.parse(result.printed);
    expect(totals).toMatchObject({
      encounters: { pulled: 3, coded: 3 },
      referrals: { needed: 3, waiting: { send: 3 }, sent: 0 },
      quarantine: [],
      connections: [],
    });
    expect(totals.writeBack.waiting).toBeGreaterThan(0);
    expect(await tasksSent()).toBe(0);
    expect(result.said).toContain(
      `Would go with --send: 3 food-insecurity referrals to Northside Food Shelf (${sandbox.address})`,
    );
    expect(result.said).toMatch(
      new RegExp(
        `Would be written into ${sandbox.address}: 1 Device, \\d+ Observations, \\d+ Conditions`,
      ),
    );
    expect(result.said).toContain('- 3 referrals wait: send');
    expect(result.said).not.toContain('sign-in?token=');
    expect(result.said).not.toMatch(/2026-01-05|Wants help/);
    const sent = await run(
      'written',
      '--partners',
      join(folder, 'partners.json'),
      '--partner-tokens',
      join(folder, 'tokens.json'),
      '--send',
      '--write-back',
      '--settle',
      '15s',
      '--timeout',
      '200s',
    );
    expect(sent.said.indexOf('Referrals may go to: Northside Food Shelf')).toBe(0);
    expect(JSON.parse(sent.printed)).toMatchObject({
      referrals: { needed: 3, closed: 3, sent: 3 },
      writeBack: { waiting: 0, refused: 0 },
    });
    expect(sent.status, sent.said).toBe(0);
  });

  it("reads a site's own codes by its ConceptMap, and says what it does not know without it", async () => {
    const site = 'urn:site';
    const answer = {
      resourceType: 'Observation',
      id: 'o1',
      status: 'final',
      effectiveDateTime: '2026-01-05',
      category: [
        {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/observation-category',
              code: 'survey',
            },
          ],
        },
      ],
      code: { coding: [{ system: site, code: 'RIDE' }] },
      valueCodeableConcept: { coding: [{ system: site, code: 'Y' }] },
      subject: { reference: 'Patient/p1' },
    };
    const file = join(folder, 'site.ndjson');
    writeFileSync(
      file,
      [{ resourceType: 'Patient', id: 'p1' }, answer]
        .map((one) => `${JSON.stringify(one)}\n`)
        .join(''),
    );
    const element = (from: string, to: string) => ({
      code: from,
      target: [{ code: to, equivalence: 'equal' }],
    });
    const group = [
      {
        source: site,
        target: 'http://loinc.org',
        element: [element('RIDE', '93030-5'), element('Y', 'LA33-6')],
      },
    ];
    const map = join(folder, 'site-map.json');
    writeFileSync(map, JSON.stringify({ resourceType: 'ConceptMap', status: 'active', group }));
    const load = async (...more: string[]) => loopwell('load', file, ...once, ...more);
    const created = async (...more: string[]) =>
      JSON.parse((await load(...more)).printed).conditions.created;

    expect(await created()).toBe(0);
    const where = ['--data-dir', join(folder, `data-${number}`), '--json'];
    expect((await loopwell('quality', ...where)).printed).toContain('urn:site|RIDE');
    expect(await load('--concept-map', join(folder, 'tokens.json'))).toMatchObject({
      status: 1,
      printed: '',
    });
    expect(stderr).toContain('no ConceptMap');
    // A map speaks for what is coded from now on; what was coded already is coded anew when
    // somebody says so.
    expect(await created('--concept-map', map)).toBe(0);
    expect(JSON.parse((await loopwell('recode', ...where)).printed)).toMatchObject({
      changed: 1,
      counts: { new: 1 },
    });
    expect((await loopwell('recode', '--apply', ...where)).status).toBe(0);
    // Left out, the map that was given before stays.
    expect(await created('--no-icd10cm')).toBe(1);
    const db = openDatabase({ url: database.url, tenant: 'default' });
    const { rows: codes } = await db.query<{ body: string }>(
      "select body from own_resource where type = 'Condition'",
    );
    await db.close();
    expect(
      codes.map((body) =>
        JSON.parse(body.body).code.coding.map((coding: { code: string }) => coding.code),
      ),
    ).toEqual([['551691000124106']]);
  });

  it('reports what arrives, what coding anew would change, and what other tables would make of it', async () => {
    const first = await run('open');
    expect(first.status).toBe(3);
    const folders = ['--data-dir', join(folder, `data-${number}`), '--json'];
    const [quality] = JSON.parse((await loopwell('quality', ...folders)).printed);
    expect(quality).toMatchObject({
      people: 3,
      screenings: 3,
      quarantined: 0,
      categories: { 'food-insecurity': 6 },
      unknown: {},
    });
    expect(quality.instruments['hunger-vital-sign'].questions['88122-7']).toMatchObject({
      arrived: 3,
      coded: 3,
    });
    expect(quality.neverSeen).toContain('transportation-insecurity');
    expect((await loopwell('quality', ...folders.slice(0, 2))).printed).toContain('88122-7');

    expect(JSON.parse((await loopwell('recode', ...folders)).printed)).toMatchObject({
      people: 3,
      changed: 0,
    });
    const table = JSON.parse(
      readFileSync(
        new URL(
          '../../../../packages/instruments/src/hunger-vital-sign/rows.json',
          import.meta.url,
        ),
        'utf8',
      ),
    );
    for (const question of table.questions)
      for (const answer of question.answers)
        if (answer.need) answer.need = { ...answer.need, icd10cm: 'Z59.48' };
    const other = join(mkdtempSync(join(tmpdir(), 'loopwell-tables-')), 'kept');
    expect(await main(['codes', 'export', other], {})).toBe(0);
    writeFileSync(
      join(other, 'hunger-vital-sign.json'),
      JSON.stringify({ ...table, version: '2027.01' }),
    );
    const diff = JSON.parse(
      (await loopwell('codes', 'diff', 'current', other, ...folders)).printed,
    );
    expect(diff).toMatchObject({
      people: 3,
      changed: 3,
      counts: { 'other codes': 3 },
      to: { 'hunger-vital-sign': '2027.01' },
    });
    expect(diff.tables).toEqual([{ id: 'hunger-vital-sign', from: table.version, to: '2027.01' }]);
    expect(diff.instruments).toEqual({ 'hunger-vital-sign': { 'other codes': 3 } });
    expect(JSON.stringify(diff)).not.toMatch(/"p[0-9]/);

    writeFileSync(join(other, 'hunger-vital-sign.json'), '{"id":7}');
    expect(await loopwell('codes', 'diff', 'current', other, ...folders)).toMatchObject({
      status: 2,
      printed: '',
    });
    expect(JSON.parse((await loopwell('recode', '--apply', ...folders)).printed)).toEqual({
      people: 3,
    });
    const stages: { stage: string; waiting: { worker: number } }[] = JSON.parse(
      (await loopwell('status', ...folders)).printed,
    ).stages;
    expect(stages.find((one) => one.stage === 'code')?.waiting.worker).toBe(3);
  });

  it('lets what belongs to another EHR wait until that one is connected again', async () => {
    const first = JSON.parse((await run('open', '--approve', 'unambiguous')).printed);
    expect(first.writeBack.waiting).toBeGreaterThan(0);
    const other = await run('shy', '--approve', 'unambiguous', '--write-back');
    expect(JSON.parse(other.printed)).toMatchObject({
      encounters: { pulled: 5 },
      writeBack: { waiting: first.writeBack.waiting },
      quarantine: [],
    });
    expect(other.said).toContain(
      `also holds what earlier runs read from ${sandbox.ehrBase('open')}`,
    );
    const again = await run('open', '--approve', 'unambiguous', '--write-back');
    expect(JSON.parse(again.printed)).toMatchObject({
      writeBack: { waiting: 0, refused: 0 },
      quarantine: [],
    });
  });

  it('holds what is known here and nothing else, and reads no EHR while it is paused', async () => {
    await run('shy');
    for (const unknown of [
      ['partner', 'nobody'],
      ['ehr', 'nowhere'],
      ['connection', 'nowhere'],
      ['receiver', 'https://nowhere.example'],
    ])
      expect(await loopwell('hold', 'sends', ...unknown)).toMatchObject({
        status: 2,
        said: expect.stringContaining('known are:'),
      });
    expect(await loopwell('pause', 'https://nowhere.example/fhir')).toMatchObject({ status: 2 });
    expect(
      (await loopwell('pause', `${sandbox.ehrBase('shy')}/`, '--by', 'ada', '--reason', 'Upgrade'))
        .printed,
    ).toMatch(/^Paused: connection:/);
    expect((await loopwell('pause', sandbox.ehrBase('shy'))).printed).toMatch(/^Paused already/);
    const later = { resourceType: 'Patient' as const, id: 'later', birthDate: '1990-01-01' };
    await sandbox.load('shy', [later]);
    const db = openDatabase({ url: database.url, tenant: 'default', max: 1 });
    const isRead = async () =>
      (await db.query("select 1 from ehr_resource where type = 'Patient' and source_id = 'later'"))
        .rows.length;
    try {
      await run('shy');
      expect(await isRead()).toBe(0);
      expect((await loopwell('resume', sandbox.ehrBase('shy'))).printed).toContain(
        'Released: connection:',
      );
      expect(await loopwell('resume', sandbox.ehrBase('shy'))).toMatchObject({
        status: 1,
        said: expect.stringContaining('is not held'),
      });
      await run('shy');
      expect(await isRead()).toBe(1);
    } finally {
      await db.close();
    }
  });

  it('deletes a connection once it is meant and nobody of it is waited for, and says what hangs on it', async () => {
    await run('shy');
    const base = sandbox.ehrBase('shy');
    const db = openDatabase({ url: database.url, tenant: 'default', max: 1 });
    const left = async () =>
      (await db.query('select 1 from connection where deleted_at is null')).rows.length;
    const kept = async () => (await db.query('select 1 from ehr_resource')).rows.length;
    try {
      const read = await kept();
      expect(await loopwell('disconnect', 'https://nowhere.example/fhir', '--yes')).toMatchObject({
        status: 2,
      });
      const asked = await loopwell('disconnect', base);
      expect(asked).toMatchObject({
        status: 2,
        said: expect.stringContaining('say --yes if you mean it'),
      });
      expect(asked.printed).toMatch(
        /: [1-9]\d* resources were read and stay; [1-9]\d* cursors and the secret go/,
      );
      expect(asked.printed).toContain('2 referrals are open');
      const refused = await loopwell('disconnect', base, '--yes');
      expect(refused).toMatchObject({ status: 1, said: expect.stringContaining('open referrals') });
      expect(await left()).toBe(1);
      await db.query("update referral set state = 'failed', gate = null");
      expect((await loopwell('disconnect', base, '--yes', '--by', 'ada')).printed).toContain(
        'Deleted: ',
      );
      expect(await left()).toBe(0);
      const told = await db.query(
        "select principal from history where outcome = 'deleted' and subject like 'connection:%'",
      );
      expect(told.rows).toEqual([{ principal: expect.stringContaining('ada') }]);
      expect(await kept()).toBe(read);
    } finally {
      await db.close();
    }
  });

  it('ends with 1 where the EHR refuses everything, and names the refusal', async () => {
    writeFileSync(join(folder, 'wrong-token'), 'wrong');
    const result = await run('locked', '--ehr-token-file', join(folder, 'wrong-token'));
    expect(result.status, result.said).toBe(1);
    expect(JSON.parse(result.printed).quarantine).toMatchObject([
      { code: 'REMOTE_REFUSED', count: 9, example: expect.stringContaining('pull/') },
    ]);
    expect(result.said).toContain('Nothing could be read from the EHR.');
    expect(result.said).toContain('status: 401');
  });

  it('ends with 3 where one type is refused', async () => {
    await admin('ehr/shy/faults', {
      faults: [{ method: 'GET', path: '/Consent', effect: 'status', status: 401 }],
    });
    const refused = await run('shy');
    expect(refused.status).toBe(3);
    expect(JSON.parse(refused.printed).quarantine).toMatchObject([
      { code: 'REMOTE_REFUSED', count: 1, example: expect.stringContaining('/Consent/') },
    ]);
    await admin('ehr/shy/faults', { faults: [] });
  });

  it('ends with 3 where nothing was ever read, and says what to look at', async () => {
    const nothing = await run('empty');
    expect(nothing.status, nothing.said).toBe(3);
    expect(JSON.parse(nothing.printed)).toMatchObject({
      encounters: { pulled: 0 },
      quarantine: [],
      unread: [{ type: '*', kind: 'nothing' }],
    });
    expect(nothing.said).toContain(`Nothing has ever been read from ${sandbox.ehrBase('empty')}`);
  });

  it('names a type that is refused in result, status and quality, until a person closes it', async () => {
    await admin('ehr/gated/faults', {
      faults: [{ method: 'GET', path: '/QuestionnaireResponse', effect: 'status', status: 403 }],
    });
    const data = ['--data-dir', join(folder, 'refused')];
    const first = await run('gated', ...data);
    const line = 'QuestionnaireResponse: refused by the EHR (403, exception) for 2 of 2 patients';
    expect(first.status).toBe(3);
    expect(first.said).toContain(`- ${line}`);
    expect(JSON.parse(first.printed)).toMatchObject({
      encounters: { pulled: 2, inProgress: 2, nothingToCode: 0 },
      unread: [{ type: 'QuestionnaireResponse', kind: 'refused', status: 403, open: true }],
      quarantine: [],
    });
    expect((await loopwell('status', ...data)).printed).toContain(line);
    expect((await loopwell('quality', ...data)).printed).toContain(line);
    expect((await loopwell('close-unread', ...data)).printed).toContain(line);
    expect(await loopwell('close-unread', 'Goal', ...data)).toMatchObject({
      status: 1,
      said: expect.stringContaining('Nothing of this type is open'),
    });
    expect(
      (await loopwell('close-unread', 'QuestionnaireResponse', '--by', 'olu', ...data)).printed,
    ).toContain('counts as read');
    const again = await run('gated', ...data);
    expect(again.status, again.said).toBe(0);
    expect(again.said).toContain(
      `${line}: screenings that come as QuestionnaireResponses are not read.`,
    );
    expect(again.said).toContain('Closed by person:olu.');
    expect(JSON.parse(again.printed)).toMatchObject({
      encounters: { inProgress: 0, nothingToCode: 2 },
    });
    await admin('ehr/gated/faults', { faults: [] });
    const mended = await run('gated', ...data);
    expect(JSON.parse(mended.printed)).toMatchObject({ encounters: { coded: 2 }, unread: [] });
  });

  it('ends at the timeout with 3 and says what is not done', async () => {
    await admin('ehr/shy/faults', {
      faults: [{ method: 'GET', path: '/Observation', effect: 'status', status: 503 }],
    });
    const result = await run('shy', '--timeout', '12s');
    await admin('ehr/shy/faults', { faults: [] });
    expect(result.status).toBe(3);
    expect(result.said).toContain('The timeout came before everything was at rest.');
    expect(result.said).toMatch(/1 pieces of work of pull are not done.*Observation/);
  });

  it('refuses an EHR on a private network that nobody opened', async () => {
    const result = await loopwell('run', '--ehr', sandbox.ehrBase('open'), ...once);
    expect(result.status).toBe(1);
    expect(result.said).toContain('private-network');
    expect(result.printed).toBe('');
  });
});

describe('load', () => {
  it('runs on files with the options of run; the same again changes nothing, and others come to it', async () => {
    const [first, second] = [join(folder, 'first.ndjson'), join(folder, 'second.ndjson')];
    writeFileSync(
      first,
      people(2)
        .map((one) => JSON.stringify(one))
        .join('\n'),
    );
    writeFileSync(
      second,
      `${JSON.stringify({ resourceType: 'Patient', id: 'other' })}\nnot json\n`,
    );
    const data = join(folder, 'loaded');
    const store = () =>
      readFileSync(join(data, 'files', 'ehr-files.ndjson'), 'utf8')
        .trim()
        .split('\n');
    const load = (...more: string[]) => loopwell('load', '--data-dir', data, ...once, ...more);
    const once1 = await load(first, '--approve', 'unambiguous', '--write-back');
    expect(once1.status, once1.said).toBe(3);
    expect(JSON.parse(once1.printed)).toMatchObject({
      encounters: { pulled: 2, coded: 2 },
      referrals: { waiting: { noPartner: 2 } },
      writeBack: { waiting: 0 },
    });
    expect(store().length).toBeGreaterThan(10);
    expect(once1.said).not.toContain('private');
    const before = store();
    const again = await load(first, '--approve', 'unambiguous', '--write-back');
    expect(again.said).toContain(
      '10 resources are served from 1 file; 0 of them are new or changed.',
    );
    expect(store()).toEqual(before);
    expect({ ...JSON.parse(again.printed), durationMs: 0 }).toEqual({
      ...JSON.parse(once1.printed),
      durationMs: 0,
    });
    const more = await load(second, '--approve', 'unambiguous', '--write-back');
    expect(more.status).toBe(3);
    expect(more.said).toContain('second.ndjson:2: It is no JSON.');
    expect(JSON.parse(more.printed).quarantine).toEqual([
      { code: 'unreadable-file-content', count: 1, example: 'second.ndjson:2' },
    ]);
  });

  it('opens its own server only: partners on private networks have to be allowed like everywhere', async () => {
    const file = join(folder, 'third.ndjson');
    writeFileSync(
      file,
      people(1)
        .map((one) => JSON.stringify(one))
        .join('\n'),
    );
    const args = [
      'load',
      file,
      ...once,
      '--partners',
      join(folder, 'partners.json'),
      '--partner-tokens',
      join(folder, 'tokens.json'),
      '--approve',
      'unambiguous',
      '--send',
    ];
    const before = await tasksSent();
    const closed = await loopwell(...args);
    expect(closed.status).toBe(3);
    expect(JSON.parse(closed.printed).quarantine).toMatchObject([
      { code: 'ADDRESS_REFUSED', count: 1, example: expect.stringContaining('refer/') },
    ]);
    expect(await tasksSent()).toBe(before);
  });

  it('stays up without --once, until somebody stops it', async () => {
    const file = join(folder, 'fourth.json');
    writeFileSync(
      file,
      JSON.stringify({
        resourceType: 'Bundle',
        type: 'collection',
        entry: people(1).map((resource) => ({ resource })),
      }),
    );
    const ending = loopwell('load', file, '--json');
    await vi.waitFor(() => expect(stderr).toMatch(/Review: http/), { timeout: 60_000 });
    const address = /Console: (http:\/\/[^/]+)\//.exec(stderr)?.[1];
    expect((await fetch(`${address}/live`)).status).toBe(200);
    // What has just been loaded is read at once, and not when a minute's margin has passed.
    await vi.waitFor(() => expect(stderr).toMatch(/code 1\b.*referrals wait: review 1/), {
      timeout: 50_000,
    });
    process.emit('SIGTERM');
    const { printed: result } = await ending;
    expect(result.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(result)).toMatchObject({ encounters: { pulled: 1, coded: 1 } });
  });

  it('reads nothing from files that hold nothing, and says so', async () => {
    const empty = join(folder, 'empty.json');
    writeFileSync(empty, '');
    const result = await loopwell('load', empty, ...once);
    expect(result).toMatchObject({ status: 1, printed: '' });
    expect(result.said).toContain('The file is empty.');
  });
});

/**
 * The trace of every row that came of a visit, from the page that brought it to the end of the
 * loop.
 */
async function tracesOfVisit(ehr: string, visit: string) {
  const db = openDatabase({ url: database.url, tenant: 'default' });
  try {
    const { rows } = await db.query<{ place: string; name: string; trace: string | null }>(
      `with visit as (
         select e.* from ehr_resource e join connection c on c.id = e.connection
          where c.base like '%/' || $1 || '%' and e.type = 'Encounter' and e.source_id = $2),
       need as (select r.* from referral r join visit v using (person)),
       sent as (select t.* from task t join need n on n.id = t.referral)
       select 'ehr_resource' as place, e.type as name, e.trace from ehr_resource e join visit v using (connection, person)
        where e.type = 'Encounter' or e.body like '%Encounter/' || $2 || '"%'
       union all select 'screening', s.instrument, s.trace from screening s join visit v on v.person = s.person and v.source_id = s.encounter
       union all select 'own_resource', m.type, m.trace from own_resource m join visit v using (person)
       union all select 'referral', category, trace from need
       union all select 'task', partner, trace from sent
       union all select 'receipt', x.kind, x.trace from receipt x join task_delivery d on d.receipt_key = x.key join sent t on t.id = d.task
       union all select 'write_back', w.type, w.trace from write_back w join need n on n.id = w.referral
       union all select 'history', h.stage || ' ' || h.outcome, h.trace from history h
        where h.subject in (select id::text from need union select id::text from sent)`,
      [ehr, visit],
    );
    return rows;
  } finally {
    await db.close();
  }
}

describe('trace', () => {
  it("tells the same loop by the ids of everybody, and nobody's name", async () => {
    await run(
      'looped',
      '--partners',
      join(folder, 'partners.json'),
      '--approve',
      'unambiguous',
      '--partner-tokens',
      join(folder, 'tokens.json'),
      '--send',
      '--write-back',
      '--settle',
      '15s',
      '--timeout',
      '200s',
    );
    const dump = async (path: string) =>
      (await (await fetch(`${sandbox.address}/admin/${path}`)).json()) as {
        id: string;
        subject?: { reference: string };
        identifier?: { value: string }[];
      }[];
    const look = async (id: string) =>
      JSON.parse((await loopwell('trace', id, '--json')).printed) as {
        timeline: { stage: string; what: string; who: string }[];
      };
    const told = await look('Encounter/p0-visit');
    const text = JSON.stringify(told);
    expect([...new Set(told.timeline.map((one) => one.stage))]).toEqual(
      expect.arrayContaining(['pull', 'screen', 'code', 'refer', 'track', 'close', 'write-back']),
    );
    for (const step of [
      'pulled Encounter/p0-visit',
      'screened by hunger-vital-sign',
      'approved',
      'policy:unambiguous',
      'agreement of',
      'consent p0-consent',
      'for northside-food',
      'completed',
      'partner:northside-food',
      'written back Condition',
    ])
      expect(text).toContain(step);
    expect(text).not.toMatch(/Wants help|LA28397-0/);
    const condition = (await dump('ehr/looped/dump/Condition')).find(
      (one) => one.subject?.reference === 'Patient/p0',
    );
    const task = /Task (\S+) settled 201 as (\S+?)"/.exec(text);
    for (const id of [
      condition?.id,
      `Condition/${condition?.id}`,
      condition?.identifier?.[0]?.value,
      task?.[1],
      task?.[2],
      `Task/${task?.[2]}`,
    ]) {
      expect((await look(String(id))).timeline.filter((one) => one.stage === 'track')).toEqual(
        told.timeline.filter((one) => one.stage === 'track'),
      );
    }
    const traces = await tracesOfVisit('looped', 'p0-visit');
    expect([...new Set(traces.map((row) => row.place))].sort()).toEqual([
      'ehr_resource',
      'history',
      'own_resource',
      'receipt',
      'referral',
      'screening',
      'task',
      'write_back',
    ]);
    const [first] = traces;
    expect(traces.filter((row) => row.trace !== first?.trace)).toEqual([]);
    expect((await look(String(first?.trace))).timeline).toEqual(told.timeline);
    const unknown = await loopwell('trace', 'Task/p0-visit');
    expect(unknown).toMatchObject({ status: 1, printed: '' });
    expect(unknown.said).toBe('No Encounter, Condition or Task with this id is known here\n');
  });
});

describe('a screening about safety, without an Encounter', () => {
  const hits = (answer: string) =>
    ['95618-5', '95617-7', '95616-9', '95615-1'].map((question) => ({
      linkId: `/${question}`,
      answer: [{ valueCoding: { system: 'http://loinc.org', code: answer } }],
    }));
  const files = (answer: string) => {
    const form = {
      resourceType: 'QuestionnaireResponse',
      id: 'f',
      status: 'completed',
      questionnaire: 'http://loinc.org/q/96777-8',
    };
    const resources = [
      { resourceType: 'Patient', id: 'p' },
      {
        ...form,
        subject: { reference: 'Patient/p' },
        authored: '2026-01-05T10:10:00Z',
        item: hits(answer),
      },
    ];
    const file = join(folder, `hits-${answer}.json`);
    writeFileSync(
      file,
      JSON.stringify({
        resourceType: 'Bundle',
        type: 'collection',
        entry: resources.map((resource) => ({ resource })),
      }),
    );
    return file;
  };

  it('is no silent end: status 3, totals, and the last line says so', async () => {
    const dir = ['--data-dir', join(folder, 'hits')];
    const first = await loopwell('load', files('LA6482-9'), ...once, ...dir);
    expect(first.status).toBe(3);
    expect(JSON.parse(first.printed).screenings).toMatchObject({
      read: 1,
      unattached: 1,
      needsPerson: 1,
      danger: 1,
    });
    expect(first.said.trim().split('\n').at(-1)).toMatch(
      /^1 screening needs a person; in it somebody may be in danger/,
    );
    const looked = await loopwell('status', '--json', ...dir);
    expect(JSON.parse(looked.printed).totals.screenings).toMatchObject({
      needsPerson: 1,
      danger: 1,
    });
    expect((await loopwell('status', ...dir)).printed).toContain(
      '1 for a person, 1 of them with danger',
    );
    const db = openDatabase({ url: database.url, tenant: 'default' });
    await db.query('update screening set seen_at = now()');
    await db.close();
    const again = await loopwell('load', files('LA6482-9'), ...once, ...dir);
    expect([again.status, JSON.parse(again.printed).screenings.needsPerson]).toEqual([0, 0]);
  });

  it('says nothing of one who was never hurt', async () => {
    const { status, printed: text } = await loopwell('load', files('LA6270-8'), ...once);
    expect([status, JSON.parse(text).screenings]).toMatchObject([0, { needsPerson: 0, danger: 0 }]);
  });
});
