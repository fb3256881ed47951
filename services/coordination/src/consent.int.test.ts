import { type fhir4, systems } from '@loopwell/fhir';
import { addContract, addSignIn, createApp, finish } from '@loopwell/http';
import { type Clock, deriveId, newId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import {
  access,
  type Database,
  directory,
  ehrResources,
  migrate,
  openDatabase,
  type ReferralPatch,
  referrals,
  saveQuarantine,
} from '@loopwell/store';
import { supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReviewRoutes } from './review.route.ts';

const tenant = 'o';
const connection = 'clinic';
const clock: Clock = { now: () => new Date('2026-11-24T15:00:00Z') };
const idOf = (name: string) => deriveId('test', name);
const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let ask: ReturnType<typeof supertest>;
let cookie: Record<string, string> = {};

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
  const session = await db.tx((tx) =>
    access.grantAccess(tx, {
      tenant,
      kind: 'session',
      principal: 'person:rea',
      roles: ['reviewer'],
      routes: [],
    }),
  );
  cookie = { cookie: `loopwell_session=${session}`, 'sec-fetch-site': 'same-origin' };
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});
beforeEach(async () => {
  await db.query(
    'truncate ledger, history, person_no, referral, decision, evidence, own_resource, ehr_resource, quarantine, screening, task, task_delivery, task_version, partner, connection cascade',
  );
  const partner = (id: string, categories: string[]) => ({
    id,
    tenant,
    position: 0,
    name: `The ${id}`,
    address: `https://${id}.example`,
    body: JSON.stringify({
      id,
      name: `The ${id}`,
      address: `https://${id}.example`,
      references: [`Organization/${id}`],
      categories,
    }),
  });
  const partners = [
    partner('pantry', ['food-insecurity']),
    partner('rides', ['transportation-insecurity']),
  ];
  await db.tx((tx) => directory.saveDirectory(tx, tenant, partners));
});

const consentOf = (more: object = {}) =>
  ({
    resourceType: 'Consent',
    id: 'c1',
    status: 'active',
    scope: {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' },
      ],
    },
    category: [{ coding: [{ system: actCode, code: 'IDSCL' }] }],
    patient: { reference: 'Patient/ada' },
    dateTime: '2026-11-01',
    policyRule: { text: 'Authorization to share' },
    ...more,
  }) as fhir4.Consent;

async function seed(
  consents: readonly fhir4.Consent[],
  patch: ReferralPatch = {},
): Promise<string> {
  const id = idOf('referral');
  const person = idOf('ada');
  const common = { tenant, connection, person };
  const need = {
    id,
    ...common,
    category: 'food-insecurity',
    episode: 1,
    unambiguous: true,
    sensitive: false,
  };
  const rows = [{ resourceType: 'Patient' as const, id: 'ada' }, ...consents].map((resource) => ({
    ...common,
    type: resource.resourceType,
    sourceId: resource.id ?? '',
    versionId: '1',
    lastUpdated: null,
    body: JSON.stringify(resource),
  }));
  await db.tx(async (tx) => {
    await ehrResources.saveEhrResources(tx, rows);
    await referrals.saveNeeds(tx, [
      { ...need, conditions: '[]', since: '2026-11-02T10:00:00Z', trace: newId() },
    ]);
    await referrals.patchReferrals(tx, [{ id, patch: { gate: 'consent', ...patch } }]);
  });
  return id;
}

const consentIn = async (id: string) =>
  (await ask.get(`/api/v1/reviews/${id}`).set(cookie)).body.consent;
const pageOf = async (id: string) => (await ask.get(`/review/${id}`).set(cookie)).text;
const record = (id: string, more: object = {}) =>
  ask
    .post('/api/v1/reviews/decisions')
    .set(cookie)
    .send({
      referrals: [id],
      decision: 'recordConsent',
      dateTime: '2026-11-20',
      scope: 'Food only',
      askedBy: 'Bo',
      ...more,
    });

