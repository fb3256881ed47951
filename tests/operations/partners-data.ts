import type { fhir4 } from '@loopwell/fhir';
import { sleep } from '@loopwell/kit';
import { type Database, type NewPartner, saveConnection, tasks } from '@loopwell/store';
import { partnerRowsOf } from '../../services/referral/src/index.ts';
import { type Sandbox, startSandbox } from '../../services/sandbox/src/index.ts';
import {
  category,
  connection,
  idOf,
  needOf,
  type PartnerName,
  type PersonName,
  partnerOfPerson,
  people,
  word,
} from './approved-people.ts';
import { type Doors, openDoors, referralSettings, tenant } from './every-door.ts';

/** Types and ids of resources at the hub. */
export type Address = `${string}/${string}`;

/** Words and ids that belong to one person, and must not be in an answer to anybody else. */
export type Canaries = { person: string; words: readonly string[] };

/** Doors with two partners, an open Task of each, and a Task of the first one that has ended. */
export type PartnersData = {
  doors: Doors;
  /** What the grants that stand show, by partner. */
  granted: Record<PartnerName, readonly Address[]>;
  /** What each person's data is called, by the person's name. */
  canaries: Record<PersonName, Canaries>;
  referrals: Record<PersonName, string>;
  traces: Record<PersonName, string>;
  /** Every address at which data of a person could be asked for. */
  addresses: Record<PersonName, readonly Address[]>;
  close: () => Promise<void>;
};

const partnerNames: readonly PartnerName[] = ['pantry', 'shelter'];

/** Opens the doors, and makes the data through the stages that make it elsewhere. */
export async function openWithPartners(
  scratch: { url: string; close: () => Promise<void> },
  queueUrl: string,
): Promise<PartnersData> {
  const sandbox = await startSandbox({
    port: 0,
    host: '127.0.0.1',
    ehrs: [],
    partners: partnerNames.map((name) => ({
      name,
      behavior: 'silent',
      stepMs: 50,
      sendToken: `send-${name}`,
    })),
  });
  const doors = await openDoors(scratch, queueUrl, {
    stages: ['refer', 'track', 'close'],
    partners: directoryOf(sandbox),
    partnerTokens: Object.fromEntries(
      partnerNames.map((name) => [
        sandbox.partnerBase(name),
        { send: `send-${name}`, read: `read-${name}` },
      ]),
    ),
    privateOrigins: [new URL(sandbox.address).origin],
    referral: { ...referralSettings, send: true, pollMs: 100 },
    site: { readAfterEnd: '1s' },
  });
  const { db } = doors;
  const base = 'https://ehr.example/fhir';
  await db.tx((tx) => saveConnection(tx, { id: connection, tenant, base, quirks: 'plain-r4' }));
  const data = {} as Pick<PartnersData, 'canaries' | 'referrals' | 'traces' | 'addresses'>;
  data.referrals = byPerson((name) => idOf(`referral ${name}`));
  data.traces = byPerson((name) => idOf(`trace ${name}`));
  for (const name of people) await needOf(db, name);
  for (const name of people) await sentTask(db, name);
  await endTask(db, sandbox, 'cy');
  const rows = await grantRows(db);
  data.addresses = byPerson((name) => addressesOf(name, rows));
  data.canaries = byPerson((name) => canariesOf(name, rows));
  for (const name of people) await addKeys(db, name, data.canaries);
  return {
    ...data,
    doors,
    granted: {
      pantry: standing(rows, 'pantry'),
      shelter: standing(rows, 'shelter'),
    },
    async close() {
      await doors.close();
      await sandbox.close();
    },
  };
}

function byPerson<T>(make: (name: PersonName) => T): Record<PersonName, T> {
  return { ada: make('ada'), bo: make('bo'), cy: make('cy') };
}

const directoryOf = (sandbox: Sandbox): NewPartner[] =>
  partnerRowsOf(
    partnerNames.map((id) => ({
      id: `${id}-organization`,
      references: [`Organization/${id}-organization`],
      name: word(id, 'partner'),
      address: sandbox.partnerBase(id),
      categories: [category],
      organization: {
        resourceType: 'Organization',
        id: `${id}-organization`,
        name: word(id, 'partner'),
      },
    })),
    tenant,
  );

