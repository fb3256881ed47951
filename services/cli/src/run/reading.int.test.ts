import { type EhrSettings, wire } from '@loopwell/intake';
import { newId, silentLog, systemClock } from '@loopwell/kit';
import { createOutbound, type Outbound } from '@loopwell/outbound';
import { openQueues, stageNames, startRunner } from '@loopwell/pipeline';
import {
  closeGaps,
  type Database,
  migrate,
  openDatabase,
  operations,
  type RunTotals,
  readRunTotals,
} from '@loopwell/store';
import {
  type Answer,
  type Bend,
  queueUrl,
  refusal,
  type StrictEhr,
  startStrictEhr,
  testDatabase,
} from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * EHRs that refuse, shorten and mislead, each read once with everything real: what was read, and
 * what is said of the rest.
 */
type Story = {
  bend?: Bend;
  date?: () => Date;
  metadata?: Answer;
  patients?: string[];
  before?: (path: string) => Promise<void>;
  since?: Date;
  aliases?: string[];
  empty?: boolean;
  quirks?: string;
};

const minute = 60_000;
const at = (index: number) => new Date(Date.now() - 3_600_000 + index * 1_000).toISOString();
const rowsOf = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => `p${from + index}`).flatMap((id, index) => {
    const meta = { lastUpdated: at(index), versionId: '1' };
    const subject = { reference: `Patient/${id}` };
    return [
      { resourceType: 'Patient', id, meta },
      { resourceType: 'Encounter', id: `e-${id}`, meta, status: 'finished', subject },
      {
        resourceType: 'Observation',
        id: `o-${id}`,
        meta,
        status: 'final',
        category: [{ coding: [{ code: 'survey' }] }],
        code: { coding: [{ system: 'http://loinc.org', code: '88122-7' }] },
        subject,
        effectiveDateTime: '2026-11-01',
        valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: 'LA28397-0' }] },
      },
    ];
  });

type Bundle = {
  total?: number;
  link: { relation: string; url: string }[];
  entry: { resource: unknown }[];
};
const bundle = (answer: Answer) => answer.body as Bundle;
const only =
  (types: string, change: Bend): Bend =>
  (query, answer, type, base) =>
    new RegExp(`^(${types})$`).test(type) ? change(query, answer, type, base) : answer();
const refuses = (types: string, status: number, code = 'forbidden'): Bend =>
  only(types, () => refusal(status, code));
/** Refuses what has one of these parameters, as `name` or `name=beginning`. */
const without =
  (...names: string[]): Bend =>
  (query, answer) => {
    const bad = names.find((one) =>
      query
        .getAll(one.split('=')[0] ?? '')
        .some((value) => value.startsWith(one.split('=')[1] ?? '')),
    );
    return bad ? refusal(400, 'not-supported', `${bad} is not supported`) : answer();
  };

/** Until a server has been mended. */
let hides = true;

const namedLater: string[] = [];