describe('how consent stands', () => {
  it.each<[string, fhir4.Consent[], object, RegExp]>([
    [
      'permits',
      [consentOf({ provision: { type: 'permit', period: { end: '2027-01-31' } } })],
      {
        state: 'permits',
        signed: '2026-11-01',
        until: '2027-01-31T23:59:59.999Z',
        recipient: 'any',
        policy: 'Authorization to share',
        why: null,
      },
      /signed a consent to share on Nov 1, 2026. It counts until Jan 31, 2027. It permits sharing with any partner/,
    ],
    [
      'permits one partner',
      [
        consentOf({
          provision: {
            actor: [{ role: { text: 'r' }, reference: { reference: 'Organization/pantry' } }],
          },
        }),
      ],
      { state: 'permits', recipient: 'pantry' },
      /It permits sharing with The pantry only/,
    ],
    [
      'a signed no',
      [consentOf({ provision: { type: 'deny' } })],
      { state: 'signed-no', signed: '2026-11-01' },
      /signed a no on Nov 1, 2026/,
    ],
    [
      'one that ran out',
      [consentOf({ dateTime: '2025-01-05' })],
      { state: 'ran-out', signed: '2025-01-05' },
      /on Jan 5, 2025, and it has run out/,
    ],
    [
      'one that was taken back',
      [consentOf({ status: 'inactive' })],
      { state: 'withdrawn' },
      /The consent to share was taken back/,
    ],
    ['nothing', [], { state: 'none', signed: null }, /No consent to share is on file/],
    [
      'one that is not R4',
      [consentOf({ decision: 'deny' })],
      { state: 'unclear', why: expect.stringContaining('Consent.decision') },
      /FHIR R4 does not define Consent.decision/,
    ],
    [
      'a date that is withheld',
      [
        consentOf({
          provision: {
            period: {
              _start: {
                extension: [
                  {
                    url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason',
                    valueCode: 'masked',
                  },
                ],
              },
            },
          },
        }),
      ],
      { state: 'unclear', why: expect.stringContaining('Consent.provision.period._start') },
      /Consent.provision.period._start says that a value is missing or withheld/,
    ],
    [
      'a signed form of a kind that nobody has explained',
      [consentOf({ category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }] })],
      { state: 'unclear', why: expect.stringMatching(/signed document of this kind is on file/) },
      /A signed document of this kind is on file; nobody has told Loopwell what it permits/,
    ],
    [
      'no policy',
      [consentOf({ policyRule: undefined })],
      { state: 'unclear', why: expect.stringContaining('Consent.policyRule') },
      /names neither/,
    ],
    [
      'an opt-out',
      [consentOf({ policyRule: { coding: [{ system: actCode, code: 'OPTOUT' }] } })],
      { state: 'unclear', why: expect.stringContaining('Consent.policyRule') },
      /not known to permit sharing/,
    ],
    [
      'a consent to treatment, which is about something else',
      [
        consentOf({
          scope: {
            coding: [
              { system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'treatment' },
            ],
          },
        }),
      ],
      { state: 'none' },
      /No consent to share is on file/,
    ],
  ])('%s', async (_name, consents, view, sentence) => {
    const id = await seed(consents);
    expect(await consentIn(id)).toMatchObject(view);
    const page = await pageOf(id);
    expect(page).toMatch(sentence);
    // A signed no is ended in the chart, and not by a form here.
    expect(page.includes('value="recordConsent"')).toBe(
      (view as { state: string }).state !== 'signed-no',
    );
  });

  it('is unclear while a Consent that may be about the person could not be read at all', async () => {
    const id = await seed([consentOf()]);
    const body = JSON.stringify({
      resourceType: 'Consent',
      id: 'c9',
      performer: [{ reference: 'Patient/ada' }],
    });
    await db.tx((tx) =>
      saveQuarantine(tx, [
        {
          tenant,
          connection,
          type: 'Consent',
          sourceId: 'c9',
          code: 'missing-subject',
          body,
        },
      ]),
    );
    expect(await consentIn(id)).toMatchObject({
      state: 'unclear',
      why: expect.stringContaining('could not be read at all'),
    });
    const other = JSON.stringify({
      resourceType: 'Consent',
      id: 'c9',
      performer: [{ reference: 'Patient/bo' }],
    });
    await db.tx((tx) =>
      saveQuarantine(tx, [
        {
          tenant,
          connection,
          type: 'Consent',
          sourceId: 'c9',
          code: 'missing-subject',
          body: other,
        },
      ]),
    );
    expect(await consentIn(id)).toMatchObject({ state: 'permits' });
  });
});

