import { addContract, addSignIn, createApp, finish } from '@loopwell/http';
import { type Clock, deriveId, newId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { conditionCodesOf } from '@loopwell/sdoh';
import {
  access,
  type Database,
  directory,
  migrate,
  openDatabase,
  ownResources,
  type ReferralPatch,
  referrals,
  saveEvidence,
} from '@loopwell/store';
import { supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { serviceChoices } from './decide/apply-decision.ts';
import type { ReviewDecision } from './decide/decisions.ts';
import { addReviewRoutes } from './review.route.ts';

const tenant = 'o';
const clock: Clock = { now: () => new Date('2026-11-24T15:00:00Z') };
const idOf = (name: string) => deriveId('test', name);
const category = 'food-insecurity';
const [id, condition, person] = [idOf('referral'), idOf('condition'), idOf('person')];
const otherCode = conditionCodesOf(category).find((one) => one.code !== '733423003')?.code ?? '';

/** Decisions about what waits. `undo.int.test.ts` has those that need an end or an undo. */
type Waiting = Exclude<ReviewDecision['decision'], 'sendNow' | 'openAgain'>;

/** What each decision needs beside its name. */
const fields: Readonly<Record<Waiting, Record<string, string>>> = {
  approve: {},
  refuse: { reason: 'no need', saidBy: 'staff' },
  postpone: { until: '2026-11-25' },
  chooseCode: { condition, code: otherCode },
  agree: { agreedOn: '2026-11-24', askedBy: 'Ada' },
  withdrawAgreement: {},
  recordConsent: { dateTime: '2026-11-24', scope: 'name and need', askedBy: 'Ada' },
  withdrawConsent: {},
  chooseService: { serviceCode: serviceChoices(category)[0]?.code ?? '' },
  askNext: {},
  closeWithoutHelp: { reason: 'nobody left to ask' },
};

/** What Loopwell's own workers do in between: gates move, a policy says yes. */
const workers: readonly ReferralPatch[] = [
  { gate: 'agreement' },
  { gate: 'consent' },
  { gate: 'noPartner', service_request: idOf('order') },
  { approval: 'approved', approved_by: 'policy:unambiguous', approved_at: clock.now() },
];

let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let ask: ReturnType<typeof supertest>;
const sessions: Record<string, string> = {};
let token = '';

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant });
  const app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
  });
  addContract(app, contracts.coordination);
  addSignIn(app, access.signInDoors(db), { secure: false });
  addReviewRoutes(app, { tx: db.tx, nudge: async () => {}, clock, longestConsentDays: 365 });
  finish(app, silentLog);
  ask = supertest(app.express);
  const grant = (kind: 'session' | 'service', principal: string, routes: string[]) =>
    db.tx((tx) => access.grantAccess(tx, { tenant, kind, principal, roles: ['reviewer'], routes }));
  const partner = { id: 'pantry', name: 'Northside Pantry', address: 'https://pantry.example' };
  const body = JSON.stringify({ ...partner, categories: [category] });
  await db.tx((tx) =>
    directory.saveDirectory(tx, tenant, [{ ...partner, tenant, position: 0, body }]),
  );
  for (const name of ['rea', 'bo']) sessions[name] = await grant('session', `person:${name}`, []);
  token = await grant('service', 'service:ehr-app', [
    'GET /api/v1/reviews/:referralId',
    'POST /api/v1/reviews/decisions',
  ]);
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});

const evidence = {
  sentence: 'Suggested because “often true” was answered.',
  rule: 'hvs/1',
  ruleVersion: '1',
  codeSystems: '[]',
};