const stories = {
  'observation-403': { bend: refuses('Observation', 403) },
  'observation-404': { bend: refuses('Observation', 404, 'not-found') },
  'forms-404': { bend: refuses('QuestionnaireResponse', 404, 'not-found') },
  'no-appointments': { bend: refuses('Appointment', 404, 'not-supported') },
  'consent-403': { bend: refuses('Consent', 403) },
  'not-offered': {
    bend: refuses('QuestionnaireResponse', 404, 'not-supported'),
    metadata: {
      status: 200,
      body: {
        resourceType: 'CapabilityStatement',
        rest: [{ resource: [{ type: 'Patient' }, { type: 'Observation' }] }],
      },
    },
  },
  'one-patient-403': {
    patients: ['p0', 'p1', 'p2'],
    bend: only('Observation', (query, answer) =>
      query.get('patient') === 'p1' ? refusal(403, 'forbidden') : answer(),
    ),
  },
  'no-sort': { bend: without('_sort') },
  'no-lastUpdated': { bend: without('_lastUpdated', '_sort') },
  'ge-and-le': { bend: without('_lastUpdated=lt', '_lastUpdated=gt') },
  'no-count': { bend: without('_count') },
  'strict-by-patient': {
    quirks: 'oracle-health',
    patients: ['p0', 'p1', 'p2'],
    bend: (query, answer, type, base) => {
      if (type === 'Patient' && query.has('_id')) return answer();
      if (!query.has('patient'))
        return refusal(400, 'required', 'no supported search parameters provided');
      return without('_sort', '_lastUpdated')(query, answer, type, base);
    },
  },
  'empty-across-patients': {
    bend: only('Observation', (query, answer) => {
      if (!query.has('patient')) query.set('patient', 'nobody');
      return answer();
    }),
  },
  'patient-by-read': {
    patients: ['p0', 'p1'],
    bend: only('Patient', () => refusal(400, 'invalid')),
  },
  'short-in-the-middle': {
    bend: only('Encounter', (_query, answer) => {
      const given = answer();
      const rest = bundle(given).entry.filter(
        (one) => !hides || (one.resource as { id: string }).id !== 'e-p1',
      );
      return { ...given, body: { ...bundle(given), entry: rest } };
    }),
  },
  'total-too-high': {
    bend: only('Observation', (_query, answer) => {
      const given = answer();
      return { ...given, body: { ...bundle(given), total: (bundle(given).total ?? 0) + 2 } };
    }),
  },
  'ignores-patient': {
    patients: ['p0'],
    bend: (query, answer) => {
      query.delete('patient');
      query.delete('_id');
      return answer();
    },
  },
  'answers-for-another': {
    patients: ['p0', 'p1', 'p3'],
    bend: only('Encounter|Observation', (query, answer) => {
      const next: Record<string, string> = { p0: 'p1', p1: 'p2', p3: 'p0' };
      query.set('patient', next[query.get('patient') ?? ''] ?? '');
      return answer();
    }),
  },
  'ignores-time': {
    bend: (query, answer) => {
      query.delete('_lastUpdated');
      return answer();
    },
  },
  'clock-behind-gateway': { date: () => new Date(Date.now() - 120 * minute) },
  'clock-ahead-gateway': { date: () => new Date(Date.now() + 120 * minute) },
  'may-be-incomplete': {
    bend: only('Observation', (_query, answer) => {
      const given = answer();
      const issue = [
        {
          severity: 'warning',
          code: 'suppressed',
          diagnostics: 'Jane Doe: it may not contain the entire record',
        },
      ];
      return {
        ...given,
        body: {
          ...bundle(given),
          entry: [
            ...bundle(given).entry,
            { resource: { resourceType: 'OperationOutcome', issue } },
          ],
        },
      };
    }),
  },
  'page-gone': {
    bend: only('Encounter', (query, answer) =>
      query.has('_offset') ? refusal(410, 'processing') : paged(query, answer),
    ),
  },
  'inner-host': {
    bend: only('Encounter', (query, answer) =>
      withNext(paged(query, answer), (url) => url.replace('127.0.0.1', 'inner.hospital.test')),
    ),
  },
  'inner-host-allowed': {
    aliases: ['https://inner.hospital.test/r4/'],
    bend: only('Encounter', (query, answer, _type, base) =>
      withNext(paged(query, answer), (url) => url.replace(base, 'https://inner.hospital.test/r4')),
    ),
  },
  // Its references name the machine behind the gateway; that this is the EHR itself is said only
  // later.
  'inner-references': {
    aliases: namedLater,
    bend: (_query, answer) => {
      const given = answer();
      return {
        ...given,
        body: JSON.parse(
          JSON.stringify(given.body).replaceAll(
            '"Patient/',
            '"https://Inner.hospital.test/r4/Patient/',
          ),
        ) as unknown,
      };
    },
  },
  'inner-host-no-time': {
    bend: only('Encounter', (query, answer) => {
      query.delete('_lastUpdated');
      return withNext(paged(query, answer), (url) =>
        url.replace('127.0.0.1', 'inner.hospital.test'),
      );
    }),
  },
  // Patients come only when what cannot be shown has been met.
  'hole-before-patients': {
    bend: only('Encounter', (_query, answer) => {
      const given = answer();
      const isThere = bundle(given).entry.some(
        (one) => (one.resource as { id: string }).id === 'e-p1',
      );
      const issue = [{ severity: 'fatal', code: 'required', location: ['/f:Encounter/f:status'] }];
      return isThere ? { status: 500, body: { resourceType: 'OperationOutcome', issue } } : given;
    }),
    before: async (path) => {
      const isHere = async () =>
        (
          await dbOf('hole-before-patients').query(
            'select 1 from quarantine where tenant = $tenant',
          )
        ).rows.length > 0;
      if (!path.startsWith('/fhir/Patient?')) return;
      for (let looks = 0; looks < 150 && !(await isHere()); looks += 1)
        await new Promise((resolve) => setTimeout(resolve, 100));
    },
  },
  empty: { empty: true },
  'record-numbers': { patients: ['MRN-1', 'MRN-2'] },
  'one-record-number': { patients: ['p0', 'MRN-1'] },
  'no-base': { bend: () => refusal(404, 'not-found'), metadata: refusal(404, 'not-found') },
  'nothing-since': { since: new Date(Date.now() + 24 * 60 * minute) },
} satisfies Record<string, Story>;

