import type { fhir4 } from '@loopwell/fhir';
import { deriveId, newId, silentLog } from '@loopwell/kit';
import {
  type Database,
  ehrResources,
  ledger,
  migrate,
  openDatabase,
  type ReferralRow,
  referrals,
  saveConnection,
  writeBacks,
} from '@loopwell/store';
import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { enrichmentWorks } from '../workers.ts';

const tenant = 'o';
const base = 'https://ehr.example.org/fhir';
const idOf = (name: string) => deriveId('test', name);

let db: Database;
let scratch: { url: string; close: () => Promise<void> };

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant });
  await db.tx((tx) => saveConnection(tx, { id: 'clinic', tenant, base, quirks: 'plain-r4' }));
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});
beforeEach(async () => {
  await db.query(
    'truncate ledger, history, referral, decision, evidence, own_resource, ehr_resource, screening, task, task_delivery, task_version cascade',
  );
});

const person = idOf('ada');
const hungry = {
  linkId: '/88122-7',
  answer: [{ valueCoding: { system: 'http://loinc.org', code: 'LA28397-0' } }],
};
const rideless = {
  linkId: '/93030-5',
  answer: [{ valueCoding: { system: 'http://loinc.org', code: 'LA33-6' } }],
};

function form(id: string, change: object = {}): fhir4.Resource {
  return {
    resourceType: 'QuestionnaireResponse',
    id,
    status: 'completed',
    questionnaire: 'http://loinc.org/q/96777-8',
    subject: { reference: 'Patient/p1' },
    authored: '2026-05-04T10:00:00-05:00',
    item: [rideless],
    ...change,
  } as fhir4.Resource;
}

let version = 0;

/** As pull leaves it: the resources, and the person due. */
async function pull(...resources: fhir4.Resource[]): Promise<void> {
  version += 1;
  const batch = newId();
  await db.tx(async (tx) => {
    await ehrResources.saveEhrResources(
      tx,
      resources.map((one) => ({
        tenant,
        connection: 'clinic',
        person,
        type: one.resourceType,
        sourceId: one.id ?? '',
        versionId: String(version),
        lastUpdated: null,
        body: JSON.stringify(one),
      })),
    );
    await ledger.due(tx, [
      { tenant, stage: 'screen', subject: person, person, batch, trace: newId() },
    ]);
  });
  const [screen] = enrichmentWorks({
    db,
    nudge: async () => undefined,
    log: silentLog,
    batch: 50,
    concurrency: 1,
  });
  await screen?.work({ batch });
}

const rows = async <T extends object>(sql: string): Promise<T[]> => (await db.query<T>(sql)).rows;
const screenings = () =>
  rows<{ outcome: string; quarantine: string | null }>(
    'select outcome, quarantine from screening order by outcome',
  );
const referralRows = () => rows<ReferralRow>('select * from referral order by category, episode');
const conditions = async () =>
  (
    await rows<{ body: string }>(
      "select body from own_resource where type = 'Condition' order by id",
    )
  ).map((one) => JSON.parse(one.body) as fhir4.Condition);
const verification = async () =>
  (await conditions()).map((one) => one.verificationStatus?.coding?.[0]?.code);
const patch = (
  id: string,
  change: Parameters<typeof referrals.patchReferrals>[1][number]['patch'],
) => db.tx((tx) => referrals.patchReferrals(tx, [{ id, patch: change }]));
const isDue = async (id: string) =>
  (await rows<{ subject: string }>("select subject from ledger where stage = 'refer'")).some(
    (one) => one.subject === id,
  );