async function tasksOf(db: Database, name: PersonName) {
  const referral = idOf(`referral ${name}`);
  return (await db.tx((tx) => tasks.tasksOfReferrals(tx, [referral]))).get(referral) ?? [];
}

const sentTask = (db: Database, name: PersonName) =>
  until(`the Task of ${name} is sent`, async () =>
    (await tasksOf(db, name)).find((task) => task.remote_id !== null),
  );

/** Lets the partner reject a Task, and waits until nothing of it may be read any more. */
async function endTask(db: Database, sandbox: Sandbox, name: PersonName): Promise<void> {
  const task = await sentTask(db, name);
  const partner = partnerOfPerson[name];
  const address = `${sandbox.partnerBase(partner)}/Task/${task.remote_id}`;
  const headers = {
    authorization: `Bearer send-${partner}`,
    'content-type': 'application/fhir+json',
  };
  const body = (await (await fetch(address, { headers })).json()) as fhir4.Task;
  const rejected = JSON.stringify({ ...body, status: 'rejected' });
  await fetch(address, { method: 'PUT', headers, body: rejected });
  await until(`nothing of the Task of ${name} is shown`, async () => {
    const rows = (await grantRows(db)).filter((row) => row.task === task.id);
    return rows.length > 0 && rows.every((row) => !row.stands);
  });
}

type GrantRow = {
  partner: string;
  type: string;
  id: string;
  task: string;
  person: string;
  stands: boolean;
};

async function grantRows(db: Database): Promise<GrantRow[]> {
  const { rows } = await db.query<GrantRow>(
    `select partner, type, id, task, person, ended_at is null and suspended_at is null
        and (until is null or until > loopwell_now()) as stands
       from disclosure_grant where tenant = $tenant`,
  );
  return rows;
}

const standing = (rows: readonly GrantRow[], partner: PartnerName): Address[] => [
  ...new Set(
    rows
      .filter((row) => row.stands && row.partner === `${partner}-organization`)
      .map((row): Address => `${row.type}/${row.id}`),
  ),
];

/** Lists where a person's data could be asked for: by our ids, and by those of the EHR. */
function addressesOf(name: PersonName, rows: readonly GrantRow[]): Address[] {
  const granted = rows.filter((row) => row.person === idOf(name));
  return [
    ...new Set<Address>([
      ...granted.map((row): Address => `${row.type}/${row.id}`),
      ...[`Patient/${name}`, `ServiceRequest/${name}-order`, `Consent/${name}-consent`],
      ...[`Consent/${idOf(`referral ${name}`)}`, `Observation/${idOf(name)}`],
      ...[`Procedure/${idOf(`condition ${name}`)}`, `Task/${idOf(`referral ${name}`)}`],
    ] as Address[]),
  ];
}

/** Lists the words and ids of a person. Ids that other people's grants name are nobody's secret. */
function canariesOf(name: PersonName, rows: readonly GrantRow[]): Canaries {
  const person = idOf(name);
  const shared = new Set(rows.filter((row) => row.person !== person).map((row) => row.id));
  const ids = rows.filter((row) => row.person === person).map((row) => row.id);
  const partner = partnerOfPerson[name];
  const kinds = ['given', 'family', 'mrn', 'phone', 'condition'];
  const words = [...kinds.map((kind) => word(name, kind)), word(partner, 'partner')];
  const made = ['referral', 'condition', 'trace'].map((kind) => idOf(`${kind} ${name}`));
  const ourIds = [person, ...made, `${name}-order`, `${name}-consent`];
  return { person, words: [...words, ...ourIds, ...ids.filter((id) => !shared.has(id))] };
}

/** Adds the receipt keys and remote ids of a person's Tasks. */
async function addKeys(
  db: Database,
  name: PersonName,
  canaries: Record<PersonName, Canaries>,
): Promise<void> {
  const keys = (await tasksOf(db, name)).flatMap((task) => [
    task.receipt_key,
    task.remote_id ?? '',
  ]);
  const { person, words } = canaries[name];
  canaries[name] = { person, words: [...words, ...keys].filter((key) => key.length > 4) };
}

/** Waits until something is true. */
async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + 15_000;
  while (Date.now() < end) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    await sleep(40);
  }
  throw new Error(`This did not come true: ${what}`);
}