/** Pages of two rows. */
function paged(query: URLSearchParams, answer: () => Answer): Answer {
  if (Number(query.get('_count')) > 2) query.set('_count', '2');
  return answer();
}

function withNext(answer: Answer, bend: (url: string) => string): Answer {
  const link = bundle(answer).link.map((one) =>
    one.relation === 'next' ? { ...one, url: bend(one.url) } : one,
  );
  return { ...answer, body: { ...bundle(answer), link } };
}

type Name = keyof typeof stories;
const names = Object.keys(stories) as Name[];
/** Each story is a tenant of its own, with its own database handle. */
const databases = new Map<Name, Database>();
let scratch: Awaited<ReturnType<typeof testDatabase>>;
const ehrs = new Map<Name, StrictEhr>();
const sentences: string[] = [];

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  for (const name of names) {
    const story: Story = stories[name];
    const ehr = await startStrictEhr(story.bend ?? ((_query, answer) => answer()), {
      ...(story.before ? { before: story.before } : {}),
      ...(story.date ? { date: story.date } : {}),
      ...(story.metadata ? { metadata: story.metadata } : {}),
    });
    if (!story.empty) ehr.put(...rowsOf(5));
    ehrs.set(name, ehr);
  }
  await pullAll();
}, 180_000);
afterAll(async () => {
  for (const db of databases.values()) await db.close();
  await scratch?.close();
  for (const ehr of ehrs.values()) await ehr.close();
});

const settingsOf = (name: Name): EhrSettings => {
  const story: Story = stories[name];
  return {
    connection: {
      id: name,
      tenant: name,
      base: ehrs.get(name)?.base ?? '',
      quirks: story.quirks ?? 'plain-r4',
      aliases: story.aliases ?? [],
    },
    patients: story.patients ?? [],
    since: story.since,
  };
};

function dbOf(name: Name): Database {
  const db =
    databases.get(name) ?? openDatabase({ url: scratch.url, tenant: name, max: 3, log: silentLog });
  databases.set(name, db);
  return db;
}

