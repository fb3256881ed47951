import { deriveId } from '@loopwell/kit';
import {
  access,
  type Database,
  ledger,
  legalDemands,
  logViews,
  migrate,
  openDatabase,
} from '@loopwell/store';
import { insertTask, testDatabase } from '@loopwell/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../program.ts';

/** The commands that account for people's data, inside this process, on a real database. */
const [ada, kia] = ['ada', 'kia'].map((name) => deriveId(name)) as [string, string];
let scratch: Awaited<ReturnType<typeof testDatabase>>;
let db: Database;
let printed = '';
let stderr = '';

async function insertSent(person: string, partner: string, requestedAt: string): Promise<void> {
  const task = deriveId(person, partner);
  await insertTask(db, {
    ...{ id: task, status: 'requested', partner, tenant: 'default', referral: task, person },
    ...{ attempt: 1, requested_at: requestedAt, channel: 'hub', address: 'https://x.example' },
    ...{ receipt_key: task, remote_id: task, live: false, ended_at: requestedAt },
  });
}

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant: 'default', max: 2 });
  for (const person of [ada, kia])
    for (const partner of ['hill', 'north', 'south'])
      await db.query(
        `insert into referral (tenant, id, connection, person, category, episode, conditions, since,
           trace, approved_by, unambiguous, sensitive)
         values ($tenant, $1::uuid, 'one', $2, 'food', $3, '[]', '2026-01-01', $1::uuid,
           'person:mai', true, false)`,
        [deriveId(person, partner), person, ['hill', 'north', 'south'].indexOf(partner)],
      );
  for (const [id, name] of [
    ['hill', '=Hillside'],
    ['north', 'Food Shelf'],
    ['south', 'food shelf'],
  ] as const)
    await db.query(
      `insert into partner (id, tenant, position, name, address, body)
       values ($1, $tenant, 1, $2, 'https://x.example', '{}')`,
      [id, name],
    );
  await insertSent(ada, 'hill', '2026-11-24T12:00:00Z');
  await insertSent(kia, 'hill', '2026-11-10T12:00:00Z');
  await insertSent(kia, 'north', '2026-11-24T12:00:00Z');
});
afterAll(async () => {
  await db.close();
  await scratch.close();
});
beforeEach(() => {
  [printed, stderr] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) =>
    Boolean((printed += String(text))),
  );
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((stderr += String(text))));
});
afterEach(() => {
  vi.restoreAllMocks();
});

const run = (...words: string[]) => main(words, { DATABASE_URL: scratch.url });
const lines = () => printed.trimEnd().split('\n');

