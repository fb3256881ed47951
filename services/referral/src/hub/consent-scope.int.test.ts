import { type fhir4, localExtensions, systems } from '@loopwell/fhir';
import { deriveId, newId } from '@loopwell/kit';
import type { ChannelShelf } from '@loopwell/partners';
import {
  type ConsentScope,
  partTwoNotice,
  type ReachChoice,
  type RecordedConsent,
} from '@loopwell/sdoh';
import {
  contact,
  type Database,
  directory,
  ehrResources,
  grants,
  migrate,
  openDatabase,
  ownResources,
  partnerBearers,
  people,
  referrals,
  saveConnection,
  type Tx,
  taskDeliveries,
  tasks,
} from '@loopwell/store';
import { newTask, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeGrants } from '../grants/judge-grants.ts';
import { partnerRowsOf, type ReferralSettings } from '../index.ts';
import { withResources } from '../packet-resources.ts';
import { gateRules } from '../refer/gate-rules.ts';
import { gather } from '../refer/load-facts.ts';
import type { Outgoing } from '../refer/model.ts';
import { decide } from '../refer/refer.ts';
import { readForPartner } from './read.ts';

/** A consent says which parts of a person partners read: at our hub, and in what is sent to them. */
const tenant = 'o';
const connection = 'clinic';
const category = 'food-insecurity';
const address = 'https://pantry.example/fhir';
const settings = {
  ...{ tenant, siteName: 'Clinic', send: true, longestConsentDays: 365, minorAge: 18 },
  ...{ publicBase: 'https://loopwell.example/fhir', readAfterEndMs: 30 * 86_400_000 },
  contactFromChart: true,
} as ReferralSettings;
const clock = { now: () => new Date() };
const idOf = (name: string) => deriveId('consent-scope', name);
const yesterday = new Date(Date.now() - 86_400_000).toISOString();

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
    ...{ id, references: [`Organization/${id}`], name: id },
    ...{ address: `https://${id}.example/fhir`, categories: [category] },
    organization: { resourceType: 'Organization', id, name: id } as fhir4.Organization,
  });
  await db.tx(async (tx) => {
    const partners = partnerRowsOf([partner('pantry'), partner('hillside')], tenant);
    await directory.saveDirectory(tx, tenant, partners);
    const bearers = partners.map(({ address }) => ({ tenant, address, send: 'sealed' }));
    await partnerBearers.savePartnerBearers(tx, tenant, bearers);
    const clinic = { id: connection, tenant, base: 'https://ehr.example/fhir' };
    await saveConnection(tx, { ...clinic, quirks: 'plain-r4' });
  });
});
afterAll(() => close());

const patient: fhir4.Patient = {
  resourceType: 'Patient',
  birthDate: '1979-03-02',
  name: [{ family: 'Vang', given: ['Kia'] }],
  telecom: [
    { system: 'phone', value: '612-555-0100', rank: 1 },
    { system: 'phone', value: '612-555-0199', rank: 2 },
  ],
  address: [{ use: 'home', line: ['7 Elm St'], city: 'Saint Paul', postalCode: '55101-1234' }],
  communication: [{ language: { text: 'Hmong' } }],
};

/** What each element shows, and what of it must be in nothing that goes out without it. */
const parts: Readonly<Record<ConsentScope['elements'][number], { shown: object; trace: RegExp }>> =
  {
    name: { shown: { name: patient.name }, trace: /Vang|Kia/ },
    contact: { shown: { telecom: [{ value: '+16125550100' }] }, trace: /5550100/ },
    language: { shown: { communication: patient.communication }, trace: /Hmong/ },
    household: {
      shown: { extension: [{ url: localExtensions.householdSize, valueInteger: 4 }] },
      trace: /household/,
    },
    address: {
      shown: { address: [{ line: ['7 Elm St'], city: 'Saint Paul', postalCode: '55101-1234' }] },
      trace: /Elm|Saint Paul|55101/,
    },
    'birth-date': { shown: { birthDate: '1979-03-02' }, trace: /1979/ },
  };