/** Pulls the stories, a few at a time, each with the intake of its own run. */
async function pullAll(some: readonly Name[] = names): Promise<void> {
  const outbound = createOutbound({
    allowedPrivateOrigins: some.map((name) => new URL(ehrs.get(name)?.base ?? '').origin),
    requestTimeoutMs: 5_000,
  });
  const waiting = [...some];
  const lane = async () => {
    for (let name = waiting.shift(); name; name = waiting.shift()) await pullStory(name, outbound);
  };
  await Promise.all(Array.from({ length: 5 }, lane));
  await outbound.close();
}

async function pullStory(name: Name, outbound: Outbound): Promise<void> {
  const queues = await openQueues({
    tenant: name,
    url: queueUrl(scratch.url),
    stages: stageNames,
    log: silentLog,
    prefix: `{${newId()}}`,
  });
  const settings = {
    writeBack: false,
    once: true,
    overlapMs: 300_000,
    marginMs: 0,
    coalesceMs: 10,
    intervalMs: 200,
    leaseMs: 60_000,
  };
  const resources = {
    db: dbOf(name),
    nudge: queues.nudge,
    outbound,
    clock: systemClock,
    log: silentLog,
    tell: (says: string) => void sentences.push(says),
  };
  const intake = wire(settings, [settingsOf(name)], resources);
  await intake.start();
  const runner = startRunner({ queues, works: intake.works, intervalMs: 200, log: silentLog });
  await untilAtRest(name);
  await intake.close();
  await runner.close();
  await queues.close();
}

async function untilAtRest(name: Name): Promise<void> {
  const waiting = `select count(*) as n from ledger
    where tenant = $tenant and stage = 'pull' and waits_for in ('worker', 'ehr')`;
  for (
    let left = 1, started = Date.now();
    left > 0;
    await new Promise((resolve) => setTimeout(resolve, 100))
  ) {
    left = Number((await dbOf(name).query<{ n: number }>(waiting)).rows[0]?.n);
    if (Date.now() - started > 120_000) throw new Error('it did not come to rest');
  }
}

const totalsOf = (name: Name): Promise<RunTotals> => dbOf(name).tx((tx) => readRunTotals(tx, name));
const pulledOf = async (name: Name, type: string) =>
  (
    await dbOf(name).query<{ id: string }>(
      'select source_id as id from ehr_resource where connection = $1 and type = $2 order by 1',
      [name, type],
    )
  ).rows.map((row) => row.id);
const counts = async (name: Name) =>
  Object.fromEntries(
    await Promise.all(
      ['Patient', 'Encounter', 'Observation'].map(
        async (type) => [type, (await pulledOf(name, type)).length] as const,
      ),
    ),
  );
const all = { Patient: 5, Encounter: 5, Observation: 5 };
const gapsOf = async (name: Name) =>
  (await totalsOf(name)).unread.map(
    ({ type, kind, status, open }) => [type, kind, status, open] as const,
  );

