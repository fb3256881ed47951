import type { Tx } from '../database/database.ts';
import { readGaps, readNotices, sentencesOf, type Unread, unreadOf } from './reading-gaps.ts';
import { byFirst, placeTotals, readTotals } from './running-totals.ts';
import { countAttention } from './worklist.ts';

/** Totals of a data directory. Each unit is counted in exactly one place. */
export type RunTotals = {
  encounters: Record<
    'pulled' | 'coded' | 'nothingToCode' | 'needsPerson' | 'quarantined' | 'inProgress',
    number
  >;
  /**
   * `read` is the sum of the four after it. `needsPerson`, and `danger` among them, are those that
   * no person has looked at yet.
   */
  screenings: Record<
    'read' | 'attached' | 'unattached' | 'quarantined' | 'inProgress' | 'needsPerson' | 'danger',
    number
  >;
  conditions: Record<'created' | 'evidenceAdded', number>;
  referrals: {
    needed: number;
    waiting: Record<Waiting, number>;
    closed: number;
    failed: number;
    withdrawn: number;
    sent: number;
  };
  /** `altered`: the EHR took it and stores something else. */
  writeBack: Record<'done' | 'refused' | 'altered' | 'waiting', number>;
  quarantine: { code: string; count: number; example: string }[];
  /** Types of EHRs that are not read, or not all of them, with a sentence for each. */
  unread: Unread[];
  /** Notices from reading EHRs that lost nothing, one sentence each. */
  notices: string[];
};

/** The places at which a referral may wait. */
export const waitingPlaces = [
  'saidNo',
  'review',
  'listGiven',
  'withSibling',
  'withoutHelp',
  'agreement',
  'consent',
  'noServiceCode',
  'noPartner',
  'underWay',
  'hold',
  'send',
  'partner',
] as const;
export type Waiting = (typeof waitingPlaces)[number];

/**
 * Reads the totals of a run. Call it inside one repeatable-read transaction: the sums must add up
 * while workers work.
 */
export async function readRunTotals(tx: Tx, tenant: string): Promise<RunTotals> {
  return {
    encounters: await encounterPlaces(tx, tenant),
    screenings: await screeningPlaces(tx, tenant),
    conditions: await conditionCounts(tx, tenant),
    referrals: await referralPlaces(tx, tenant),
    writeBack: await copyPlaces(tx, tenant),
    quarantine: await quarantineCodes(tx, tenant),
    unread: (await readGaps(tx, tenant)).map(unreadOf),
    notices: sentencesOf(await readNotices(tx, tenant)),
  };
}

const count = async (tx: Tx, sql: string, tenant: string): Promise<Map<string, number>> => {
  const { rows } = await tx.query<{ place: string; n: number }>(sql, [tenant]);
  return new Map(rows.map((row) => [row.place, Number(row.n)]));
};

/**
 * Counts Encounters by place. The first that fits counts: quarantined, inProgress, coded,
 * needsPerson, nothingToCode. All Encounters of a person whose coding was parked for an operator
 * are quarantined. An Encounter without answers is in progress while answers are read for the first
 * time, or could not be read and no person has closed that gap.
 */
