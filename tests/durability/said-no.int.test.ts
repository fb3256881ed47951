import { access } from '@loopwell/store';
import { afterEach, expect, it } from 'vitest';
import { freePort } from '../../services/cli/src/lifecycle/free-port.ts';
import { type Harness, openHarness, type Resource, until } from './harness.ts';
import { hungryPeople, pantryDirectory } from './population.ts';

/** A no from the pull of an EHR to the partner: it holds over a new visit with a new answer. */
const pantry = 'northside-food';
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

type Row = { id: string; state: string; gate: string | null; ended_reason: string | null };
const needs = async (harness: Harness) =>
  (
    await harness.db.query<Row>(
      'select id, state, gate, ended_reason from referral where tenant = $tenant order by episode',
    )
  ).rows;
const tasksThere = (harness: Harness) =>
  harness.dump<Resource & { status: string }>('partners', pantry, 'Task');

/** The same person is asked again at a later visit, and answers as before. */
function laterVisit(people: readonly Resource[]): Resource[] {
  const types = ['Encounter', 'QuestionnaireResponse', 'Goal'];
  const now = new Date().toISOString();
  const again = people.filter(({ resourceType }) => types.includes(resourceType));
  const text = JSON.stringify(again)
    .replaceAll('hungry-0-visit', 'hungry-0-later')
    .replaceAll('hungry-0-answers', 'hungry-0-answers-later')
    .replaceAll('hungry-0-goal', 'hungry-0-goal-later');
  return (JSON.parse(text) as Resource[]).map((resource) => ({
    ...resource,
    ...('period' in resource ? { period: { start: now, end: now } } : {}),
    ...('authored' in resource ? { authored: now } : {}),
  }));
}

async function decideBy(harness: Harness, address: string) {
  const grant = { tenant: 'default', principal: 'person:rea', roles: ['reviewer'], routes: [] };
  const session = await harness.db.tx((tx) =>
    access.grantAccess(tx, { ...grant, kind: 'session' }, { ttlMs: 600_000 }),
  );
  return async (body: object) => {
    const answer = await fetch(`${address}/api/v1/reviews/decisions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        cookie: `loopwell_session=${session}`,
        'sec-fetch-site': 'same-origin',
      },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as { facts?: object } };
  };
}

it('takes back what is out, keeps a new answer from going out, and ends when they bring it up', {
  timeout: 150_000,
}, async () => {
  const people = hungryPeople(1);
  const harness = await openHarness({
    ehrs: { clinic: people },
    partners: [{ name: pantry, behavior: 'silent', stepMs: 300 }],
    directory: pantryDirectory,
  });
  closing.push(harness.close);
  const startWorker = async () => {
    const worker = harness.startWorker({ port: await freePort(), acceptByMs: 600_000 });
    return { worker, decide: await decideBy(harness, (await worker.ready).address) };
  };
  const { worker, decide } = await startWorker();
  await until('the pantry has it', async () => (await tasksThere(harness)).length === 1);

  const [first] = await needs(harness);
  const no = { decision: 'withdrawAgreement', referrals: [first?.id] };
  expect((await decide(no)).status).toBe(200);
  const grants = await harness.db.query(
    "select 1 from disclosure_grant where tenant = $tenant and type = 'Patient' and ended_at is null",
  );
  expect(grants.rows).toEqual([]);
  await until('it is taken back', async () => (await needs(harness))[0]?.state === 'withdrawn');
  expect((await tasksThere(harness)).map(({ status }) => status)).toEqual(['cancelled']);

  await worker.kill();
  await harness.put('clinic', laterVisit(people));
  const later = await startWorker();
  await until('the new answer waits against the no', async () =>
    (await needs(harness)).some(({ state, gate }) => state === 'waiting' && gate === 'saidNo'),
  );
  expect(await tasksThere(harness)).toHaveLength(1);
  const again = (await needs(harness)).find(({ state }) => state === 'waiting');
  const yes = { decision: 'approve', referrals: [again?.id] };
  expect(await later.decide(yes)).toMatchObject({
    status: 409,
    body: { facts: { rule: 'said-no' } },
  });

  const today = new Date().toISOString().slice(0, 10);
  const { rows } = await harness.db.query<{ said_on: string }>(
    'select said_on from person_no where tenant = $tenant',
  );
  const broughtUpOn = rows[0]?.said_on ?? today;
  const agreed = { decision: 'agree', agreedOn: broughtUpOn, askedBy: 'Bo', broughtUpOn };
  expect((await later.decide({ ...yes, broughtUpOn, also: [agreed] })).status).toBe(200);
  await until('it goes out again', async () => (await tasksThere(harness)).length === 2);
});