describe('a type that is refused', () => {
  it.each<[Name, string, number]>([
    ['observation-403', 'Observation', 403],
    ['observation-404', 'Observation', 404],
    ['forms-404', 'QuestionnaireResponse', 404],
  ])('is named, and Encounters wait for it: %s', async (name, type, status) => {
    const { unread, encounters } = await totalsOf(name);
    expect(unread).toMatchObject([
      { type, kind: 'refused', status, open: true, cursors: 5, of: 5 },
    ]);
    expect(unread[0]?.says).toContain(`screenings that come as ${type}s are not read`);
    expect(encounters).toMatchObject({ pulled: 5, nothingToCode: 0 });
  });

  it('that carries no answers is named as well, and no Encounter waits for it', async () => {
    for (const db of databases.values())
      await db.query("delete from ledger where tenant = $tenant and stage = 'screen'");
    expect(await gapsOf('consent-403')).toEqual([['Consent', 'refused', 403, true]]);
    expect((await totalsOf('consent-403')).encounters).toMatchObject({
      inProgress: 0,
      nothingToCode: 5,
    });
    expect((await totalsOf('observation-403')).encounters).toMatchObject({
      inProgress: 5,
      nothingToCode: 0,
    });
  });

  it('that the EHR does not offer is named until a person closes it', async () => {
    expect(await gapsOf('not-offered')).toEqual([
      ['QuestionnaireResponse', 'not-offered', 404, true],
    ]);
    const close = {
      tenant: 'not-offered',
      connection: 'not-offered',
      type: 'QuestionnaireResponse',
      by: 'person:olu',
    };
    expect(await dbOf('not-offered').tx((tx) => closeGaps(tx, close))).toBe(1);
    expect(await gapsOf('not-offered')).toEqual([
      ['QuestionnaireResponse', 'not-offered', 404, false],
    ]);
    expect((await totalsOf('not-offered')).encounters).toMatchObject({
      inProgress: 0,
      nothingToCode: 5,
    });
  });

  it("is nobody's work where an EHR has no appointments: they are typed in", async () => {
    expect(await gapsOf('no-appointments')).toEqual([['Appointment', 'not-offered', 404, false]]);
    expect(await counts('no-appointments')).toEqual(all);
  });

  it('for one patient is named once, and that patient alone waits', async () => {
    const { unread, encounters } = await totalsOf('one-patient-403');
    expect(unread).toMatchObject([{ type: 'Observation', kind: 'refused', cursors: 1, of: 3 }]);
    expect(encounters).toMatchObject({ pulled: 3, inProgress: 1, nothingToCode: 2 });
  });

  it('disappears when it has been mended', async () => {
    Object.assign(stories['observation-403'], { bend: undefined });
    const mended = await startStrictEhr((_query, answer) => answer());
    mended.put(...rowsOf(5));
    await ehrs.get('observation-403')?.close();
    ehrs.set('observation-403', mended);
    await pullAll(['observation-403']);
    expect(await gapsOf('observation-403')).toEqual([]);
    expect(await counts('observation-403')).toEqual(all);
  });
});

describe('an EHR that refuses parameters', () => {
  it.each<[Name, string]>([
    ['no-sort', 'without _sort'],
    ['no-lastUpdated', 'without _lastUpdated'],
    ['ge-and-le', '_lastUpdated with ge and le'],
    ['no-count', 'without _count'],
  ])('is read to the last row: %s', async (name, says) => {
    expect(await counts(name)).toEqual(all);
    expect(await gapsOf(name)).toEqual([]);
    const { notices } = await totalsOf(name);
    expect(notices).toHaveLength(1);
    expect(notices[0]).toContain(says);
    expect(notices[0]?.split(':')[0]?.split(', ')).toHaveLength(9);
    const lanes = await dbOf(name).tx((tx) => operations.readLanes(tx, name));
    expect(lanes.find((one) => one.type === 'Observation')?.note).toContain(says);
  });

  it('is read for each patient where it knows neither _sort nor _lastUpdated nor a search across patients', async () => {
    expect(await counts('strict-by-patient')).toEqual({ Patient: 3, Encounter: 3, Observation: 3 });
    expect(await gapsOf('strict-by-patient')).toEqual([]);
  });

  it('is asked in the form that worked at once the next time', async () => {
    const ehr = ehrs.get('no-lastUpdated');
    ehr?.asked.splice(0);
    await pullAll(['no-lastUpdated']);
    expect(
      ehr?.asked.filter((one) => one.includes('_lastUpdated') || one.includes('_sort')),
    ).toEqual([]);
  });

  it('is read for each patient where it answers a search across patients with nothing', async () => {
    expect(await counts('empty-across-patients')).toEqual(all);
    expect(await gapsOf('empty-across-patients')).toEqual([]);
    expect(
      sentences.filter((one) => one.includes('gives no Observation across patients')),
    ).toHaveLength(1);
  });

  it('gives a Patient by its id where it refuses to search one', async () => {
    expect(await pulledOf('patient-by-read', 'Patient')).toEqual(['p0', 'p1']);
    expect(await gapsOf('patient-by-read')).toEqual([]);
  });
});

