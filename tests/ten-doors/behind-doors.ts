import type { Sandbox } from '@loopwell/sandbox';
import { expect } from 'vitest';
import { routeDoors } from './doors.ts';
import type { Drill, Staff } from './drill-model.ts';
import { tracesIn } from './kia.ts';
import { crawlPartnerPages } from './partner-pages.ts';
import { opening, writeDoors } from './write-doors.ts';

/** Sends nothing to every door that takes something, and lists what its answer tells. */
export async function sendNothing(drill: Drill, who: readonly Staff[]): Promise<string[]> {
  const routes = [...writeDoors].filter(
    ([route, door]) =>
      door !== undefined && route !== opening && !/ \/fhir\/(Task|Proc)/.test(route),
  );
  const leaks: string[] = [];
  for (const [route] of routes)
    for (const name of who) {
      const [method = '', path = ''] = route.split(' ');
      const address = path.replaceAll(/:(\w+)/g, (_all, part) => parameterOf(drill, part));
      const isApi = path.startsWith('/api/') || path.startsWith('/fhir/');
      const type = isApi ? 'application/json' : 'application/x-www-form-urlencoded';
      const headers = { 'content-type': type };
      const request = {
        method,
        headers,
        ...(method === 'DELETE' ? {} : { body: isApi ? '{}' : '' }),
      };
      const { status, text } = await drill.ask(name, address, request);
      expect([route, status >= 500]).toEqual([route, false]);
      for (const trace of tracesIn(text)) leaks.push(`${name} reads ${trace} at ${route}`);
    }
  return leaks;
}

const parameterOf = ({ kia, food }: Drill, name: string): string =>
  ({ referralId: food, personId: kia, patientId: kia })[name] ?? food;

/** Every address to ask at: each route with Kia's ids, and the lists with each of their filters. */
function addresses(drill: Drill): string[] {
  const { kia } = drill;
  const routes = [...routeDoors].filter(
    ([route, door]) => route.startsWith('GET ') && door !== undefined && door !== "partner's read",
  );
  const paths = routes.map(([route]) => route.slice('GET '.length));
  const states = ['waiting', 'withoutHelp', 'hold', 'send', 'partner', 'closed', 'withdrawn'];
  const lists = ['/api/v1/reviews'].flatMap((path) => [
    ...states.map((state) => `${path}?state=${state}`),
    `${path}?state=all&person=${kia}`,
    ...['review', 'agreement', 'consent'].map((gate) => `${path}?gate=${gate}`),
  ]);
  const concrete = paths.map((path) =>
    path.replaceAll(/:(\w+)/g, (_all, name) => parameterOf(drill, name)),
  );
  const asked = [`/people/${kia}?print=1`, `/people/${kia}?show=address`, `/decide?person=${kia}`];
  return [...new Set([...concrete, ...lists, ...asked])];
}

/** Asks at every address as the staff, and lists what tells of the answer. */
export async function crawlPages(drill: Drill, who: readonly Staff[]): Promise<string[]> {
  const leaks: string[] = [];
  const steps = who.flatMap((name) => addresses(drill).map((address) => ({ name, address })));
  const walk = async () => {
    for (let step = steps.pop(); step; step = steps.pop()) {
      const { status, text } = await drill.ask(step.name, step.address);
      expect([step.address, status >= 500]).toEqual([step.address, false]);
      for (const trace of tracesIn(text))
        leaks.push(`${step.name} reads ${trace} at ${step.address}`);
    }
  };
  await Promise.all(Array.from({ length: 6 }, walk));
  return leaks.sort();
}

/** Asks at the hub for all that a partner could ask for, as somebody does who volunteers there. */
export async function crawlHub(drill: Drill): Promise<string[]> {
  const leaks: string[] = [];
  for (const { partner, address, text } of await readsAtHub(drill, ['pantry', 'shelf']))
    for (const trace of tracesIn(text)) leaks.push(`the ${partner} reads ${trace} at ${address}`);
  leaks.push(...(await crawlPartnerPages(drill, ['pantry', 'shelf'])));
  return leaks;
}