const elementNames = Object.keys(parts) as ConsentScope['elements'][number][];

type Setup = { recorded: RecordedConsent; restriction?: 'named-consent'; recipient?: string };
type Sent = { id: string; person: string; order: string; task: string };
let count = 0;

const recordedAs = (permits: Partial<ConsentScope>): RecordedConsent => ({
  ...{ id: idOf('recorded'), dateTime: yesterday, householdSize: 4 },
  permits: {
    ...('places' in permits ? {} : { kind: category }),
    ...{ except: [], elements: ['name'], ...permits },
  },
});

/** The person chose a number for partners when they were asked. */
async function choosePhone(tx: Tx, name: string, person: string): Promise<void> {
  const link = { connection, patientId: name, patient: person, unusable: null };
  await people.savePatients(tx, [link]);
  const standing = { patient: person, standing: 'stands', recordKey: 'key' } as const;
  await people.saveStandings(tx, [standing]);
  const choice: ReachChoice = {
    ...{ ways: ['call'], phone: { number: '+16125550100' }, phoneOwner: 'self', forPartners: true },
    ...{ voicemail: false, mayBeSaid: 'clinicOnly', reading: 'reads' },
  };
  const asked = { person, answeredAt: clock.now(), askedBy: 'person:rea', instead: null };
  await people.recordReach(tx, { ...asked, choice });
}

/** A referral whose Task is at the pantry, sent under the recorded consent. */
async function atPantry({ recorded, restriction, recipient }: Setup): Promise<Sent> {
  count += 1;
  const name = `p${count}`;
  const person = idOf(name);
  const [id, order, task] = [idOf(`${name} r`), idOf(`${name} o`), idOf(`${name} t`)];
  const common = { tenant, connection, person };
  const request = { resourceType: 'ServiceRequest', id: order, status: 'active', intent: 'order' };
  await db.tx(async (tx) => {
    const row = { ...common, type: 'Patient', sourceId: name, versionId: '1', lastUpdated: null };
    const body = JSON.stringify({ ...patient, id: name });
    await ehrResources.saveEhrResources(tx, [{ ...row, body }]);
    await choosePhone(tx, name, person);
    const need = { ...common, id, category, episode: 1, unambiguous: true, sensitive: false };
    const basis = { conditions: '[]', since: yesterday, trace: newId(), restriction };
    await referrals.saveNeeds(tx, [{ ...need, ...basis }]);
    const orderBody = JSON.stringify({ ...request, subject: {} });
    await ownResources.saveOwnResources(tx, [
      { ...common, id: order, type: 'ServiceRequest', body: orderBody },
    ]);
    const patch = {
      ...({ state: 'partner', gate: 'partner', approval: 'approved' } as const),
      approved_by: 'person:rea',
      ...{ service_request: order, sent: true, agreement_on: yesterday },
      ...{ agreement_source: 'reviewer', recipient: recipient ?? null },
      consent_recorded: JSON.stringify(recorded),
    };
    await referrals.patchReferrals(tx, [{ id, patch }]);
    const attempt = { id: task, tenant, referral: id, person, attempt: 1, partner: 'pantry' };
    const sent = { channel: 'fhir-rest', address, receipt_key: task, status: 'accepted' };
    await tasks.addTasks(tx, [newTask({ ...attempt, ...sent })]);
    const delivery = { task, state: 'delivered', remote_id: `remote-${name}` } as const;
    await taskDeliveries.settleTaskDeliveries(tx, [delivery]);
    await tx.query(
      `insert into consent_decision (tenant, person, referral, task, consent_id, consent_version, recipient, purpose, shared)
       values ($1, $2, $3, $4, $5, '1', 'pantry', 'referral', '[]')`,
      [tenant, person, id, task, recorded.id],
    );
  });
  await judge(id);
  return { id, person, order, task };
}

