import type { Tx } from './database.ts';

/** Accounts of a data directory: each unit is in exactly one place. */
export type Accounts = {
  encounters: Record<'pulled' | 'coded' | 'nothingToCode' | 'needsPerson' | 'quarantined' | 'inProgress', number>;
  screenings: Record<'read' | 'attached' | 'unattached' | 'quarantined', number>;
  conditions: Record<'created' | 'evidenceAdded', number>;
  referrals: {
    needed: number;
    waiting: Record<Waiting, number>;
    closed: number;
    failed: number;
    withdrawn: number;
    sent: number;
  };
  writeBack: Record<'done' | 'refused' | 'waiting', number>;
  quarantine: { code: string; count: number; example: string }[];
};

export const waitingPlaces = ['review', 'agreement', 'consent', 'noServiceCode', 'noPartner', 'hold', 'send', 'partner'] as const;
export type Waiting = (typeof waitingPlaces)[number];

/**
 * One snapshot of where everything is. Call it inside one repeatable-read transaction: the sums must add up while
 * workers work.
 */
export async function readAccounts(tx: Tx, organisation: string): Promise<Accounts> {
  return {
    encounters: await encounterPlaces(tx, organisation),
    screenings: await screeningPlaces(tx, organisation),
    conditions: await conditionCounts(tx, organisation),
    referrals: await referralPlaces(tx, organisation),
    writeBack: await copyPlaces(tx, organisation),
    quarantine: await quarantineCodes(tx, organisation),
  };
}

const count = async (tx: Tx, sql: string, organisation: string): Promise<Map<string, number>> => {
  const { rows } = await tx.query<{ place: string; n: number }>(sql, [organisation]);
  return new Map(rows.map((row) => [row.place, Number(row.n)]));
};

/** Precedence: quarantined, inProgress, coded, needsPerson, nothingToCode. */
async function encounterPlaces(tx: Tx, organisation: string): Promise<Accounts['encounters']> {
  const places = await count(
    tx,
    `with busy as (select distinct person from ledger where stage in ('screen', 'code') and person is not null),
     told as (
       select connection, encounter, bool_or(outcome = 'quarantined') as quarantined, bool_or(outcome = 'coded') as coded,
              bool_or(outcome = 'needsPerson') as needs_person
         from screening where encounter is not null and organisation = $1 group by connection, encounter),
     every as (
       select connection, source_id, person, false as unread from pulled where type = 'Encounter' and organisation = $1
       union all
       select connection, source_id, person, true from quarantine where type = 'Encounter' and organisation = $1),
     units as (
       select connection, source_id, (array_agg(person) filter (where person is not null))[1] as person, bool_or(unread) as unread
         from every group by connection, source_id)
     select case when u.unread or t.quarantined then 'quarantined' when b.person is not null then 'inProgress'
                 when t.coded then 'coded' when t.needs_person then 'needsPerson' else 'nothingToCode' end as place,
            count(*) as n
       from units u
       left join told t on t.connection = u.connection and t.encounter = u.source_id
       left join busy b on b.person = u.person
      group by 1`,
    organisation,
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

/** A QuestionnaireResponse or Observation that could not even be kept counts as a screening that was read. */
async function screeningPlaces(tx: Tx, organisation: string): Promise<Accounts['screenings']> {
  const places = await count(
    tx,
    `select place, count(*) as n from (
       select case when outcome = 'quarantined' then 'quarantined' when encounter is null then 'unattached'
                   else 'attached' end as place from screening where organisation = $1
       union all
       select 'quarantined' from quarantine where type in ('QuestionnaireResponse', 'Observation') and organisation = $1) x
      group by place`,
    organisation,
  );
  const get = (place: string) => places.get(place) ?? 0;
  const [attached, unattached, quarantined] = [get('attached'), get('unattached'), get('quarantined')];
  return { read: attached + unattached + quarantined, attached, unattached, quarantined };
}

/** `evidenceAdded`: pieces of evidence beyond the first of a Condition that we made, and all on a Condition of the EHR. */
async function conditionCounts(tx: Tx, organisation: string): Promise<Accounts['conditions']> {
  const { rows } = await tx.query<{ created: number; added: number }>(
    `select (select count(*) from made where type = 'Condition' and organisation = $1) as created,
            coalesce(sum(case when condition like 'Condition/%' then n else n - 1 end), 0) as added
       from (select condition, count(*) as n from evidence where organisation = $1 group by condition) x`,
    [organisation],
  );
  return { created: Number(rows[0]?.created ?? 0), evidenceAdded: Number(rows[0]?.added ?? 0) };
}

async function referralPlaces(tx: Tx, organisation: string): Promise<Accounts['referrals']> {
  const places = await count(
    tx,
    `select case when state = 'waiting' then coalesce(gate, 'review') else state end as place, count(*) as n
       from referral where organisation = $1 group by 1`,
    organisation,
  );
  const get = (place: string) => places.get(place) ?? 0;
  const waiting = Object.fromEntries(waitingPlaces.map((place) => [place, get(place)])) as Record<Waiting, number>;
  const sent = await tx.query<{ n: number }>('select count(*) as n from referral where organisation = $1 and sent', [organisation]);
  const [closed, failed, withdrawn] = [get('closed'), get('failed'), get('withdrawn')];
  const inWaiting = Object.values(waiting).reduce((sum, n) => sum + n, 0);
  return { needed: inWaiting + closed + failed + withdrawn, waiting, closed, failed, withdrawn, sent: Number(sent.rows[0]?.n ?? 0) };
}

async function copyPlaces(tx: Tx, organisation: string): Promise<Accounts['writeBack']> {
  const places = await count(tx, 'select state as place, count(*) as n from ehr_copy where organisation = $1 group by 1', organisation);
  return { done: places.get('done') ?? 0, refused: places.get('refused') ?? 0, waiting: places.get('waiting') ?? 0 };
}

/** Everything that could not be read or was refused, by reason, with the id of one example. */
async function quarantineCodes(tx: Tx, organisation: string): Promise<Accounts['quarantine']> {
  const { rows } = await tx.query<{ code: string; n: number; example: string }>(
    `select code, count(*) as n, min(example) as example from (
       select code, type || '/' || source_id as example from quarantine where organisation = $1
       union all
       select coalesce(quarantine, 'unreadable'), 'Screening/' || id::text from screening
        where organisation = $1 and outcome = 'quarantined') x group by code order by code`,
    [organisation],
  );
  return rows.map((row) => ({ code: row.code, count: Number(row.n), example: row.example }));
}