describe('screening a person', () => {
  it('leaves Observations, an unconfirmed Condition with its evidence and Provenance, and one referral due', async () => {
    await pull({ resourceType: 'Patient', id: 'p1' } as fhir4.Resource, form('r1'));
    expect(await screenings()).toEqual([{ outcome: 'coded', quarantine: null }]);
    expect(await verification()).toEqual(['unconfirmed']);
    expect(await rows('select type from own_resource order by type')).toEqual([
      { type: 'Condition' },
      { type: 'Observation' },
      { type: 'Provenance' },
    ]);
    expect(await rows('select condition from evidence')).toHaveLength(1);
    const [referral] = await referralRows();
    expect(referral).toMatchObject({
      category: 'transportation-insecurity',
      episode: 1,
      state: 'waiting',
      unambiguous: true,
      sensitive: false,
    });
    expect(await isDue(referral?.id ?? '')).toBe(true);
  });

  it('keeps the one form that cannot be read for a person, and codes what is beside it', async () => {
    await pull(form('bad', { item: [{ linkId: '/93030-5', answer: 'yes' }] }), form('r1'));
    expect(await screenings()).toEqual([
      { outcome: 'coded', quarantine: null },
      { outcome: 'needsPerson', quarantine: null },
    ]);
  });

  it('reads an Observation by the words of its question where no code tells it', async () => {
    const text =
      'Within the past 12 months, we worried that our food would run out before we got the money to buy more.';
    const told = {
      status: 'final',
      subject: { reference: 'Patient/p1' },
      effectiveDateTime: '2026-05-04',
      valueString: 'Often true',
    };
    await pull({
      resourceType: 'Observation',
      id: 'o1',
      code: { text },
      ...told,
    } as fhir4.Resource);
    expect(await screenings()).toEqual([{ outcome: 'coded', quarantine: null }]);
    expect(await referralRows()).toMatchObject([{ category: 'food-insecurity', state: 'waiting' }]);
  });

  it('comes to the same in one pass and in three, and doing it again changes nothing', async () => {
    const later = form('r2', { item: [hungry, rideless], authored: '2026-06-04T10:00:00-05:00' });
    const earlier = form('r0', { item: [rideless], authored: '2020-06-04' });
    await pull(later);
    await pull(form('r1'));
    await pull(earlier);
    const inThree = await conditions();
    const versions = await rows("select version from own_resource where type = 'Condition'");
    await pull(form('r1'));
    expect(await rows("select version from own_resource where type = 'Condition'")).toEqual(
      versions,
    );
    await db.query(
      'truncate ledger, history, referral, evidence, own_resource, ehr_resource, screening cascade',
    );
    await pull(earlier, later, form('r1'));
    expect(await conditions()).toEqual(inThree);
  });
});

describe('an answer that is taken back', () => {
  const inError = form('r1', { status: 'entered-in-error' });

  it('takes its suggestion and the referral that nobody has looked at with it', async () => {
    await pull(form('r1'));
    await pull(inError);
    const [referral] = await referralRows();
    expect(await verification()).toEqual(['entered-in-error']);
    expect(referral).toMatchObject({ approval: 'refused', approved_by: 'system:enrichment' });
    expect(await isDue(referral?.id ?? '')).toBe(true);
  });

  it('opens the next episode when it is given again', async () => {
    await pull(form('r1'));
    await pull(inError);
    await pull(form('r1'));
    expect(await verification()).toEqual(['unconfirmed']);
    expect((await referralRows()).map((one) => [one.episode, one.approval])).toEqual([
      [1, 'refused'],
      [2, null],
    ]);
    await pull(form('r2', { authored: '2026-06-01' }));
    expect(await referralRows()).toHaveLength(2);
  });

  it('sends a referral that was approved back to its reviewer, and leaves the Condition as it is', async () => {
    await pull(form('r1'));
    const [before] = await referralRows();
    await patch(before?.id ?? '', {
      approval: 'approved',
      approved_by: 'person:rea',
      approved_at: new Date(),
    });
    await pull(
      inError,
      form('r2', {
        item: [
          {
            linkId: '/96779-4',
            answer: [{ valueCoding: { system: 'http://loinc.org', code: 'LA32-8' } }],
          },
        ],
      }),
    );
    const [after] = await referralRows();
    expect(after).toMatchObject({
      state: 'waiting',
      approval: null,
      gate: 'review',
      unambiguous: false,
    });
    expect(await verification()).toEqual(['unconfirmed']);
    expect(await screenings()).toContainEqual({ outcome: 'needsPerson', quarantine: null });
    await pull(inError);
    expect(await referralRows()).toMatchObject([{ state: 'waiting', approval: null }]);
    expect(await verification()).toEqual(['unconfirmed']);
  });

  it('takes nothing back from a partner that has the referral', async () => {
    await pull(form('r1'));
    const [before] = await referralRows();
    await patch(before?.id ?? '', {
      approval: 'approved',
      approved_by: 'policy:unambiguous',
      approved_at: new Date(),
      state: 'partner',
      sent: true,
    });
    await pull(inError);
    expect(await referralRows()).toMatchObject([{ state: 'partner', approval: 'approved' }]);
    expect(await verification()).toEqual(['unconfirmed']);
    expect(await screenings()).toEqual([{ outcome: 'needsPerson', quarantine: null }]);
  });
});

