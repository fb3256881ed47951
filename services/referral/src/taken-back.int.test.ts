import { type fhir4, systems } from '@loopwell/fhir';
import { deriveId, newId } from '@loopwell/kit';
import type { ReachChoice } from '@loopwell/sdoh';
import {
  conditionAlias,
  type Database,
  directory,
  ehrResources,
  grants,
  migrate,
  moveTasks,
  openDatabase,
  ownResources,
  people as personStore,
  referrals,
  saveConnection,
  saveQuarantine,
  taskDeliveries,
  tasks,
} from '@loopwell/store';
import { newTask, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeGrants } from './grants/judge-grants.ts';
import { postProcedure } from './hub/post-procedure.ts';
import { readForPartner } from './hub/read.ts';
import { partnerRowsOf, type ReferralSettings } from './index.ts';
import { gateRules } from './refer/gate-rules.ts';
import { gather } from './refer/load-facts.ts';
import { decide, partnerOf } from './refer/refer.ts';

/**
 * Taking back, whatever else is on file, by whichever door, and wherever the Task stands. Reads are
 * asked for right after what was stored, before any worker has looked.
 */
const tenant = 'o';
const connection = 'clinic';
const category = 'food-insecurity';
const address = 'https://pantry.example/fhir';
const settings = {
  tenant,
  siteName: 'Clinic',
  send: true,
  longestConsentDays: 365,
  publicBase: 'https://loopwell.example/fhir',
  minorAge: 18,
  readAfterEndMs: 30 * 86_400_000,
} as ReferralSettings;
const clock = { now: () => new Date() };
const daysAgo = (days: number) =>
  new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

let db: Database;
let close: () => Promise<unknown>;
beforeAll(async () => {
  const scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant, max: 4 });
  close = async () => {
    await db.close();
    await scratch.close();
  };
  const partner = (id: string) => ({
    id,
    references: [`Organization/${id}`],
    name: id,
    address: `https://${id}.example/fhir`,
    categories: [category],
    organization: { resourceType: 'Organization', id, name: id } as fhir4.Organization,
  });
  await db.tx(async (tx) => {
    await directory.saveDirectory(
      tx,
      tenant,
      partnerRowsOf([partner('pantry'), partner('shelter')], tenant),
    );
    await saveConnection(tx, {
      id: connection,
      tenant,
      base: 'https://ehr.example/fhir',
      quirks: 'plain-r4',
    });
  });
});
afterAll(() => close());

const consentOf = (name: string, more: object = {}): fhir4.Consent =>
  ({
    resourceType: 'Consent',
    id: `${name}-consent`,
    status: 'active',
    scope: { coding: [{ system: systems.consentScope, code: 'patient-privacy' }] },
    category: [{ coding: [{ system: systems.actCode, code: 'IDSCL' }] }],
    patient: { reference: `Patient/${name}` },
    dateTime: daysAgo(60),
    organization: [{ reference: 'Organization/clinic' }],
    policyRule: { text: 'hipaa-auth' },
    ...more,
  }) as fhir4.Consent;

const orderOf = (name: string, more: object = {}): fhir4.ServiceRequest =>
  ({
    resourceType: 'ServiceRequest',
    id: `${name}-order`,
    status: 'active',
    intent: 'order',
    category: [{ coding: [{ system: systems.sdohcc, code: category }] }],
    code: { coding: [{ system: systems.snomed, code: '467771000124109' }] },
    subject: { reference: `Patient/${name}` },
    authoredOn: daysAgo(60),
    ...more,
  }) as fhir4.ServiceRequest;

const idOf = (name: string) => deriveId('taken-back', name);

async function pull(name: string, resource: object, version = '1'): Promise<void> {
  const { resourceType: type, id: sourceId } = resource as fhir4.Patient | fhir4.Condition;
  const body = JSON.stringify({ ...resource, meta: { versionId: version } });
  const row = {
    tenant,
    connection,
    type,
    sourceId: sourceId ?? '',
    versionId: version,
    person: idOf(name),
    lastUpdated: null,
    body,
  };
  await db.tx(async (tx) => {
    const { changed, former } = await ehrResources.saveEhrResources(tx, [row]);
    if (changed.size > 0 && type !== 'Condition') former.push(row.person);
    await grants.suspendGrantsOfPeople(tx, former);
  });
}