async function seed(
  change: Partial<Parameters<typeof referrals.saveNeeds>[1][number]> = {},
): Promise<void> {
  const own = { tenant, connection: 'clinic', person };
  const code = { coding: [{ system: 'http://snomed.info/sct', code: '733423003' }] };
  await db.tx(async (tx) => {
    await ownResources.saveOwnResources(tx, [
      {
        ...own,
        id: condition,
        type: 'Condition',
        body: JSON.stringify({ resourceType: 'Condition', id: condition, code }),
      },
    ]);
    await saveEvidence(tx, [
      { ...own, ...evidence, condition, observation: idOf('observation'), source: 'Observation/o' },
    ]);
    const need = {
      ...own,
      id,
      category,
      episode: 1,
      unambiguous: true,
      sensitive: false,
      conditions: JSON.stringify([condition]),
    };
    await referrals.saveNeeds(tx, [
      { ...need, since: '2026-11-02T10:00:00Z', trace: newId(), evidence_version: 'a', ...change },
    ]);
  });
}

beforeEach(async () => {
  await db.query(
    'truncate ledger, history, person_no, referral, decision, evidence, own_resource, ehr_resource, screening, task, task_delivery, task_version cascade',
  );
  await seed();
});

const cookieOf = (name: string) => ({
  cookie: `loopwell_session=${sessions[name]}`,
  'sec-fetch-site': 'same-origin',
});
const worker = (patch: ReferralPatch) =>
  db.tx((tx) => referrals.patchReferrals(tx, [{ id, patch }]));

/** Each door gives a version as it shows the referral, and takes decisions with it. */
const doors = {
  form: {
    read: async (name: string) => {
      const page = await ask.get(`/review/${id}`).set(cookieOf(name));
      return new RegExp(`name="version.${id}" value="([^"]+)"`).exec(page.text)?.[1] ?? '';
    },
    decide: async (name: string, decision: Waiting, version: string) => {
      const own = Object.fromEntries(
        Object.entries(fields[decision]).map(([field, value]) => [`${decision}.${field}`, value]),
      );
      const body = {
        ...own,
        referral: id,
        [`version.${id}`]: version,
        decision,
        back: `/review/${id}`,
      };
      return (await ask.post('/review/decisions').type('form').set(cookieOf(name)).send(body))
        .status;
    },
    recorded: 303,
  },
  API: {
    read: async (name: string) =>
      (await ask.get(`/api/v1/reviews/${id}`).set(cookieOf(name))).body.version as string,
    decide: async (name: string, decision: Waiting, version: string) => {
      const body = { referrals: [id], versions: { [id]: version }, decision, ...fields[decision] };
      return (await ask.post('/api/v1/reviews/decisions').set(cookieOf(name)).send(body)).status;
    },
    recorded: 200,
  },
} as const;

const names = Object.keys(fields) as Waiting[];
const takingBack = ['withdrawAgreement', 'withdrawConsent'];
const ending = ['refuse', 'closeWithoutHelp'];
const ofWithoutHelp = ['askNext', 'closeWithoutHelp'];

const ruledOut = [
  'approve approve',
  'approve chooseCode',
  'askNext approve',
  'askNext chooseCode',
  'askNext askNext',
  'chooseCode chooseCode',
  // The person said no, and nobody says that they brought it up.
  'withdrawAgreement approve',
  'withdrawAgreement askNext',
];

/**
 * What the first decision rules out by what it says, and not because somebody else was there.
 * Taking back always works.
 */
const isRuledOut = (first: string, second: string) =>
  !takingBack.includes(second) &&
  (ending.includes(first) || ruledOut.includes(`${first} ${second}`));

const pairs = names.flatMap((first) => names.map((second) => [first, second] as const));

/**
 * Where a referral waits on which these decisions can be made, and what somebody has said before.
 */
const placeFor = (...decisions: string[]): ReferralPatch => ({
  ...(decisions.some((one) => ofWithoutHelp.includes(one))
    ? { gate: 'withoutHelp', without_help: 'all-declined' }
    : { gate: 'review' }),
  agreement_on: '2026-11-20',
  agreement_by: 'Bo',
  agreement_source: 'reviewer',
});