describe('loopwell disclosures', () => {
  it('makes the breach list of one partner in one week with one command', async () => {
    const week = ['--from', '2026-11-23', '--to', '2026-11-29'];
    expect(await run('disclosures', '--partner', 'hill', ...week, '--csv')).toBe(0);
    const [head, ...rows] = lines();
    expect(head).toMatch(
      /^at,person,partner,elements,purpose,consent,approvedBy,reads,lastRead,endedAt,endedBy,/,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).toContain(`2026-11-24T12:00:00.000Z,${ada},hill,,,,person:mai,0,,`);
    expect(rows[0]).toContain(`"'=Hillside"`);
  });

  it.each<[string, string[], number]>([
    ['everything', [], 3],
    ['one person', ['--person', kia], 2],
    ['a partner by its name', ['--partner', '=hillside'], 2],
    ['who approved', ['--by', 'mai'], 3],
    ['nobody who approved', ['--by', 'lee'], 0],
    [
      'a time between two instants',
      ['--from', '2026-11-24T11:00:00Z', '--to', '2026-11-24T13:00:00Z'],
      2,
    ],
  ])('lists %s', async (_what, words, count) => {
    expect(await run('disclosures', '--json', ...words)).toBe(0);
    expect(printed.split('\n').filter(Boolean)).toHaveLength(count);
    if (count === 0) expect(stderr).toContain('Nothing went out that fits.');
  });

  it('says it in words', async () => {
    expect(await run('disclosures', '--partner', 'north')).toBe(0);
    expect(printed).toContain(`person ${kia}  to north (Food Shelf)  hub delivered`);
    expect(printed).toContain('approved by person:mai\n  never read; ended');
  });

  it.each<[string, string[], string]>([
    ['a partner that is not known', ['--partner', 'hil'], '--partner is not known here'],
    ['a name of two partners', ['--partner', 'FOOD SHELF'], '--partner is the name of several'],
    [
      'an end before the beginning',
      ['--from', '2026-11-30', '--to', '2026-11-29'],
      '--to must not be before from',
    ],
    ['a day in another form', ['--from', '11/23/2026'], '--from must be a day such as'],
    ['a name as the person', ['--person', 'Kia'], '--person must be an id'],
    ['a variable that is not set', ['--partner', ''], '--partner is empty'],
  ])('refuses %s with exit status 2', async (_what, words, sentence) => {
    expect(await run('disclosures', ...words)).toBe(2);
    expect(stderr).toContain(sentence);
    expect(printed).toBe('');
  });

  it('gives nothing of another tenant', async () => {
    const environment = { DATABASE_URL: scratch.url, LOOPWELL_TENANT: 'other' };
    expect(await main(['disclosures'], environment)).toBe(0);
    expect(printed).toBe('');
    expect(await main(['disclosures', '--person', kia], environment)).toBe(2);
    expect(stderr).toContain('--person is not known here');
  });

  it.each(['disclosures', 'views'])('refuses a person who is not known: %s', async (command) => {
    expect(await run(command, '--person', deriveId('nobody'))).toBe(2);
    expect([printed, stderr]).toEqual(['', expect.stringContaining('--person is not known here')]);
  });

  it('has what was released because of a legal demand, once two people said so', async () => {
    const demand = { person: ada, kind: 'subpoena' as const, received_on: '2026-11-20' };
    const words = { demanded_by: 'Hennepin County Court', asked_for: 'All about food' };
    const { id } = await db.tx((tx) =>
      legalDemands.addDemand(tx, { ...demand, ...words }, 'person:mai'),
    );
    const agree = (principal: string) =>
      db.tx((tx) => legalDemands.agreeToStep(tx, id, { step: 'release', principal, note: 'x' }));
    const listed = async () => {
      printed = '';
      await run('disclosures', '--person', ada, '--csv');
      return lines().filter((line) => line.includes('legal-demand'));
    };
    await agree('person:mai');
    expect(await listed()).toEqual([]);
    await agree('person:lee');
    expect(await listed()).toEqual([
      expect.stringContaining(
        `,${ada},legal-demand,LegalDemand,subpoena,,"person:mai, person:lee",0,,`,
      ),
    ]);
    printed = '';
    await run('disclosures', '--by', 'lee', '--csv');
    expect(lines()).toHaveLength(2);
    await db.query('delete from legal_demand_yes');
    await db.query('delete from legal_demand');
  });
});

describe('loopwell views', () => {
  beforeAll(async () => {
    const page = '/people/:id';
    await db.tx(async (tx) => {
      await logViews(tx, { principal: { id: 'person:mai' }, page, people: [ada], what: 'person' });
      await logViews(tx, { principal: { id: 'person:lee' }, page: '/decide', people: [ada, kia] });
    });
  });

  it.each<[string, string[], number]>([
    ['all', [], 3],
    ['of one person', ['--person', ada], 2],
    ['by one person here', ['--by', 'lee'], 2],
    ['of a time', ['--to', '2020-01-01'], 0],
  ])('lists %s', async (_what, words, count) => {
    expect(await run('views', '--csv', ...words)).toBe(0);
    expect(lines()).toHaveLength(count + 1);
  });

  it('says who was shown whom, where', async () => {
    expect(await run('views', '--by', 'mai')).toBe(0);
    expect(printed).toMatch(new RegExp(`person:mai  person /people/:id  person ${ada}\n$`));
  });
});