const quarantine = (type: string, sourceId: string, body: object) =>
  db.tx(async (tx) => {
    const row = { tenant, connection, type, sourceId, code: 'malformed' };
    await saveQuarantine(tx, [{ ...row, body: JSON.stringify(body) }]);
    const people = await ehrResources.peopleOfResources(tx, [row]);
    await grants.suspendGrantsOfPeople(tx, people);
  });

type Person = { name: string; id: string; order: string };
let people = 0;

/** A referral at the pantry, sent under `under`, its Task in a status. */
async function atPartner(
  status: string,
  also: (name: string) => Promise<unknown>,
  recorded?: object,
): Promise<Person> {
  people += 1;
  const name = `p${people}`;
  const [id, order, task] = [idOf(`${name} referral`), idOf(`${name} order`), idOf(`${name} task`)];
  const common = { tenant, connection, person: idOf(name) };
  await pull(name, {
    resourceType: 'Patient',
    id: name,
    birthDate: '1980-01-01',
    name: [{ family: name }],
  });
  await pull(name, orderOf(name));
  if (!recorded) await pull(name, consentOf(name));
  await also(name);
  const body = JSON.stringify({
    resourceType: 'ServiceRequest',
    id: order,
    status: 'active',
    intent: 'order',
    subject: {},
  });
  const need = {
    ...common,
    id,
    category,
    episode: 1,
    unambiguous: true,
    sensitive: false,
    conditions: '[]',
    since: daysAgo(60),
    trace: newId(),
  };
  const agreed = { agreement_on: daysAgo(60), agreement_source: `ServiceRequest/${name}-order` };
  const patch = {
    state: 'partner',
    gate: 'partner',
    approval: 'approved',
    approved_by: 'person:rea',
    service_request: order,
    sent: true,
  } as const;
  await db.tx(async (tx) => {
    await referrals.saveNeeds(tx, [need]);
    await ownResources.saveOwnResources(tx, [
      { ...common, id: order, type: 'ServiceRequest', body },
    ]);
    await referrals.patchReferrals(tx, [
      {
        id,
        patch: {
          ...patch,
          ...agreed,
          ...(recorded ? { consent_recorded: JSON.stringify(recorded) } : {}),
        },
      },
    ]);
    const attempt = {
      id: task,
      tenant,
      referral: id,
      person: common.person,
      attempt: 1,
      partner: 'pantry',
      channel: 'fhir-rest',
    };
    await tasks.addTasks(tx, [newTask({ ...attempt, address, receipt_key: task, status })]);
    await taskDeliveries.settleTaskDeliveries(tx, [
      { task, state: 'delivered', remote_id: `remote-${name}` },
    ]);
    await tx.query(
      `insert into consent_decision (tenant, person, referral, task, consent_id, consent_version, recipient, purpose, shared)
       values ($1, $2, $3, $4, $5, '1', 'pantry', 'referral', '[]')`,
      [tenant, common.person, id, task, recorded ? idOf('recorded') : `${name}-consent`],
    );
  });
  await judge(id);
  return { name, id, order };
}

/** Judges what the partner may read, as `refer` does whenever the referral is due. */
const judge = (id: string, meanwhile: () => Promise<unknown> = async () => {}) =>
  db.tx(async (tx) => {
    const judging = { ...settings, contactFromChart: true };
    const context = { rules: gateRules(judging, clock), settings: judging, clock };
    const facts = await gather(tx, [id], context);
    await meanwhile();
    await judgeGrants(tx, facts, [], { settings: judging, now: clock.now() });
  });

const read = (type: string, id: string) =>
  db
    .tx((tx) => readForPartner(tx, { tenant, partners: ['pantry'] }, type, id, settings))
    .then(
      () => 'shown',
      () => 'hidden',
    );
const reads = ({ name, order }: Person) =>
  Promise.all([read('Patient', idOf(name)), read('ServiceRequest', order)]);
