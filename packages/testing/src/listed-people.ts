import { createHash } from 'node:crypto';

/** Runs a statement; a `Database` of the store is one. */
type Asks = { query: (sql: string, values?: readonly unknown[]) => Promise<unknown> };

/** A made-up person with the needs that lists show. */
export type ListedPerson = {
  /** The id of the person's Patient; the ids of all else are made of it. */
  key: string;
  name: string;
  birthDate?: string;
  language?: { code: string; text?: string };
  needsInterpreter?: boolean;
  needs?: readonly ListedPersonNeed[];
};

/** A need of a made-up person, with the answer that it rests on. */
export type ListedPersonNeed = {
  category?: string;
  /** The day of the answer. */
  since?: string;
  /** The instrument, the question and the answer. */
  rule?: string;
  isClear?: boolean;
  danger?: string;
  mustBy?: string;
  gate?: string;
  state?: string;
};

/** Returns the id that belongs to a text. It has the form of a UUID and is the same each time. */
export function idOfText(text: string): string {
  const digits = createHash('md5').update(text).digest('hex');
  const group = (from: number, to: number) => digits.slice(from, to);
  return `${group(0, 8)}-${group(8, 12)}-4${group(13, 16)}-8${group(17, 20)}-${group(20, 32)}`;
}

/**
 * Inserts made-up people with their needs, as intake and coding would have written them.
 *
 * @returns the people's ids, in order
 */
export async function insertListedPeople(
  db: Asks,
  tenant: string,
  listed: readonly ListedPerson[],
): Promise<string[]> {
  for (const person of listed) await insertPerson(db, tenant, person);
  return listed.map(({ key }) => idOfText(key));
}

async function insertPerson(db: Asks, tenant: string, person: ListedPerson): Promise<void> {
  const id = idOfText(person.key);
  const { name, birthDate, language, needsInterpreter } = person;
  const profile = {
    names: [{ text: name }],
    birthDate,
    contacts: [],
    languages: language ? [language] : [],
    interpreter: needsInterpreter ? 'needed' : undefined,
    addresses: [],
    contactPersons: [],
    generalPractitioners: [],
    notes: [],
  };
  await db.query('insert into person (tenant, id) values ($1, $2)', [tenant, id]);
  await db.query(
    `insert into patient_link (tenant, connection, patient_id, patient, person)
     values ($1, 'clinic', $2, $3, $3)`,
    [tenant, person.key, id],
  );
  await db.query('insert into person_profile (tenant, patient, body) values ($1, $2, $3)', [
    tenant,
    id,
    JSON.stringify(profile),
  ]);
  const words = name.toLowerCase().split(' ');
  for (const word of words)
    await db.query(
      `insert into person_term (tenant, kind, term, patient) values ($1, 'name', $2, $3)
        on conflict do nothing`,
      [tenant, word, id],
    );
  for (const [index, need] of (person.needs ?? [{}]).entries())
    await insertNeed(db, tenant, { person: id, key: `${person.key}/${index}`, need });
}

type NeedOf = { person: string; key: string; need: ListedPersonNeed };

async function insertNeed(db: Asks, tenant: string, { person, key, need }: NeedOf): Promise<void> {
  const { category = 'food-insecurity', since = '2026-11-02', isClear = true } = need;
  const { danger = null, mustBy = null, gate = 'review', state = 'waiting' } = need;
  const condition = idOfText(`${key}/condition`);
  await db.query(
    `insert into referral (id, tenant, connection, person, category, state, gate, unambiguous,
       sensitive, conditions, since, trace, danger, danger_kind, must_by)
     values ($1, $2, 'clinic', $3, $4, $5, $6, $7, false, $8, $9, $1, $10,
       case when $10::text is not null then 'call-today' end, $11)`,
    [
      ...[idOfText(key), tenant, person, category, state, gate, isClear],
      ...[JSON.stringify([condition]), since, danger, mustBy],
    ],
  );
  await db.query(
    `insert into evidence (condition, observation, tenant, person, source, rule, rule_version,
       code_systems, sentence, authored)
     values ($1, $2, $3, $4, 'QuestionnaireResponse/q', $5, '1', '[]', 'Made up.', $6)`,
    [
      ...[condition, idOfText(`${key}/observation`), tenant, person],
      ...[need.rule ?? 'ahc-hrsn/88123-5/LA28397-0', since],
    ],
  );
}