describe('loopwell trace', () => {
  it('is a view of the person whose timeline it prints', async () => {
    const task = deriveId(ada, 'hill');
    const line = { tenant: 'default', stage: 'refer' as const, subject: task, person: ada };
    const by = { principal: 'system:refer', outcome: 'sent', trace: task };
    await db.tx((tx) => ledger.appendHistory(tx, [{ ...line, ...by }]));
    expect(await run('trace', task, '--by', 'ola')).toBe(0);
    expect(printed).not.toBe('');
    printed = '';
    expect(await run('views', '--by', 'ola')).toBe(0);
    expect(printed).toMatch(new RegExp(`person:ola  person loopwell trace  person ${ada}\n$`));
    expect(await run('trace', task, '--by', 'no name')).toBe(2);
  });
});

describe('loopwell equity-facts', () => {
  it('has a line for each need, without names and ids', async () => {
    await db.query(
      `insert into person_no (tenant, id, person, kind, category, said_on, said_by, said_to,
         recorded_by)
       values ($tenant, $1::uuid, $1, 'not-this-help', 'food', '2026-01-02', 'person', 'Mai', 'm')`,
      [kia],
    );
    expect(await run('equity-facts', '--csv', '--from', '2026-01', '--to', '2026-01')).toBe(0);
    const [head, ...rows] = lines();
    expect(head).toMatch(/^month,category,language,needsInterpreter,offered,notAskedUnsafe,asked/);
    expect(rows).toHaveLength(6);
    expect(rows.filter((row) => row.includes(',false,not-this-help,'))).toHaveLength(3);
    expect(printed).not.toMatch(/[0-9a-f]{8}-|person:|Mai/);
    printed = '';
    expect(await run('equity-facts', '--from', '2027-01')).toBe(0);
    expect(printed).toBe('');
  });

  it.each([
    [['--from', '2026'], '--from must be a month such as 2026-09'],
    [['--from', '2026-09', '--to', '2026-01'], '--to must not be before --from'],
  ])('refuses %j with exit status 2', async (words, sentence) => {
    expect(await run('equity-facts', ...words)).toBe(2);
    expect(stderr).toContain(sentence);
  });
});

describe('loopwell sign-in', () => {
  const roles = 'reviewer, clinician, operator, auditor, lead or admin';

  it.each<[string, string[]]>([
    ['without a role', []],
    ['with a role that there is not', ['--role', 'nurse']],
    ['with one good role and a bad one', ['--role', 'auditor', '--role', 'Admin']],
  ])('makes no link %s, and names the roles', async (_what, words) => {
    expect(await run('sign-in', '--url', 'https://x.example', ...words)).toBe(2);
    expect(stderr).toContain(`Name the roles with --role: ${roles}`);
    expect(printed).toBe('');
  });

  it.each(access.roles)('makes a link for the role %s', async (role) => {
    expect(await run('sign-in', '--url', 'https://x.example', '--role', role)).toBe(0);
    expect(printed).toMatch(/^https:\/\/x\.example\/sign-in\?token=[\w-]+\n$/);
  });

  it('is listed with its sessions, and all of a person’s end at once', async () => {
    await run('sign-in', '--url', 'https://x.example', '--role', 'lead', '--name', 'pa');
    const open = (principal: string) =>
      db.tx((tx) => {
        const session = { tenant: 'default', kind: 'session' as const, principal };
        return access.grantAccess(
          tx,
          { ...session, roles: ['lead'], routes: [] },
          { ttlMs: 60_000 },
        );
      });
    const secrets = [await open('person:pa'), await open('person:pa'), await open('person:lee')];
    printed = '';
    await run('sign-ins', '--name', 'pa');
    expect(lines().map((line) => /link made|signed in/.exec(line)?.[0])).toEqual([
      ...['signed in', 'signed in', 'link made'],
    ]);
    printed = '';
    expect(await run('sign-out', '--name', 'pa', '--by', 'boss')).toBe(0);
    expect(printed).toBe('Ended: 3\n');
    const found = await Promise.all(secrets.map((one) => access.findAccess(db, 'session', one)));
    expect(found.map((one) => one?.principal)).toEqual([undefined, undefined, 'person:lee']);
    printed = '';
    await run('sign-ins', '--name', 'pa');
    expect(lines().every((line) => line.includes('ended') && line.endsWith('by person:boss'))).toBe(
      true,
    );
  });
});