const judgedReads = async (person: Person) => {
  await judge(person.id);
  return reads(person);
};
/** Reads at once, before any worker has looked, and again once it has: both say the same. */
const shutReads = async (person: Person) => {
  const atOnce = await reads(person);
  expect(await judgedReads(person)).toEqual(atOnce);
  return atOnce;
};
const decided = (id: string) =>
  db.tx(async (tx) => {
    const facts = (
      await gather(tx, [id], { rules: gateRules(settings, clock), settings, clock })
    ).get(id);
    if (!facts) throw new Error('No such referral');
    return {
      decision: decide(facts, settings),
      permits: facts.consentFor(partnerOf(facts.tasks[0] ?? ({} as never))).kind,
    };
  });

const nothing = async () => {};
const alsoOnFile: Record<string, (name: string) => Promise<unknown>> = {
  nothing,
  'an old consent that ran out': (name) =>
    pull(
      name,
      consentOf(name, {
        id: `${name}-old`,
        dateTime: daysAgo(300),
        provision: { period: { end: daysAgo(100) } },
      }),
    ),
  'an older one of another discloser that holds': (name) =>
    pull(
      name,
      consentOf(name, {
        id: `${name}-other`,
        dateTime: daysAgo(90),
        organization: [{ reference: 'Organization/else' }],
      }),
    ),
  'an older one of the same discloser that holds': (name) =>
    pull(name, consentOf(name, { id: `${name}-older`, dateTime: daysAgo(90) })),
  'one about research': (name) =>
    pull(
      name,
      consentOf(name, {
        id: `${name}-r`,
        scope: { coding: [{ system: systems.consentScope, code: 'research' }] },
      }),
    ),
};

const withdrawn = (dateTime: string) => ({
  id: idOf('recorded'),
  dateTime,
  withdrawn: true,
  withdrawnAt: new Date().toISOString(),
});
const patch = (id: string, change: object) =>
  db.tx((tx) => referrals.patchReferrals(tx, [{ id, patch: change }]));
const actor = { role: { text: 'r' }, reference: { reference: 'Organization/shelter' } };

const consentDoors: Record<string, (person: Person) => Promise<unknown>> = {
  'a reviewer records it': ({ id }) =>
    patch(id, { consent_recorded: JSON.stringify(withdrawn(new Date().toISOString())) }),
  'the EHR ends it': ({ name }) => pull(name, consentOf(name, { status: 'inactive' }), '2'),
  'the EHR ends it and keeps its version': ({ name }) =>
    pull(name, consentOf(name, { status: 'inactive' }), '1'),
  'the EHR rejects it': ({ name }) => pull(name, consentOf(name, { status: 'rejected' }), '2'),
  'it was entered in error': ({ name }) =>
    pull(name, consentOf(name, { status: 'entered-in-error' }), '2'),
  'it is a draft again': ({ name }) => pull(name, consentOf(name, { status: 'draft' }), '2'),
  'its status is a list': ({ name }) => pull(name, consentOf(name, { status: ['inactive'] }), '2'),
  'its status is in other writing': ({ name }) =>
    pull(name, consentOf(name, { status: 'Inactive' }), '2'),
  'it says no now': ({ name }) => pull(name, consentOf(name, { provision: { type: 'deny' } }), '2'),
  'it names another partner now': ({ name }) =>
    pull(name, consentOf(name, { provision: { type: 'permit', actor: [actor] } }), '2'),
  'it is about something else now': ({ name }) =>
    pull(
      name,
      consentOf(name, { scope: { coding: [{ system: systems.consentScope, code: 'research' }] } }),
      '2',
    ),
  'it belongs to another person now': ({ name }) =>
    pull('somebody', consentOf(name, { patient: { reference: 'Patient/somebody' } }), '2'),
  'it cannot be read any more': ({ name }) =>
    quarantine('Consent', `${name}-consent`, { resourceType: 'Consent' }),
  'it has a modifier now': ({ name }) =>
    pull(
      name,
      consentOf(name, { modifierExtension: [{ url: 'https://x.example', valueBoolean: true }] }),
      '2',
    ),
};