describe('a security label', () => {
  const labels = async () =>
    (await conditions()).map((one) => one.meta?.security?.map((label) => label.code));
  const eth = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'ETH' };

  it('of the form is on what is made of it, and restricts the referral', async () => {
    await pull(form('r1', { meta: { security: [eth] } }));
    expect(await labels()).toEqual([['ETH']]);
    expect(await referralRows()).toMatchObject([{ restriction: 'named-consent' }]);
  });

  it('that comes later restricts what was coded, and nothing of it is written into the EHR any more', async () => {
    await pull(form('r1'));
    const [referral] = await referralRows();
    expect(referral?.restriction).toBeNull();
    await patch(referral?.id ?? '', {
      approval: 'approved',
      approved_by: 'person:rea',
      approved_at: new Date(),
    });
    const [madeId] = (
      await rows<{ id: string }>("select id from own_resource where type = 'Condition'")
    ).map((one) => one.id);
    const copy = {
      madeId: madeId ?? '',
      tenant,
      connection: 'clinic',
      person,
      referral: referral?.id ?? '',
      type: 'Condition' as const,
    };
    await db.tx((tx) => writeBacks.wantWriteBacks(tx, [{ ...copy, version: 1 }]));
    await pull(
      form('r1', {
        status: 'amended',
        meta: { security: [{ system: 'urn:site', code: 'teens' }] },
      }),
    );
    expect(await labels()).toEqual([['teens']]);
    expect(await referralRows()).toMatchObject([{ restriction: 'one-recipient' }]);
    expect(await rows('select 1 from write_back')).toEqual([]);
    expect(await db.tx((tx) => writeBacks.wantWriteBacks(tx, [{ ...copy, version: 2 }]))).toEqual(
      new Set(),
    );
    expect(await rows('select 1 from write_back')).toEqual([]);
  });
});

describe('evidence', () => {
  it('is what the answers say now, and to what people decided it is only added', async () => {
    const sources = async () =>
      (await rows<{ source: string }>('select source from evidence order by source')).map(
        (one) => one.source,
      );
    const later = form('r2', { authored: '2026-06-04T10:00:00-05:00' });
    await pull(form('r1'), later);
    expect(await sources()).toEqual(['QuestionnaireResponse/r1', 'QuestionnaireResponse/r2']);
    await pull(form('r1', { status: 'entered-in-error' }));
    expect(await sources()).toEqual(['QuestionnaireResponse/r2']);
    const [referral] = await referralRows();
    await patch(referral?.id ?? '', {
      approval: 'approved',
      approved_by: 'person:rea',
      approved_at: new Date(),
    });
    await pull(
      form('r3', { authored: '2026-07-04T10:00:00-05:00' }),
      form('r2', { status: 'entered-in-error' }),
    );
    expect(await sources()).toEqual(['QuestionnaireResponse/r2', 'QuestionnaireResponse/r3']);
  });
});