/** How the EHR's Consents are read: cursors with their gaps, and whether reading them fails. */
type Cursors = {
  all?: object | null;
  ada?: object | null;
  bo?: object | null;
  byPatient?: boolean;
  isFailing?: boolean;
  closedBy?: string;
};

async function readWith({
  all,
  ada,
  bo,
  byPatient = false,
  isFailing = false,
  closedBy,
}: Cursors): Promise<void> {
  await db.query(
    "insert into connection (id, tenant, base, quirks) values ($1, $2, 'https://ehr.example/fhir', 'plain-r4')",
    [connection, tenant],
  );
  const scopes = { '': all, ada, bo };
  for (const [scope, gap] of Object.entries(scopes)) {
    if (gap === undefined) continue;
    const id = `${connection}/Consent/${scope}`;
    await db.query(
      `insert into pull_cursor (id, tenant, connection, type, scope, gap, closed_by, by_patient, upto, failed_at)
       values ($1, $2, $3, 'Consent', $4, $5, $6, $7, now(), case when $8 then now() end)`,
      [
        id,
        tenant,
        connection,
        scope,
        gap && JSON.stringify(gap),
        gap ? closedBy : null,
        byPatient && scope === '',
        isFailing,
      ],
    );
  }
}

describe("while the EHR's Consents are not known to the last one", () => {
  const refused = { kind: 'refused', status: 403 };
  const patientByPatient = { all: refused, byPatient: true };

  it.each<[string, Cursors, boolean]>([
    ['read for everybody', { all: null }, true],
    ['short of what the EHR says', { all: { kind: 'short', total: 5, given: 4 } }, false],
    ['failing', { all: null, isFailing: true }, false],
    [
      'failing, after falling short',
      { all: { kind: 'short', total: 5, given: 4 }, isFailing: true },
      false,
    ],
    ['refused for everybody and read for this person', { ...patientByPatient, ada: null }, true],
    ['refused for everybody and for this person', { ...patientByPatient, ada: refused }, false],
    ['refused for somebody else', { ...patientByPatient, ada: null, bo: refused }, true],
    ['failing for this person', { ...patientByPatient, ada: null, isFailing: true }, false],
    [
      'refused for this person once, and read for everybody since',
      { all: null, ada: refused },
      true,
    ],
    [
      'short, and closed by a person',
      { all: { kind: 'short', total: 5, given: 4 }, closedBy: 'person:olu' },
      true,
    ],
    [
      'closed by a person, and failing now',
      { all: { kind: 'short', total: 5, given: 4 }, closedBy: 'person:olu', isFailing: true },
      false,
    ],
    ['of a type that the EHR does not have', { all: { kind: 'not-offered', status: 404 } }, true],
    ['not asked for', {}, true],
  ])('a permit of the EHR, with Consents %s, counts: %o %o', async (_name, cursors, counts) => {
    const id = await seed([consentOf()]);
    await readWith(cursors);
    const why = counts ? null : expect.stringContaining('could not be read up to now');
    expect(await consentIn(id)).toMatchObject({ state: counts ? 'permits' : 'unclear', why });
    if (!counts)
      expect(await pageOf(id)).toContain(
        'Nothing is sent on a Consent of the EHR until they are read',
      );
  });

  it('what a reviewer recorded here counts', async () => {
    const id = await seed([]);
    await readWith({ all: { kind: 'short', total: 5, given: 4 } });
    expect((await record(id)).status).toBe(200);
    expect(await consentIn(id)).toMatchObject({ state: 'permits', recordedBy: 'person:rea' });
  });

  it('one that cannot be shown and may be anybody’s stops every permit, and says so', async () => {
    const id = await seed([consentOf()]);
    const hole = {
      tenant,
      connection,
      type: 'Consent',
      sourceId: 'hole-1',
      code: 'ehr-cannot-show',
      body: '{}',
    };
    await db.tx((tx) => saveQuarantine(tx, [hole]));
    expect(await consentIn(id)).toMatchObject({
      state: 'unclear',
      policy: null,
      why: expect.stringContaining('nobody knows whose'),
    });
    expect(await pageOf(id)).toContain('it may be a no of this person');
    await db.query('update quarantine set person = $1', [idOf('bo')]);
    expect(await consentIn(id)).toMatchObject({ state: 'permits', why: null });
  });
});