const agreementDoors: Record<string, (person: Person) => Promise<unknown>> = {
  'a reviewer records it': ({ id }) => patch(id, { agreement_withdrawn_at: new Date() }),
  'the EHR revokes the order': ({ name }) => pull(name, orderOf(name, { status: 'revoked' }), '2'),
  'the order was entered in error': ({ name }) =>
    pull(name, orderOf(name, { status: 'entered-in-error' }), '2'),
  'the order says not to': ({ name }) => pull(name, orderOf(name, { doNotPerform: true }), '2'),
  'the order belongs to another person now': ({ name }) =>
    pull('somebody', orderOf(name, { subject: { reference: 'Patient/somebody' } }), '2'),
  'the order cannot be read any more': ({ name }) =>
    quarantine('ServiceRequest', `${name}-order`, { resourceType: 'ServiceRequest' }),
};

const statuses = ['requested', 'received', 'accepted', 'in-progress', 'on-hold'];

describe.each(Object.keys(alsoOnFile))('with %s on file as well', (also) => {
  it.each(Object.keys(consentDoors))(
    'a consent that is taken back recalls the Task and closes reads: %s',
    async (door) => {
      for (const status of statuses) {
        const person = await atPartner(status, alsoOnFile[also] ?? nothing);
        expect([status, await reads(person), (await decided(person.id)).decision.kind]).toEqual([
          status,
          ['shown', 'shown'],
          'at-partner',
        ]);
        await consentDoors[door]?.(person);
        expect([status, await shutReads(person)]).toEqual([status, ['hidden', 'hidden']]);
        const { decision } = await decided(person.id);
        expect([status, decision]).toEqual([
          status,
          {
            kind: 'recall',
            task: expect.anything(),
            reason: expect.stringMatching(/^consent-(revoked|unclear)$/),
          },
        ]);
      }
    },
  );
});

it.each(Object.keys(agreementDoors))(
  'an agreement that is taken back recalls the Task and closes reads: %s',
  async (door) => {
    for (const status of statuses) {
      const person = await atPartner(status, alsoOnFile['an old consent that ran out'] ?? nothing);
      await agreementDoors[door]?.(person);
      expect([status, await shutReads(person)]).toEqual([status, ['hidden', 'hidden']]);
      expect((await decided(person.id)).decision).toMatchObject({
        kind: 'recall',
        reason: 'agreement-withdrawn',
      });
    }
  },
);

it('an order that is revoked closes reads and recalls, also where the person agreed elsewhere', async () => {
  const person = await atPartner('accepted', nothing);
  await patch(person.id, { agreement_source: 'reviewer' });
  await db.query('update referral set ehr_order = $2 where id = $1', [
    person.id,
    `${person.name}-order`,
  ]);
  expect(await reads(person)).toEqual(['shown', 'shown']);
  await pull(person.name, orderOf(person.name, { status: 'revoked' }), '2');
  expect(await shutReads(person)).toEqual(['hidden', 'hidden']);
  expect((await decided(person.id)).decision).toMatchObject({
    kind: 'recall',
    reason: 'agreement-withdrawn',
  });
});

it('a Procedure that the partner posted stays its own through judging, until consent ends', async () => {
  const person = await atPartner('accepted', nothing);
  const body = {
    resourceType: 'Procedure',
    status: 'completed',
    code: { text: 'Food' },
    subject: { reference: `Patient/${idOf(person.name)}` },
    basedOn: [{ reference: `ServiceRequest/${person.order}` }],
  };
  const reader = { tenant, partners: ['pantry'] };
  const post = { body, ifNoneExist: undefined };
  const { shown } = await db.tx((tx) => postProcedure(tx, reader, post, settings));
  const id = shown.resource.id ?? '';
  expect(await read('Procedure', id)).toBe('shown');
  await judge(person.id);
  expect(await read('Procedure', id)).toBe('shown');
  await pull(person.name, consentOf(person.name, { status: 'inactive' }), '2');
  expect(await read('Procedure', id)).toBe('hidden');
  await judge(person.id);
  expect(await read('Procedure', id)).toBe('hidden');
});

/** The need of a person's referral, as coding finds it again. */
const needOf = (person: Person, more: object) => ({
  ...{ tenant, connection, category, episode: 1, unambiguous: true, sensitive: false },
  ...{ conditions: '[]', since: daysAgo(60), trace: newId() },
  id: person.id,
  person: idOf(person.name),
  ...more,
});