const context = () => ({ rules: gateRules(settings, clock), settings, clock });

/** Judges what the partner may read, as `refer` does whenever the referral is due. */
const judge = (id: string) =>
  db.tx(async (tx) => {
    const facts = await gather(tx, [id], context());
    await judgeGrants(tx, facts, [], { settings, now: clock.now() });
  });

const read = (type: string, id: string) =>
  db
    .tx((tx) => readForPartner(tx, { tenant, partners: ['pantry'] }, type, id, settings))
    .then(({ resource }) => resource as fhir4.Resource & { note?: fhir4.Annotation[] });

/** What a channel that carries resources sends of the person. */
async function packetOf({ id, task, order }: Sent): Promise<fhir4.Resource[]> {
  const outgoing = { referral: id, taskId: task, partner: 'pantry', address, channel: 'fhir-rest' };
  const shelf = { 'fhir-rest': { carriesResources: () => true } } as unknown as ChannelShelf;
  const packets = await db.tx((tx) =>
    withResources(tx, new Map([[order, outgoing as Outgoing]]), { settings, clock, shelf }),
  );
  return [...(packets.get(order)?.resources ?? [])];
}

const always = ['gender', 'id', 'identifier', 'managingOrganization', 'resourceType'];
const keysOf = (resource: object) =>
  Object.keys(resource)
    .filter((key) => key !== 'meta')
    .sort();