async function encounterPlaces(tx: Tx, tenant: string): Promise<RunTotals['encounters']> {
  const places = await count(
    tx,
    `with people as (
       select person, bool_or(waits_for = 'operator') as parked,
         bool_or(waits_for <> 'operator') as busy
         from ledger where tenant = $1 and stage in ('screen', 'code') and person is not null
           group by person),
     unread as materialized (
       select distinct u.connection, p.person from unread_cursor u
         left join ehr_resource p on p.tenant = $tenant and u.scope <> ''
           and p.connection = u.connection and p.type = 'Patient' and p.source_id = u.scope
        where u.tenant = $1 and u.closed_by is null and u.type in ('QuestionnaireResponse',
          'Observation')),
     reading as (
       select distinct l.connection from pull_cursor l
         join ledger d on d.tenant = $tenant and d.stage = 'pull' and d.subject = l.id
        where l.tenant = $1 and l.upto is null and l.gap is null and d.waits_for <> 'operator'
          and l.type in ('QuestionnaireResponse', 'Observation')
       union
       select connection from unread where person is null),
     told as (
       select connection, encounter, bool_or(outcome = 'quarantined') as quarantined,
         bool_or(outcome = 'coded') as coded,
              bool_or(outcome = 'needsPerson') as needs_person
         from screening where encounter is not null and tenant = $1 group by connection, encounter),
     every as (
       select connection, source_id, person, false as unread from ehr_resource
         where type = 'Encounter' and tenant = $1
       union all
       select connection, source_id, person, true from quarantine where type = 'Encounter'
         and tenant = $1),
     units as (
       select connection, source_id, (array_agg(person) filter (where person is not null))[1] as
         person, bool_or(unread) as unread
         from every group by connection, source_id)
     select case when u.unread or t.quarantined or p.parked then 'quarantined' when p.busy
       then 'inProgress'
                 when t.coded then 'coded' when t.needs_person then 'needsPerson'
                 when r.connection is not null or y.connection is not null then 'inProgress'
                   else 'nothingToCode' end as place,
            count(*) as n
       from units u
       left join told t on t.connection = u.connection and t.encounter = u.source_id
       left join people p on p.person = u.person
       left join reading r on r.connection = u.connection
       left join unread y on y.connection = u.connection and y.person = u.person
      group by 1`,
    tenant,
  );
  const get = (place: string) => places.get(place) ?? 0;
  return {
    pulled: [...places.values()].reduce((sum, n) => sum + n, 0),
    coded: get('coded'),
    nothingToCode: get('nothingToCode'),
    needsPerson: get('needsPerson'),
    quarantined: get('quarantined'),
    inProgress: get('inProgress'),
  };
}

/**
 * Counts screenings by place. A QuestionnaireResponse or Observation that could not even be kept
 * counts as a screening that was read.
 */
async function screeningPlaces(tx: Tx, tenant: string): Promise<RunTotals['screenings']> {
  const places = await count(
    tx,
    `select place, count(*) as n from (
       select case when outcome in ('quarantined', 'inProgress') then outcome when encounter is null
         then 'unattached'
                   else 'attached' end as place from screening where tenant = $1
       union all
       select 'quarantined' from quarantine where type in ('QuestionnaireResponse', 'Observation')
         and tenant = $1) x
      group by place`,
    tenant,
  );
  const get = (place: string) => places.get(place) ?? 0;
  const [attached, unattached, quarantined, inProgress] = [
    get('attached'),
    get('unattached'),
    get('quarantined'),
    get('inProgress'),
  ];
  const { all: needsPerson, danger } = await countAttention(tx, tenant);
  const read = attached + unattached + quarantined + inProgress;
  return { read, attached, unattached, quarantined, inProgress, needsPerson, danger };
}

/**
 * Counts the Conditions that we made, and the evidence that was added. `evidenceAdded` counts
 * pieces beyond the first of a Condition that we made, and all on a Condition of the EHR.
 */
async function conditionCounts(tx: Tx, tenant: string): Promise<RunTotals['conditions']> {
  const { rows } = await tx.query<{ created: number; added: number }>(
    `select (select count(*) from own_resource where type = 'Condition' and tenant = $1) as created,
            coalesce(sum(case when condition like 'Condition/%' then n else n - 1 end), 0) as added
       from (select condition, count(*) as n from evidence where tenant = $1 group by condition) x`,
    [tenant],
  );
  return { created: Number(rows[0]?.created ?? 0), evidenceAdded: Number(rows[0]?.added ?? 0) };
}

async function referralPlaces(tx: Tx, tenant: string): Promise<RunTotals['referrals']> {
  const places = await placeTotals(tx, tenant);
  const get = (place: string) => places.get(place) ?? 0;
  const waiting = Object.fromEntries(waitingPlaces.map((place) => [place, get(place)])) as Record<
    Waiting,
    number
  >;
  const sent = byFirst(await readTotals(tx, tenant, ['sent']), 'sent').get('') ?? 0;
  const [closed, failed, withdrawn] = [get('closed'), get('failed'), get('withdrawn')];
  const inWaiting = Object.values(waiting).reduce((sum, n) => sum + n, 0);
  return {
    needed: inWaiting + closed + failed + withdrawn,
    waiting,
    closed,
    failed,
    withdrawn,
    sent,
  };
}