describe('totals', () => {
  it('that are not reached leave the window open, with both numbers, however often it is read', async () => {
    for (const again of [false, true]) {
      if (again) await pullAll(['short-in-the-middle']);
      const { unread } = await totalsOf('short-in-the-middle');
      expect(unread).toMatchObject([
        { type: 'Encounter', kind: 'short', total: 5, given: 4, open: true },
      ]);
      expect(unread[0]?.says).toContain('says 5 and gave 4');
      expect(await pulledOf('short-in-the-middle', 'Encounter')).toEqual([
        'e-p0',
        'e-p2',
        'e-p3',
        'e-p4',
      ]);
    }
  });

  it('that agree close the window by themselves, with the row that was missing', async () => {
    hides = false;
    await pullAll(['short-in-the-middle']);
    expect(await gapsOf('short-in-the-middle')).toEqual([]);
    expect(await counts('short-in-the-middle')).toEqual(all);
  });

  it('that are too high end, marked, until a person closes it', async () => {
    const name = 'total-too-high';
    expect((await totalsOf(name)).unread).toMatchObject([
      { type: 'Observation', kind: 'short', total: 7, given: 5, open: true },
    ]);
    expect(await counts(name)).toEqual(all);
    await dbOf(name).tx((tx) =>
      closeGaps(tx, {
        tenant: name,
        connection: name,
        type: 'Observation',
        by: 'person:olu',
      }),
    );
    await pullAll([name]);
    expect((await totalsOf(name)).unread).toMatchObject([
      { kind: 'short', open: false, closedBy: 'person:olu' },
    ]);
  });
});

describe('what a server ignores or says beside', () => {
  it('who was asked for: others are not kept, and it is said', async () => {
    expect(await counts('ignores-patient')).toEqual({ Patient: 1, Encounter: 1, Observation: 1 });
    expect((await totalsOf('ignores-patient')).notices.join(' ')).toContain(
      'Encounter, Observation, Patient: the EHR gave resources of other people',
    );
  });

  it('who was asked for: others are kept where they are read here, too', async () => {
    expect(await pulledOf('answers-for-another', 'Encounter')).toEqual(['e-p0', 'e-p1']);
    expect(await pulledOf('answers-for-another', 'Observation')).toEqual(['o-p0', 'o-p1']);
    expect((await totalsOf('answers-for-another')).notices.join(' ')).toContain(
      'kept are those of people who are read here',
    );
  });

  it('since when: all is read, and it is said from the second window on', async () => {
    expect(await counts('ignores-time')).toEqual(all);
    await pullAll(['ignores-time']);
    expect((await totalsOf('ignores-time')).notices.join(' ')).toContain(
      'Encounter, Observation, Patient: the EHR ignores _lastUpdated',
    );
  });

  it('a warning beside the entries is told by its code, and never in words', async () => {
    const { notices } = await totalsOf('may-be-incomplete');
    expect(notices).toEqual([
      'Observation: the EHR says that its answers may not contain the entire record (suppressed).',
    ]);
    expect(await counts('may-be-incomplete')).toEqual(all);
  });

  it('the time: rows that are newer than the clock of a gateway are read, and it is said', async () => {
    expect(await counts('clock-behind-gateway')).toEqual(all);
    expect((await totalsOf('clock-behind-gateway')).notices.join(' ')).toContain(
      'later than the clock that it tells',
    );
  });
  it('the time: what changes later is read, although a gateway told a later end', async () => {
    expect(await counts('clock-ahead-gateway')).toEqual(all);
    const [late] = rowsOf(1, 9).map((row) => ({
      ...row,
      meta: { lastUpdated: new Date().toISOString(), versionId: '1' },
    }));
    if (late) ehrs.get('clock-ahead-gateway')?.put(late);
    await pullAll(['clock-ahead-gateway']);
    expect(await pulledOf('clock-ahead-gateway', 'Patient')).toContain('p9');
  });
});