describe('a label that comes later', () => {
  const relabel = (person: Person, restriction: string) =>
    db.tx((tx) => referrals.saveNeeds(tx, [needOf(person, { restriction })]));

  it('undoes a pick from before it, and not one from after it', async () => {
    const person = await atPartner('accepted', nothing);
    await patch(person.id, { recipient: 'pantry' });
    await relabel(person, 'one-recipient');
    expect([await shutReads(person), (await decided(person.id)).decision]).toMatchObject([
      ['hidden', 'hidden'],
      { kind: 'recall', reason: 'restricted' },
    ]);
    await patch(person.id, { recipient: 'pantry' });
    await relabel(person, 'one-recipient');
    expect([await judgedReads(person), (await decided(person.id)).decision.kind]).toEqual([
      ['shown', 'shown'],
      'at-partner',
    ]);
  });
});

describe('a recorded consent', () => {
  const recorded = (more: object = {}) => ({
    id: idOf('recorded'),
    dateTime: daysAgo(60),
    scope: 'Food',
    askedBy: 'Rea',
    ...more,
  });

  it.each(Object.keys(alsoOnFile))(
    'that is taken back here recalls the Task and closes reads, with %s on file as well',
    async (also) => {
      for (const status of statuses) {
        const person = await atPartner(status, alsoOnFile[also] ?? nothing, recorded());
        expect([status, await reads(person)]).toEqual([status, ['shown', 'shown']]);
        await patch(person.id, {
          consent_recorded: JSON.stringify({
            ...recorded(),
            withdrawn: true,
            withdrawnAt: new Date().toISOString(),
          }),
        });
        expect([status, await shutReads(person)]).toEqual([status, ['hidden', 'hidden']]);
        expect((await decided(person.id)).decision).toMatchObject({
          kind: 'recall',
          reason: 'consent-revoked',
        });
      }
    },
  );

  it('that is recorded anew goes on, and one that ran out stops personal data only', async () => {
    const person = await atPartner('accepted', nothing, recorded());
    const again = { id: idOf('again'), dateTime: daysAgo(61), replaces: [idOf('recorded')] };
    await patch(person.id, { consent_recorded: JSON.stringify(again) });
    expect([await judgedReads(person), (await decided(person.id)).decision.kind]).toEqual([
      ['shown', 'shown'],
      'at-partner',
    ]);
    await patch(person.id, { consent_recorded: JSON.stringify({ ...again, until: daysAgo(1) }) });
    expect([await judgedReads(person), (await decided(person.id)).decision.kind]).toEqual([
      ['hidden', 'shown'],
      'at-partner',
    ]);
  });
});

describe('what takes nothing back', () => {
  it.each<[string, (person: Person) => Promise<unknown>]>([
    [
      'an extension',
      ({ name }) =>
        pull(
          name,
          consentOf(name, { extension: [{ url: 'https://x.example', valueString: 'x' }] }),
          '2',
        ),
    ],
    [
      'a name',
      ({ name }) =>
        pull(
          name,
          consentOf(name, { patient: { reference: `Patient/${name}`, display: 'Ada' } }),
          '2',
        ),
    ],
    [
      'a renewal',
      async ({ name }) => {
        await pull(name, consentOf(name, { id: `${name}-new`, dateTime: daysAgo(1) }));
        await pull(name, consentOf(name, { status: 'inactive' }), '2');
      },
    ],
    [
      'an old consent of its own that ends',
      ({ name }) =>
        pull(
          name,
          consentOf(name, { id: `${name}-old`, dateTime: daysAgo(300), status: 'inactive' }),
        ),
    ],
    [
      "another person's",
      () => pull('somebody', consentOf('somebody', { status: 'inactive' }), String(people)),
    ],
  ])('%s leaves the Task and its reads as they are', async (_name, change) => {
    const person = await atPartner(
      'accepted',
      alsoOnFile['an old consent that ran out'] ?? nothing,
    );
    await change(person);
    expect([await judgedReads(person), (await decided(person.id)).decision.kind]).toEqual([
      ['shown', 'shown'],
      'at-partner',
    ]);
  });
});