async function copyPlaces(tx: Tx, tenant: string): Promise<RunTotals['writeBack']> {
  const places = byFirst(await readTotals(tx, tenant, ['write-back']), 'write-back');
  const get = (place: string) => places.get(place) ?? 0;
  return {
    done: get('done'),
    refused: get('refused'),
    altered: get('altered'),
    waiting: get('waiting'),
  };
}

/**
 * Counts all that could not be read, by reason, with the id of one example: resources, screenings,
 * links between Patients that cannot be followed, work that was parked for an operator, and types
 * that the EHR gives for single patients only while no patient is known.
 */
async function quarantineCodes(tx: Tx, tenant: string): Promise<RunTotals['quarantine']> {
  const { rows } = await tx.query<{ code: string; n: number; example: string }>(
    `select code, count(*) as n, min(example) as example from (
       select code, type || '/' || source_id as example from quarantine where tenant = $1
       union all
       select coalesce(quarantine, 'unreadable'), coalesce(sources::jsonb ->> 0,
         'Screening/' || id::text) from screening
        where tenant = $1 and outcome = 'quarantined'
       union all
       select problem, 'Patient/' || patient_id from patient_link
        where tenant = $1 and problem is not null
       union all
       select coalesce(error_code, 'INTERNAL'), stage || '/' || subject from ledger
        where tenant = $1 and waits_for = 'operator' and error_code is not null
       union all
       select 'no-patients-named', 'pull/' || l.id from pull_cursor l
        where l.tenant = $1 and l.by_patient and l.scope = ''
          and not exists (select 1 from pull_cursor o where o.tenant = $tenant
          and o.connection = l.connection
            and o.type = l.type and o.scope <> '')
       ) x group by code order by code`,
    [tenant],
  );
  return rows.map((row) => ({ code: row.code, count: Number(row.n), example: row.example }));
}

/** Counts the work that was neither done nor handed to a person, which a timeout cut short. */
export async function readUnfinished(
  tx: Tx,
  tenant: string,
): Promise<{ stage: string; code: string | null; count: number; example: string }[]> {
  const { rows } = await tx.query<{
    stage: string;
    code: string | null;
    n: number;
    example: string;
  }>(
    `select l.stage, l.error_code as code, count(*) as n, min(l.subject) as example from ledger l
       left join pull_cursor p on p.tenant = $tenant and l.stage = 'pull' and p.id = l.subject
      where l.tenant = $1 and (l.waits_for = 'worker' or (l.waits_for = 'ehr'
        and (l.error_code is not null or (p.upto is null and p.gap is null))))
      group by 1, 2 order by 1, 2`,
    [tenant],
  );
  return rows.map(({ stage, code, n, example }) => ({ stage, code, count: Number(n), example }));
}

/**
 * Lists the notes on types that the EHR gives for single patients only, while no patient is known.
 */
export async function readUnreadNotes(tx: Tx, tenant: string): Promise<string[]> {
  const { rows } = await tx.query<{ note: string }>(
    `select distinct note from pull_cursor l where tenant = $1 and by_patient and scope = ''
      and note is not null
        and not exists (select 1 from pull_cursor o where o.tenant = $tenant
        and o.connection = l.connection
          and o.type = l.type and o.scope <> '') order by 1`,
    [tenant],
  );
  return rows.map((row) => row.note);
}

/** Tells whether anything has been read from an EHR, or an EHR at least answered what was asked. */
export async function hasReadAnything(tx: Tx, tenant: string): Promise<boolean> {
  const { rows } = await tx.query<{ any: boolean }>(
    `select exists (select 1 from ehr_resource where tenant = $1) or exists (select 1
      from quarantine where tenant = $1)
         or exists (select 1 from pull_cursor where tenant = $1 and (upto is not null
           or gap is not null)) as any`,
    [tenant],
  );
  return rows[0]?.any ?? false;
}