async function readsAtHub({ db, host }: Drill, partners: readonly string[]) {
  const { rows } = await db.query<{ type: string; id: string }>(
    `select type, id from disclosure_grant union
     select type, id::text from own_resource union
     select type, source_id from ehr_resource`,
  );
  const all = rows.map(({ type, id }) => `/fhir/${type}/${id}`);
  const reads: { partner: string; address: string; status: number; text: string }[] = [];
  for (const partner of partners)
    for (const address of ['/fhir/Task', '/fhir/Patient', '/fhir/Observation', ...all]) {
      const headers = { authorization: `Bearer read-${partner}` };
      const answer = await fetch(`${host.address}${address}`, { headers });
      reads.push({ partner, address, status: answer.status, text: await answer.text() });
    }
  return reads;
}

const types = ['Task', 'ServiceRequest', 'Patient', 'Condition', 'Consent', 'Observation'];

const dump = async (server: Sandbox, path: string, type: string) =>
  (await fetch(`${server.address}/admin/${path}/dump/${type}`)).text();

/** Reads all that the partners' own servers and the EHR were sent, and all messages. */
export async function sentOut(drill: Drill): Promise<string[]> {
  const { partner, ehr } = drill;
  const leaks: string[] = [];
  for (const name of ['pantry', 'shelf'])
    for (const type of types)
      for (const trace of tracesIn(await dump(partner, `partner/${name}`, type)))
        leaks.push(`the ${name} was sent ${trace} in a ${type}`);
  for (const type of ['Condition', 'Task', 'ServiceRequest', 'Procedure', 'Goal', 'Flag'])
    for (const trace of tracesIn(await dump(ehr, 'ehr/clinic', type)))
      leaks.push(`the EHR was sent ${trace} in a ${type}`);
  const messages = JSON.stringify([await drill.mails(), await drill.webhooks()]);
  for (const trace of [...tracesIn(messages), ...namesIn(messages)])
    leaks.push(`a message says ${trace}`);
  return leaks;
}

/** Names whoever a message is about, and what kind of danger it is. */
const namesIn = (text: string): string[] =>
  text.match(/\b(kia|moua|safety|danger|see first|call today|MRN)\b/gi) ?? [];

/** Reads what is kept or written beside the record: queue, ledger, history, receipts, log. */
export async function besides({ db }: Drill, lines: readonly string[]): Promise<string[]> {
  const { rows: tables } = await db.query<{ name: string }>(
    `select table_schema || '.' || table_name as name from information_schema.tables
      where table_name in ('ledger', 'history', 'receipt', 'duty_alert', 'duty_message',
        'running_total', 'person_view') or table_schema like '%bull%'`,
  );
  const leaks: string[] = [];
  for (const { name } of tables) {
    const { rows } = await db.query<{ row: string }>(`select x::text as row from ${name} x`);
    for (const trace of tracesIn(rows.map(({ row }) => row).join('\n')))
      leaks.push(`${name} holds ${trace}`);
  }
  for (const trace of tracesIn(lines.join('\n'))) leaks.push(`the log holds ${trace}`);
  return leaks;
}

/** Lists what the pantry holds, may read, was sent or is counted with, about anybody. */
export async function listAtPantry(drill: Drill): Promise<string[]> {
  const { db, partner } = drill;
  const found: string[] = [];
  for (const type of types) {
    const held = await dump(partner, 'partner/pantry', type);
    if (/"id"/.test(held)) found.push(`it holds a ${type}`);
  }
  const rows = {
    grant: "select count(*) as n from disclosure_grant where partner = 'pantry'",
    Task: "select count(*) as n from task where partner = 'pantry'",
  };
  for (const [what, sql] of Object.entries(rows))
    if (Number((await db.query<{ n: string }>(sql)).rows[0]?.n) > 0)
      found.push(`there is a ${what}`);
  for (const { address, status, text } of await readsAtHub(drill, ['pantry']))
    if (status === 200 && /"resource"\s*:/.test(text)) found.push(`it reads ${address}`);
  const account = await drill.ask('bee', '/api/v1/disclosures?partner=pantry');
  if (account.status !== 200 || !/"items":\[\]/.test(account.text))
    found.push(`the account says ${account.text}`);
  return found;
}