describe('a person who is not to be helped any more', () => {
  const patient = (name: string, more: object) => ({
    resourceType: 'Patient',
    id: name,
    birthDate: '1980-01-01',
    ...more,
  });
  it.each<[string, object, string]>([
    ['has died', { deceasedBoolean: true }, 'person-died'],
    ['died on a day', { deceasedDateTime: daysAgo(3) }, 'person-died'],
    [
      'was merged',
      { link: [{ type: 'replaced-by', other: { reference: 'Patient/x' } }] },
      'person-merged',
    ],
    ['is not active', { active: false }, 'person-inactive'],
  ])('%s: the Task comes back, and nothing is read', async (_name, more, reason) => {
    for (const status of statuses) {
      const person = await atPartner(status, nothing);
      await pull(person.name, patient(person.name, more), '2');
      expect([status, await shutReads(person)]).toEqual([status, ['hidden', 'hidden']]);
      expect((await decided(person.id)).decision).toMatchObject({ kind: 'recall', reason });
    }
  });

  it.each<[string, (person: Person) => Promise<unknown>]>([
    ['death', ({ name }) => pull(name, patient(name, { deceasedBoolean: 'yes' }), '2')],
    ['being in use', ({ name }) => pull(name, patient(name, { active: 'no' }), '2')],
    ['anything', ({ name }) => quarantine('Patient', name, { resourceType: 'Patient' })],
  ])(
    'where nobody can read what the record says of %s, nothing is read until a person has looked',
    async (_name, change) => {
      const person = await atPartner('accepted', nothing);
      await change(person);
      expect(await shutReads(person)).toEqual(['hidden', 'hidden']);
      expect((await decided(person.id)).decision).toEqual({ kind: 'at-partner', unclear: true });
      await db.query('update task set live = false where referral = $1', [person.id]);
      await db.query(
        'update task_delivery set remote_id = null where task in (select id from task where referral = $1)',
        [person.id],
      );
      expect((await decided(person.id)).decision).toEqual({ kind: 'wait', gate: 'review' });
    },
  );
});

describe('what comes while a Task is out', () => {
  it('a Consent beside it that cannot be read closes reads and recalls, whatever the status', async () => {
    for (const status of statuses) {
      const person = await atPartner(status, nothing);
      await pull(
        person.name,
        consentOf(person.name, {
          id: `${person.name}-odd`,
          dateTime: daysAgo(1),
          decision: 'deny',
        }),
      );
      expect([status, await shutReads(person)]).toEqual([status, ['hidden', 'hidden']]);
      expect((await decided(person.id)).decision).toMatchObject({
        kind: 'recall',
        reason: 'consent-unclear',
      });
    }
  });

  const onFile = (name: string) =>
    pull(name, {
      resourceType: 'Condition',
      id: `${name}-food`,
      code: { coding: [{ system: systems.snomed, code: '733423003' }], text: 'SECRET' },
      subject: { reference: `Patient/${name}` },
    });
  async function needing(status: string): Promise<{ person: Person; condition: string }> {
    const person = await atPartner(status, onFile);
    const condition = conditionAlias(tenant, connection, `${person.name}-food`);
    await db.query('update referral set conditions = $2 where id = $1', [
      person.id,
      JSON.stringify([`Condition/${person.name}-food`]),
    ]);
    const reasonReference = [{ reference: `${settings.publicBase}/Condition/${condition}` }];
    await db.query(
      "update own_resource set body = (body::jsonb || jsonb_build_object('reasonReference', $2::jsonb))::text where id = $1",
      [person.order, JSON.stringify(reasonReference)],
    );
    await judge(person.id);
    return { person, condition };
  }

  it.each([
    ['one-recipient', 'accepted', ['hidden', 'hidden', 'hidden'], 'recall'],
    ['one-recipient', 'in-progress', ['hidden', 'hidden', 'hidden'], 'recall'],
    ['one-recipient', 'requested', ['hidden', 'hidden', 'hidden'], 'recall'],
    ['named-consent', 'accepted', ['hidden', 'hidden', 'hidden'], 'recall'],
  ])(
    'a label (%s) hides the finding of a Task that is %s at once, also where the Condition carries none',
    async (restriction, status, after, kind) => {
      const { person, condition } = await needing(status);
      expect([await read('Condition', condition), ...(await reads(person))]).toEqual([
        'shown',
        'shown',
        'shown',
      ]);
      await db.tx((tx) =>
        referrals.saveNeeds(tx, [
          needOf(person, {
            restriction,
            conditions: JSON.stringify([`Condition/${person.name}-food`]),
          }),
        ]),
      );
      expect([await read('Condition', condition), ...(await shutReads(person))]).toEqual(after);
      expect((await decided(person.id)).decision.kind).toBe(kind);
    },
  );
});