describe('a consent that is recorded', () => {
  it('shows what was written down, and what it does', async () => {
    const id = await seed([]);
    const never = 'never reads a phone number, e-mail address, birth date or street address';
    expect(await pageOf(id)).not.toContain(never);
    expect((await record(id)).status).toBe(200);
    expect(await pageOf(id)).toContain(never);
    expect(await consentIn(id)).toEqual({
      state: 'permits',
      signed: '2026-11-20',
      until: '2027-11-20T00:00:00.000Z',
      recipient: 'any',
      scope: 'Food only',
      askedBy: 'Bo',
      recordedBy: 'person:rea',
      policy: 'http://terminology.hl7.org/CodeSystem/consentpolicycodes|hipaa-auth',
      why: null,
    });
    expect(await pageOf(id)).toMatch(/which limit nothing: “Food only”/);
    await ask
      .post('/api/v1/reviews/decisions')
      .set(cookie)
      .send({ referrals: [id], decision: 'withdrawConsent' });
    expect(await consentIn(id)).toMatchObject({ state: 'withdrawn', scope: 'Food only' });
  });

  it('asks each thing once, proposes what is usual, and says what has to be filled in', async () => {
    const id = await seed([]);
    const choose = ask.post('/decide/choose').type('form').set(cookie);
    const chosen = { list: 'signature', action: 'recordConsent', person: idOf('ada') };
    for (const text of [await pageOf(id), (await choose.send(chosen)).text]) {
      expect(text.match(/Who may know/g)).toHaveLength(1);
      expect(text).not.toMatch(/May be shared with|never reads/);
      expect(text).toMatch(/value="self" selected/);
      expect(text).toMatch(/value="paper" selected/);
      expect(text).toMatch(/Where the form is <small>\(required/);
      expect(text).toMatch(/Words on the form <small>\(optional/);
      expect(text).toMatch(/name="(recordConsent\.)?askedBy"[^>]*value="rea"/);
    }
  });
  it('has no form on the list for somebody who signed a no', async () => {
    const id = await seed([consentOf({ provision: { type: 'deny' } })]);
    const { text } = await ask.get('/signature').set(cookie);
    expect(text).toMatch(/signed a no/);
    expect(text).not.toContain('name="person" value');
    const chosen = { list: 'signature', action: 'recordConsent', person: idOf('ada') };
    const page = await ask.post('/decide/choose').type('form').set(cookie).send(chosen);
    expect(page.text).not.toContain(`name="referral" value="${id}"`);
  });

  it('permits the partner that it names, and no other', async () => {
    const id = await seed([]);
    const { status, body } = await record(id, { recipient: 'rides' });
    expect([status, body.facts.field]).toEqual([400, 'recipient']);
    expect((await consentIn(id)).state).toBe('none');
    expect((await record(id, { recipient: 'pantry' })).status).toBe(200);
    expect(await consentIn(id)).toMatchObject({ state: 'permits', recipient: 'pantry' });
    expect(await pageOf(id)).toContain('sharing with The pantry only');
  });

  it('names a partner that there is', async () => {
    const id = await seed([]);
    const { status, body } = await record(id, { recipient: 'nobody' });
    expect([status, body.code, body.facts.field]).toEqual([400, 'REQUEST_INVALID', 'recipient']);
    expect((await consentIn(id)).state).toBe('none');
  });

  it('opens nothing over a signed no', async () => {
    const id = await seed([consentOf({ provision: { type: 'deny' } })]);
    const { status, body } = await record(id);
    expect([status, body.code, body.facts.rule]).toEqual([409, 'CONFLICT', 'signed-no']);
    expect((await consentIn(id)).state).toBe('signed-no');
  });
});

describe('an order or a Goal that is no agreement', () => {
  const category = [{ coding: [{ system: systems.sdohcc, code: 'food-insecurity' }] }];
  const paper = (resource: object) => {
    const { resourceType: type, id: sourceId } = resource as { resourceType: string; id: string };
    const row = {
      tenant,
      connection,
      person: idOf('ada'),
      type,
      sourceId,
      versionId: '1',
      lastUpdated: null,
    };
    return db.tx((tx) =>
      ehrResources.saveEhrResources(tx, [{ ...row, body: JSON.stringify(resource) }]),
    );
  };

  it('is named on the page and in the API, with its element', async () => {
    const id = await seed([], { gate: 'agreement' });
    await paper({
      resourceType: 'ServiceRequest',
      id: 's',
      status: 'active',
      intent: 'order',
      category,
      subject: {},
      authoredOn: '2026-11-01',
      doNotPerform: true,
    });
    await paper({
      resourceType: 'Goal',
      id: 'g',
      lifecycleStatus: 'proposed',
      category,
      subject: {},
      description: {},
    });
    const place = { path: 'ServiceRequest.intent' };
    const row = {
      tenant,
      connection,
      type: 'ServiceRequest',
      sourceId: 'q',
      person: idOf('ada'),
      code: 'malformed',
      facts: JSON.stringify(place),
      body: '{}',
    };
    await db.tx((tx) => saveQuarantine(tx, [row]));
    const { body } = await ask.get(`/api/v1/reviews/${id}`).set(cookie);
    expect(body.agreementDoubts).toMatchObject([
      {
        source: 'ServiceRequest/q',
        why: expect.stringContaining('ServiceRequest.intent cannot be read'),
      },
      { source: 'ServiceRequest/s', why: expect.stringContaining('ServiceRequest.doNotPerform') },
      { source: 'Goal/g', why: expect.stringContaining('Goal.lifecycleStatus is proposed') },
    ]);
    expect(await pageOf(id)).toContain(
      'ServiceRequest.doNotPerform says that it is not to be done',
    );
  });
});

it('marks on the list of what is out that nobody can read whether the person may be helped', async () => {
  const id = await seed([consentOf()], { state: 'partner', gate: 'partner', sent: true });
  const list = async () => (await ask.get('/waiting').set(cookie)).text;
  expect(await list()).not.toContain('Record unclear');
  const row = {
    tenant,
    connection,
    type: 'Patient',
    sourceId: 'ada',
    code: 'malformed',
    body: '{}',
  };
  await db.tx((tx) => saveQuarantine(tx, [row]));
  expect(await list()).toContain('Record unclear');
  await db.query(
    `insert into ledger (tenant, stage, subject, person, trace, batch, due, since, error_code, waits_for)
     values ($1, 'refer', $2, $3, $4, $4, now(), now(), 'RECORD_UNCLEAR', 'operator')`,
    [tenant, id, idOf('ada'), newId()],
  );
  expect(await pageOf(id)).toContain('The partner reads nothing until the chart says so');
});