describe('a need that was refused', () => {
  const refuse = async () => {
    const [referral] = await referralRows();
    await patch(referral?.id ?? '', {
      approval: 'refused',
      approved_by: 'person:rea',
      approved_at: new Date(),
      state: 'withdrawn',
      gate: null,
    });
  };

  it('stays refused for the answers that were there, and is suggested anew by one that came since, whenever it was given', async () => {
    await pull(form('r1'));
    await refuse();
    await pull(form('r1'));
    expect(await referralRows()).toHaveLength(1);
    await pull(form('r2', { authored: '2026-05-03T10:00:00-05:00' }));
    await pull(form('r2', { authored: '2026-05-03T10:00:00-05:00' }));
    expect((await referralRows()).map((one) => [one.episode, one.approval])).toEqual([
      [1, 'refused'],
      [2, null],
    ]);
  });

  it('is not reopened by an Observation of the form that told it', async () => {
    await pull(form('r1'));
    await refuse();
    await pull({
      resourceType: 'Observation',
      id: 'o1',
      status: 'final',
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
      code: { coding: [{ system: 'http://loinc.org', code: '93030-5' }] },
      subject: { reference: 'Patient/p1' },
      effectiveDateTime: '2026-05-04T10:00:00-05:00',
      valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: 'LA33-6' }] },
      derivedFrom: [{ reference: 'QuestionnaireResponse/r1' }],
    } as fhir4.Resource);
    expect(await referralRows()).toHaveLength(1);
  });

  it('is suggested anew without what was refused, and no policy says yes to it', async () => {
    const utilities = (code: string) => [
      { linkId: '/96779-4', answer: [{ valueCoding: { system: 'http://loinc.org', code } }] },
    ];
    await pull(form('r1', { item: utilities('LA32002-0') }));
    await refuse();
    const [refused] = await referralRows();
    const later = form('r2', { item: utilities('LA33-6'), authored: '2026-06-04T10:00:00-05:00' });
    for (const _again of [1, 2]) {
      await pull(later);
      const [, anew] = await referralRows();
      expect(anew).toMatchObject({ episode: 2, approval: null, danger: null, unambiguous: false });
      expect(anew?.conditions).not.toBe(refused?.conditions);
      expect(JSON.parse(anew?.conditions ?? '[]')).toHaveLength(1);
    }
  });

  it('is danger again when the form that told it is amended', async () => {
    const utilities = (code: string) => [
      { linkId: '/96779-4', answer: [{ valueCoding: { system: 'http://loinc.org', code } }] },
    ];
    await pull(form('r1', { item: utilities('LA33-6') }));
    await refuse();
    await pull(form('r1', { item: utilities('LA32002-0'), status: 'amended' }));
    expect((await referralRows()).map((one) => one.danger)).toEqual([
      null,
      'utilities are shut off',
    ]);
  });
});