describe('the number of a person', () => {
  const telecom = [{ system: 'phone', value: '612-555-0199', rank: 1 }];
  const shown = async ({ name }: Person, contactFromChart: boolean) =>
    JSON.stringify(
      await db.tx((tx) =>
        readForPartner(tx, { tenant, partners: ['pantry'] }, 'Patient', idOf(name), {
          ...settings,
          contactFromChart,
        }),
      ),
    );
  const stands = (name: string, recordKey = 'key') =>
    db.tx((tx) =>
      personStore.saveStandings(tx, [{ patient: idOf(name), standing: 'stands', recordKey }]),
    );
  const chooses = (name: string, forPartners: boolean) =>
    db.tx(async (tx) => {
      const person = idOf(name);
      const row = { connection, patientId: name, patient: person, unusable: null };
      await personStore.savePatients(tx, [row]);
      const choice: ReachChoice = {
        ...{ ways: ['call'], phone: { number: '+16125550100' }, phoneOwner: 'self', forPartners },
        ...{ voicemail: false, mayBeSaid: 'clinicOnly', reading: 'reads' },
      };
      const common = { person, answeredAt: clock.now(), askedBy: 'person:rea', instead: null };
      await personStore.recordReach(tx, { ...common, choice });
    });
  const asked = (forPartners: boolean) => async (name: string) => {
    await pull(name, { resourceType: 'Patient', id: name, birthDate: '1980-01-01', telecom }, '2');
    await stands(name);
    await chooses(name, forPartners);
  };
  const withPhone = asked(true);

  it('is the one that they chose for partners, where the form asks', async () => {
    const person = await atPartner('accepted', withPhone);
    expect(await shown(person, true)).toContain('+16125550100');
    expect(await shown(person, true)).not.toContain('612-555-0199');
    expect(await shown(person, false)).not.toContain('555');
  });

  it('stays here where they did not choose it for partners, or were never asked', async () => {
    expect(await shown(await atPartner('accepted', asked(false)), true)).not.toContain('555');
    const pulled = (name: string) =>
      pull(name, { resourceType: 'Patient', id: name, telecom }, '2');
    expect(await shown(await atPartner('accepted', pulled), true)).not.toContain('555');
  });

  it('is not shown any more from the moment that the record says something else', async () => {
    const person = await atPartner('accepted', withPhone);
    await stands(person.name, 'another key');
    expect(await shown(person, true)).not.toContain('555');
  });

  it.each<[string, (person: Person) => Promise<unknown>]>([
    [
      'a referral of theirs names a danger',
      ({ id }) => db.query("update referral set danger = 'no heat' where id = $1", [id]),
    ],
    [
      'another referral of theirs names a danger',
      async ({ name, id }) => {
        const need = {
          tenant,
          connection,
          person: idOf(name),
          category: 'housing-instability',
          episode: 1,
          unambiguous: true,
        };
        const other = {
          id: idOf(`${id} other`),
          sensitive: false,
          conditions: '[]',
          since: daysAgo(1),
          trace: newId(),
          danger: 'soon',
        };
        await db.tx((tx) => referrals.saveNeeds(tx, [{ ...need, ...other }]));
      },
    ],
    [
      'an answer of theirs is about their safety',
      ({ name }) =>
        db.query(
          `insert into screening (id, tenant, connection, person, safety, instrument, authored, outcome, sources, issues)
           values ($1, $2, $3, $4, true, 'hits', '2026-11-01', 'coded', '[]', '[]')`,
          [idOf(`${name} screening`), tenant, connection, idOf(name)],
        ),
    ],
  ])('never for somebody who is marked See first: %s', async (_name, mark) => {
    const person = await atPartner('accepted', withPhone);
    expect(await shown(person, true)).toContain('+16125550100');
    await mark(person);
    expect(await shown(person, true)).not.toContain('555');
  });
});