describe('a next link', () => {
  it('that is gone is asked twice at most, and reading goes on by time', async () => {
    expect(await counts('page-gone')).toEqual(all);
    const offsets =
      ehrs
        .get('page-gone')
        ?.asked.filter((one) => one.includes('/Encounter') && one.includes('_offset')) ?? [];
    expect(
      Math.max(
        ...Object.values(Object.groupBy(offsets, (one) => one)).map((some) => some?.length ?? 0),
      ),
    ).toBe(2);
    expect((await totalsOf('page-gone')).notices.join(' ')).toContain(
      'pages of a search were gone',
    );
  });

  it('to another host is not followed, and reading goes on by time', async () => {
    expect(await counts('inner-host')).toEqual(all);
    expect((await totalsOf('inner-host')).notices.join(' ')).toContain(
      'led to http://inner.hospital.test',
    );
  });

  it('to another host, where time does not help, is told as what is not read, and not that reading went on', async () => {
    const { unread, notices } = await totalsOf('inner-host-no-time');
    expect(unread).toMatchObject([{ type: 'Encounter', kind: 'failed', open: true }]);
    expect(notices.join(' ')).not.toContain('went on');
  });

  it('to an address that is allowed as another name of the EHR is asked at the base', async () => {
    expect(await counts('inner-host-allowed')).toEqual(all);
    expect((await totalsOf('inner-host-allowed')).notices).toEqual([]);
    expect(
      ehrs
        .get('inner-host-allowed')
        ?.asked.some((one) => one.startsWith('/fhir/Encounter?') && one.includes('_offset')),
    ).toBe(true);
  });
});

describe('what the EHR could not show before its Patients were known', () => {
  it('is looked at again as soon as they are: only its patient waits', async () => {
    expect(await counts('hole-before-patients')).toEqual({ ...all, Encounter: 4 });
    const { rows } = await dbOf('hole-before-patients').query<{ facts: string }>(
      'select facts from quarantine where tenant = $tenant',
    );
    expect(rows.map((one) => JSON.parse(one.facts) as object)).toMatchObject([
      { element: 'Encounter.status', patient: 'p1' },
    ]);
  });
});

describe('references that name the machine behind a gateway', () => {
  it('are those of another server, until it is said that this is the EHR: then all is read that was put aside', async () => {
    const codes = async () =>
      (await totalsOf('inner-references')).quarantine.map((one) => one.code);
    expect(await codes()).toEqual(['subject-elsewhere']);
    expect((await counts('inner-references')).Encounter).toBe(0);
    namedLater.push('https://inner.hospital.test/r4/');
    await pullAll(['inner-references']);
    expect([await counts('inner-references'), await codes()]).toEqual([all, []]);
  });
});

describe('a connection of which nothing was ever read', () => {
  it.each<[Name, string]>([
    ['empty', 'it answered every search with nothing'],
    ['record-numbers', 'any of the 2 ids that --patients names'],
    ['no-base', 'its /metadata answers 404'],
    ['nothing-since', 'Look at --since'],
  ])('says so, and what to try: %s', async (name, says) => {
    const nothing = (await totalsOf(name)).unread.filter((one) => one.kind === 'nothing');
    expect(nothing).toMatchObject([{ type: '*', open: true }]);
    expect(nothing[0]?.says).toContain(says);
  });

  it('names record numbers among ids', async () => {
    const { unread } = await totalsOf('one-record-number');
    expect(unread).toMatchObject([{ type: 'Patient', kind: 'unknown-patient', cursors: 1, of: 2 }]);
    expect(unread[0]?.says).toContain('record numbers (MRN)');
  });

  it('advises --patients only where that helps', () => {
    expect(sentences.filter((one) => one.includes('--patients'))).toEqual([]);
  });
});