describe('what people decided about a suggestion', () => {
  it('is kept while nothing supports it: an agreement, a consent, a day to look again', async () => {
    const decided = [
      { agreement_on: '2026-05-05', agreement_by: 'Rea', agreement_source: 'reviewer' },
      { consent_recorded: '{}' },
      { service_chosen_by: 'person:rea' },
      { postponed_until: '2027-01-01' },
    ];
    for (const change of decided) {
      await db.query(
        'truncate ledger, history, referral, decision, evidence, own_resource, ehr_resource, screening, task, task_delivery, task_version cascade',
      );
      await pull(form('r1'));
      const [referral] = await referralRows();
      await patch(referral?.id ?? '', change);
      await pull(form('r1', { status: 'entered-in-error' }));
      expect(await referralRows()).toMatchObject([
        { approval: null, state: 'waiting', unambiguous: false },
      ]);
    }
  });

  it('is kept though what it rests on is gone, once somebody has said yes knowing that', async () => {
    await pull(form('r1'));
    const [referral] = await referralRows();
    const approve = () =>
      patch(referral?.id ?? '', {
        approval: 'approved',
        approved_by: 'person:rea',
        approved_at: new Date(),
      });
    await approve();
    await pull(form('r1', { status: 'entered-in-error' }));
    expect(await referralRows()).toMatchObject([{ approval: null, doubted: true }]);
    await approve();
    await pull(form('r2', { item: [hungry] }));
    expect((await referralRows()).find((one) => one.id === referral?.id)).toMatchObject({
      approval: 'approved',
      doubted: true,
    });
    await pull(form('r3'));
    await pull(form('r3', { status: 'entered-in-error' }));
    expect((await referralRows()).find((one) => one.id === referral?.id)).toMatchObject({
      approval: null,
      doubted: true,
    });
  });

  it('does not outlive the EHR where only a policy said yes: a Condition that is refuted there takes its need with it', async () => {
    const onFile = (verification: string) =>
      ({
        resourceType: 'Condition',
        id: 'c1',
        clinicalStatus: { coding: [{ code: 'active' }] },
        verificationStatus: { coding: [{ code: verification }] },
        code: { coding: [{ system: 'http://snomed.info/sct', code: '551691000124106' }] },
        recordedDate: '2026-06-01',
      }) as fhir4.Resource;
    await pull(onFile('confirmed'), form('r1'));
    const [referral] = await referralRows();
    expect(referral?.confirmed).toBe(true);
    await patch(referral?.id ?? '', {
      approval: 'approved',
      approved_by: 'policy:confirmed-in-ehr',
      approved_at: new Date(),
    });
    await pull(onFile('refuted'));
    expect(await referralRows()).toMatchObject([
      { approval: 'refused', approved_by: 'system:enrichment' },
    ]);
  });

  it('counts in the EHR too: a need whose Condition is confirmed there is marked so, and shut-off utilities as danger', async () => {
    const onFile = {
      resourceType: 'Condition',
      id: 'c1',
      clinicalStatus: { coding: [{ code: 'active' }] },
      verificationStatus: { coding: [{ code: 'confirmed' }] },
      code: { coding: [{ system: 'http://snomed.info/sct', code: '551691000124106' }] },
    } as fhir4.Resource;
    const shutOff = {
      linkId: '/96779-4',
      answer: [{ valueCoding: { system: 'http://loinc.org', code: 'LA32002-0' } }],
    };
    await pull(onFile, form('r1', { item: [rideless, shutOff] }));
    expect(await referralRows()).toMatchObject([
      { category: 'transportation-insecurity', confirmed: true, danger: null },
      { category: 'utility-insecurity', confirmed: false, danger: 'utilities are shut off' },
    ]);
    expect(await referralRows()).toMatchObject([
      { danger_kind: null },
      { danger_kind: 'call-today' },
    ]);
  });
});

describe('somebody on duty', () => {
  const alerts = () =>
    rows<{ kind: string; person: string }>('select kind, person from duty_alert order by kind');
  const hurt = { linkId: '/95618-5', answer: [coded('LA10066-1')] };
  const shutOff = { linkId: '/96779-4', answer: [coded('LA32002-0')] };
  const safe = { linkId: '/95618-5', answer: [coded('LA6270-8')] };
  function coded(code: string) {
    return { valueCoding: { system: 'http://loinc.org', code } };
  }

  it.each<[string, object[], string[]]>([
    ['of an answer about safety', [hurt], ['see-first']],
    ['of an answer about safety that is incomplete', [safe], ['see-first']],
    ['of power that is off', [shutOff], ['call-today']],
    ['of both, each for itself', [hurt, shutOff], ['call-today', 'see-first']],
  ])('is told %s, once', async (_, item, kinds) => {
    await db.query('truncate duty_alert');
    const authored = new Date().toISOString();
    await pull(form('r1', { authored, item }));
    expect(await alerts()).toEqual(kinds.map((kind) => ({ kind, person })));
    await pull(form('r2', { authored, item }));
    expect(await alerts()).toEqual(kinds.map((kind) => ({ kind, person })));
  });

  it('is told of nothing else', async () => {
    await db.query('truncate duty_alert');
    await pull(form('r1'));
    expect(await alerts()).toEqual([]);
  });
});