describe('a partner that the person keeps out', () => {
  const keepOut = async ({ name }: Person, words: string) => {
    const person = idOf(name);
    await db.tx(async (tx) => {
      const keptOut = { person, words: [words], askedBy: 'person:rea' };
      await personStore.addKeepOuts(tx, keptOut, [{ id: 'pantry', name: 'pantry' }]);
      await grants.suspendGrantsOfPeople(tx, [person]);
    });
    return person;
  };
  const keepOutId = async (person: string) =>
    (await personStore.keepOutsOf(db, [person])).get(person)?.[0]?.id ?? '';

  it('reads nothing from that moment, and its Task is taken back', async () => {
    const person = await atPartner('accepted', async () => {});
    await keepOut(person, 'Pantry');
    expect(await shutReads(person)).toEqual(['hidden', 'hidden']);
    expect((await decided(person.id)).decision).toMatchObject({
      kind: 'recall',
      reason: 'kept-out',
    });
  });

  it('reads nothing until somebody has said whom the words mean', async () => {
    const person = await atPartner('accepted', async () => {});
    const patient = await keepOut(person, 'my ex');
    expect(await shutReads(person)).toEqual(['hidden', 'hidden']);
    expect((await decided(person.id)).decision.kind).toBe('at-partner');
    expect(await personStore.isStoppedFor(db, patient, 'pantry')).toBe(true);
    const act = { person: patient, id: await keepOutId(patient), by: 'person:lead' };
    await personStore.resolveKeepOut(db, act, ['shelter']);
    expect(await personStore.isStoppedFor(db, patient, 'pantry')).toBe(false);
    expect(await personStore.isStoppedFor(db, patient, 'shelter')).toBe(true);
    expect(await judgedReads(person)).toEqual(['shown', 'shown']);
    await personStore.resolveKeepOut(db, act, ['pantry']);
    expect((await decided(person.id)).decision).toMatchObject({ reason: 'kept-out' });
  });
});

/** Steps of other workers, stored after `refer` has read its facts and before it saves grants. */
const meanwhile: [string, (person: Person) => Promise<unknown>, string[], string[]][] = [
  [
    'a consent that is withdrawn',
    ({ name }) => pull(name, consentOf(name, { status: 'inactive' }), '2'),
    ['hidden', 'hidden'],
    ['hidden', 'hidden'],
  ],
  [
    'a Task that its partner ends: the move waits until the judgment is over',
    async ({ name }) => void moves.push(endTask(idOf(`${name} task`))),
    ['hidden', 'shown'],
    ['hidden', 'shown'],
  ],
];
const moves: Promise<unknown>[] = [];
const endTask = (task: string) =>
  db.tx((tx) =>
    moveTasks(tx, [{ task, from: { status: 'accepted' }, to: 'completed', by: 'target' }]),
  );

describe('a judgment lifts nothing that it has not seen', () => {
  it.each(meanwhile)('%s', async (_name, change, expected, afterward) => {
    const person = await atPartner('accepted', nothing);
    expect(await reads(person)).toEqual(['shown', 'shown']);
    await judge(person.id, () => change(person));
    await Promise.all(moves.splice(0));
    expect(await reads(person)).toEqual(expected);
    expect(await judgedReads(person)).toEqual(afterward);
  });

  it('while an earlier change waits for it', async () => {
    const person = await atPartner('accepted', nothing);
    await pull(person.name, orderOf(person.name, { priority: 'urgent' }), '2');
    await judge(person.id, () =>
      pull(person.name, consentOf(person.name, { status: 'inactive' }), '2'),
    );
    expect(await reads(person)).toEqual(['hidden', 'hidden']);
    expect(await judgedReads(person)).toEqual(['hidden', 'hidden']);
  });
});