describe.each(['form', 'API'] as const)(
  'two decisions of one person, made from one look by the %s',
  (name) => {
    const door = doors[name];
    // Both doors lead to one function: the form shows a part of the pairs.
    it.each(pairs.filter((_, n) => name === 'API' || n % 7 === 0))(
      '%s, and then %s',
      async (first, second) => {
        await worker(placeFor(first, second));
        const version = await door.read('rea');
        expect(await door.decide('rea', first, version)).toBe(door.recorded);
        if (!ofWithoutHelp.includes(second)) await worker({ gate: 'consent' });
        expect(await door.decide('rea', second, version)).toBe(
          isRuledOut(first, second) ? 409 : door.recorded,
        );
      },
    );

    it.each(workers)('whatever a worker did since the look: %o', async (patch) => {
      const version = await door.read('rea');
      await worker(patch);
      expect(await door.decide('rea', 'approve', version)).toBe(door.recorded);
      expect(await door.decide('rea', 'agree', version)).toBe(door.recorded);
    });

    it.each(names)(
      'but not when somebody else has decided: then nothing is recorded of %s',
      async (decision) => {
        await worker(placeFor(decision));
        const version = await door.read('rea');
        expect(await door.decide('bo', 'agree', await door.read('bo'))).toBe(door.recorded);
        // Taking back always works.
        expect(await door.decide('rea', decision, version)).toBe(
          takingBack.includes(decision) ? door.recorded : 409,
        );
      },
    );

    it.each(names)('and whatever somebody else has decided: %s', async (decision) => {
      await worker(placeFor(decision));
      const version = await door.read('rea');
      expect(await door.decide('bo', decision, version)).toBe(door.recorded);
      expect(await door.decide('rea', 'agree', version)).toBe(409);
      expect(await door.decide('rea', 'withdrawConsent', version)).toBe(door.recorded);
    });

    it.each<[string, Parameters<typeof seed>[0]]>([
      ['a later answer', { since: '2026-11-03T10:00:00Z' }],
      ['another sentence of the same answer', { evidence_version: 'b' }],
      ['another Condition', { conditions: JSON.stringify([condition, 'Condition/c']) }],
      ['a danger', { danger: 'utilities are shut off' }],
      ['something that speaks against it', { unambiguous: false }],
      ['a label', { restriction: 'one-recipient' }],
    ])('nor when the answers have changed: %s', async (_what, change) => {
      const version = await door.read('rea');
      await seed(change);
      expect(await door.decide('rea', 'agree', version)).toBe(409);
      expect(await door.decide('rea', 'agree', await door.read('rea'))).toBe(door.recorded);
    });
  },
);

describe('a service token, behind which many may stand', () => {
  const decide = async (decision: Waiting, version: string) => {
    const body = { referrals: [id], versions: { [id]: version }, decision, ...fields[decision] };
    const answer = await ask
      .post('/api/v1/reviews/decisions')
      .set({ authorization: `Bearer ${token}` })
      .send(body);
    return [answer.status, answer.body.title ?? ''].join(' ').trim();
  };
  const read = async () =>
    (await ask.get(`/api/v1/reviews/${id}`).set({ authorization: `Bearer ${token}` })).body
      .version as string;

  it('decides about two things from one look, and about one thing once', async () => {
    const version = await read();
    expect(await decide('agree', version)).toBe('200');
    expect(await decide('recordConsent', version)).toBe('200');
    expect(await decide('agree', version)).toContain('409');
    expect(await decide('withdrawAgreement', version)).toBe('200');
    // A yes of that day or later is the new yes that reverses it.
    expect(await decide('agree', await read())).toBe('200');
  });

  it.each(['', 'x', '1', `${'0'.repeat(16)}-0`, `${'0'.repeat(16)}-99`])(
    'answers 409 to a version that is none: %s',
    async (version) => {
      expect(await decide('agree', version)).toContain('409');
    },
  );
});