describe('a person who is due at both stages', () => {
  it('is coded by one after the other: new answers wait for whoever codes the old ones', async () => {
    await pull(form('r1'));
    const batch = newId();
    await db.tx((tx) =>
      ledger.due(tx, [{ tenant, stage: 'code', subject: person, person, batch, trace: newId() }]),
    );
    let screened = Promise.resolve();
    const waiting = async () =>
      (
        await rows<{ n: number }>(
          "select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        )
      )[0]?.n;
    await db.tx(async (tx) => {
      expect(await ledger.claim(tx, 'code', { batch }, 10)).toHaveLength(1);
      screened = pull(form('r2', { authored: '2026-05-05T10:00:00-05:00', item: [hungry] }));
      while ((await waiting()) !== 1);
      expect(await screenings()).toHaveLength(1);
    });
    await screened;
    expect(await screenings()).toHaveLength(2);
    const [, code] = enrichmentWorks({
      db,
      nudge: async () => undefined,
      log: silentLog,
      batch: 50,
      concurrency: 1,
    });
    await code?.work({ batch });
    expect([
      await screenings(),
      await rows("select 1 from ledger where stage in ('screen', 'code')"),
    ]).toEqual([expect.any(Array), []]);
    expect(await verification()).toEqual(['unconfirmed', 'unconfirmed']);
  });
});

describe('a time without an offset', () => {
  const authoredNow = async () =>
    (await rows<{ authored: string }>('select authored from screening')).map((one) => one.authored);
  const evening = form('r1', { authored: '2026-09-30T23:40:00' });

  it('is a day, and of the zone of the site where that is stored with the connection or set for the process', async () => {
    await pull(evening);
    expect(await authoredNow()).toEqual(['2026-09-30T23:40:00']);
    const batch = newId();
    const due = () =>
      db.tx((tx) =>
        ledger.due(tx, [{ tenant, stage: 'code', subject: person, person, batch, trace: newId() }]),
      );
    const codeIn = async (timeZone?: string) => {
      await due();
      const [, code] = enrichmentWorks({
        db,
        nudge: async () => undefined,
        log: silentLog,
        batch: 50,
        concurrency: 1,
        place: { timeZone },
      });
      await code?.work({ batch });
    };
    await codeIn('America/New_York');
    expect(await authoredNow()).toEqual(['2026-09-30T23:40:00-04:00']);
    await db.query("update connection set choices = $1 where id = 'clinic'", [
      JSON.stringify({ timeZone: 'America/Chicago' }),
    ]);
    await codeIn('America/New_York');
    expect(await authoredNow()).toEqual(['2026-09-30T23:40:00-05:00']);
    await db.query("update connection set choices = null where id = 'clinic'");
  });
});

describe('what a connection keeps', () => {
  it('changes what is named and leaves the rest; an empty map ends the one before', async () => {
    const clinic = { id: 'clinic', tenant, base, quirks: 'plain-r4' };
    const kept = async (change: object) => {
      await db.tx((tx) => saveConnection(tx, { ...clinic, ...change }));
      const [row] = await rows<{ concept_map: string | null; choices: string | null }>(
        "select concept_map, choices from connection where id = 'clinic'",
      );
      return [row?.concept_map, row?.choices && JSON.parse(row.choices)];
    };
    expect(await kept({ concept_map: '{"a":1}', choices: '{"interpretNegative":true}' })).toEqual([
      '{"a":1}',
      { interpretNegative: true },
    ]);
    const both = { interpretNegative: true, withoutIcd10cm: true };
    expect(await kept({ choices: '{"withoutIcd10cm":true}' })).toEqual(['{"a":1}', both]);
    expect(await kept({ concept_map: null, choices: null })).toEqual(['{"a":1}', both]);
    expect(
      await kept({
        concept_map: '',
        choices: '{"interpretNegative":false,"withoutIcd10cm":false}',
      }),
    ).toEqual([null, { interpretNegative: false, withoutIcd10cm: false }]);
  });
});