describe('a partner reads of a person exactly what the consent names', () => {
  const cases = [
    ...elementNames.map((element): [string, ConsentScope['elements']] => [element, [element]]),
    ...elementNames.map((element): [string, ConsentScope['elements']] => [
      `all but ${element}`,
      elementNames.filter((other) => other !== element),
    ]),
    ['all', elementNames] as [string, ConsentScope['elements']],
  ];
  it.each(cases)('%s, at the hub and in the packet', async (_what, elements) => {
    const sent = await atPantry({ recorded: recordedAs({ elements }) });
    const shown = Object.assign({}, ...elements.map((element) => parts[element].shown)) as object;
    const packet = (await packetOf(sent)).find(({ resourceType }) => resourceType === 'Patient');
    for (const seen of [await read('Patient', sent.person), packet ?? {}]) {
      expect(keysOf(seen)).toEqual([...always, ...Object.keys(shown)].sort());
      expect(seen).toMatchObject(shown);
      for (const left of elementNames.filter((element) => !elements.includes(element)))
        expect(JSON.stringify(seen)).not.toMatch(parts[left].trace);
    }
  });

  it('the number beside a date, and not beside an answer about safety', async () => {
    const elements: ConsentScope['elements'] = ['name', 'contact'];
    const sent = await atPantry({ recorded: recordedAs({ elements }) });
    const set = (what: string) => db.query(`update referral set ${what} where id = $1`, [sent.id]);
    await set("must_by = '2030-01-01'");
    await judge(sent.id);
    expect(await read('Patient', sent.person)).toHaveProperty('telecom');
    await set("danger = 'hurt', danger_kind = 'see-first', danger_since = now()");
    await judge(sent.id);
    expect(await read('Patient', sent.person)).not.toHaveProperty('telecom');
  });

  it('and less at once when a consent with less replaces it', async () => {
    const sent = await atPantry({ recorded: recordedAs({ elements: elementNames }) });
    const less = { ...recordedAs({}), id: idOf('less'), replaces: [idOf('recorded')] };
    const patch = { consent_recorded: JSON.stringify(less) };
    await db.tx((tx) => referrals.patchReferrals(tx, [{ id: sent.id, patch }]));
    await expect(read('Patient', sent.person)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await judge(sent.id);
    expect(keysOf(await read('Patient', sent.person))).toEqual([...always, 'name'].sort());
  });

  it('and what was fixed before where it has words alone', async () => {
    const words = { id: idOf('recorded'), dateTime: yesterday, scope: 'food help' };
    const sent = await atPantry({ recorded: words });
    expect(keysOf(await read('Patient', sent.person))).toEqual(
      [...always, 'name', 'telecom', 'communication', 'extension', 'address'].sort(),
    );
  });
});

const decisionOf = ({ id }: Sent) =>
  db.tx(async (tx) => {
    const facts = (await gather(tx, [id], context())).get(id);
    return facts && decide(facts, settings);
  });

it('takes the Task back from a place that the person excludes', async () => {
  const sent = await atPantry({ recorded: recordedAs({}) });
  const without = { ...recordedAs({ except: ['pantry'] }), replaces: [idOf('recorded')] };
  const patch = { consent_recorded: JSON.stringify(without) };
  await db.tx((tx) => referrals.patchReferrals(tx, [{ id: sent.id, patch }]));
  expect(await decisionOf(sent)).toMatchObject({ kind: 'recall', reason: 'consent-revoked' });
});

it('ends at its moment by the clock, before any worker has looked', async () => {
  const until = new Date(Date.now() + 1_500).toISOString();
  const sent = await atPantry({ recorded: { ...recordedAs({}), until } });
  const seen = (type: string, id: string) =>
    read(type, id).then(
      () => 'shown',
      () => 'hidden',
    );
  expect(await seen('Patient', sent.person)).toBe('shown');
  await expect.poll(() => seen('Patient', sent.person), { timeout: 10_000 }).toBe('hidden');
  // What it was asked for can be looked up for a while, and the partner at work goes on.
  expect(await seen('ServiceRequest', sent.order)).toBe('shown');
  expect(await decisionOf(sent)).toEqual({ kind: 'at-partner' });
});

describe('a place that the person keeps out after the Task went there', () => {
  it.each<[string, (person: string) => Promise<unknown>, string]>([
    [
      'as one to keep out',
      (person) =>
        db.tx(async (tx) => {
          const out = { person, words: ['pantry'], askedBy: 'person:rea' };
          await people.addKeepOuts(tx, out, [{ id: 'pantry', name: 'pantry' }]);
          await grants.suspendGrantsOfPeople(tx, [person]);
        }),
      'kept-out',
    ],
    [
      'as one that they do not want',
      (person) =>
        db.tx(async (tx) => {
          const said = { said_on: '2026-11-24', said_by: 'person', said_to: 'rea' } as const;
          const no = { kind: 'not-this-place', category, partner: 'pantry' } as const;
          const more = { until: null, note: null, referral: null, recorded_by: 'person:rea' };
          await contact.addNos(tx, [{ tenant, id: newId(), person, ...said, ...no, ...more }]);
        }),
      'not-this-place',
    ],
  ])(
    'reads nothing and gives the Task back, whatever the consent says: %s',
    async (_how, keepOut, reason) => {
      const sent = await atPantry({ recorded: recordedAs({ elements: elementNames }) });
      await keepOut(sent.person);
      await judge(sent.id);
      for (const [type, id] of [
        ['Patient', sent.person],
        ['ServiceRequest', sent.order],
      ] as const)
        await expect(read(type, id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await decisionOf(sent)).toMatchObject({ kind: 'recall', reason });
    },
  );
});

describe('a person who took every consent back', () => {
  const withdraw = (person: string, at: Date) =>
    db.tx((tx) =>
      people.addConsentWithdrawals(tx, [person], { at, by: 'person:rea', request: newId() }),
    );
  const hourAgo = new Date(Date.now() - 3_600_000);

  /** A later need of the same person, approved and agreed, under a Consent of the EHR. */
  async function later({ person }: Sent, signed: string): Promise<Sent> {
    const id = idOf(`${person} later`);
    const common = { tenant, connection, person };
    const patientId = `p${count}`;
    const consent = {
      ...{ resourceType: 'Consent', id: 'c', status: 'active', dateTime: signed },
      scope: { coding: [{ system: systems.consentScope, code: 'patient-privacy' }] },
      category: [{ coding: [{ system: systems.actCode, code: 'IDSCL' }] }],
      ...{ patient: { reference: `Patient/${patientId}` }, policyRule: { text: 'hipaa-auth' } },
    };
    await db.tx(async (tx) => {
      const row = { ...common, type: 'Consent', sourceId: patientId, versionId: '1' };
      const stored = { ...row, lastUpdated: null, body: JSON.stringify(consent) };
      await ehrResources.saveEhrResources(tx, [stored]);
      const need = { ...common, id, category, episode: 2, unambiguous: true, sensitive: false };
      await referrals.saveNeeds(tx, [
        { ...need, conditions: '[]', since: yesterday, trace: newId() },
      ]);
      const agreed = { agreement_on: yesterday, agreement_source: 'reviewer' };
      const sentAnyway = { sent_anyway_by: 'person:rea' };
      const approved = { approval: 'approved', approved_by: 'person:rea' } as const;
      const patch = { ...approved, ...agreed, ...sentAnyway };
      await referrals.patchReferrals(tx, [{ id, patch }]);
    });
    return { id, person, order: '', task: '' };
  }

  it('has everything recalled, and no partner reads on', async () => {
    const sent = await atPantry({ recorded: recordedAs({}) });
    await withdraw(sent.person, hourAgo);
    expect(await decisionOf(sent)).toMatchObject({ kind: 'recall', reason: 'consent-revoked' });
    await judge(sent.id);
    await expect(read('Patient', sent.person)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each<[string, string, object]>([
    ['before that', yesterday, { kind: 'wait', gate: 'consent' }],
    ['after that', new Date(Date.now() - 60_000).toISOString(), { kind: 'send' }],
  ])(
    'has a later need sent only under a yes of theirs that was signed %s',
    async (_when, signed, expected) => {
      const sent = await atPantry({ recorded: recordedAs({}) });
      await withdraw(sent.person, hourAgo);
      expect(await decisionOf(await later(sent, signed))).toMatchObject(expected);
    },
  );
});

describe('data under 42 CFR Part 2', () => {
  const partTwo = { restriction: 'named-consent', recipient: 'pantry' } as const;
  const named = { places: ['pantry'], partTwo: true };
  const labels = ['42CFRPart2', 'NORDSCLCD'].map((code) => ({ system: systems.actCode, code }));

  it('go to the partner that a consent of their own names, and the notice goes along', async () => {
    const sent = await atPantry({ ...partTwo, recorded: recordedAs(named) });
    expect(await decisionOf(sent)).toEqual({ kind: 'at-partner' });
    const order = await read('ServiceRequest', sent.order);
    expect(order.note).toEqual([{ text: partTwoNotice }]);
    const packet = (await packetOf(sent)).filter(
      ({ resourceType }) => resourceType !== 'Organization',
    );
    for (const resource of [order, await read('Patient', sent.person), ...packet])
      expect(resource.meta?.security).toEqual(labels);
  });

  const words = { id: idOf('recorded'), dateTime: yesterday, scope: 'all of it' };
  it.each<[string, RecordedConsent]>([
    ['about other records', recordedAs({ places: ['pantry'], partTwo: false })],
    ['about them that names a kind of place', recordedAs({ partTwo: true })],
    ['about them that names another place', recordedAs({ places: ['hillside'], partTwo: true })],
    ['about them that excludes this place', recordedAs({ ...named, except: ['pantry'] })],
    ['in words alone that names the place', { ...words, recipient: 'pantry' }],
  ])('are not read under a consent %s, whatever somebody approved', async (_what, recorded) => {
    const sent = await atPantry({ ...partTwo, recorded });
    await expect(read('Patient', sent.person)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await decisionOf(sent)).toMatchObject({
      ...{ kind: 'recall', reason: expect.stringMatching(/^consent-(unclear|revoked)$/) },
    });
  });
});
