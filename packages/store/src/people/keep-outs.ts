import { newId } from '@loopwell/kit';
import type { KeepOut, NamedPartner } from '@loopwell/sdoh';
import { partnersNamed } from '@loopwell/sdoh';
import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';
import type { Rows } from '../database/rows.generated.ts';
import { samePeople } from './same-human.ts';

type KeepOutRow = {
  asked: string;
  id: string;
  words: string;
  partners: string | null;
};

/** Lists what is to be kept out for people, over all Patients of the same person. */
export async function keepOutsOf(
  tx: Tx,
  people: readonly string[],
): Promise<Map<string, KeepOut[]>> {
  if (people.length === 0) return new Map();
  const { rows } = await tx.query<KeepOutRow>(
    `with same as (${samePeople('$1')})
     select n.asked, k.id, k.words, k.partners
       from same n join keep_out k on k.tenant = $tenant and k.person = n.patient
      where k.ended_at is null order by n.asked, k.recorded_at, k.id`,
    [people],
  );
  const keepOuts = new Map(people.map((person): [string, KeepOut[]] => [person, []]));
  for (const { asked, id, words, partners } of rows) {
    const meant = partners === null ? undefined : (JSON.parse(partners) as string[]);
    keepOuts.get(asked)?.push({ id, words, partners: meant });
  }
  return keepOuts;
}

/** A keep-out of which nobody has said yet whom it means. It has none of the person's words. */
export type UnresolvedKeepOut = Pick<
  Rows['keep_out'],
  'id' | 'person' | 'asked_by' | 'recorded_at'
>;

/** Lists keep-outs that nobody has resolved, the oldest first. Nothing goes out for their people. */
export async function unresolvedKeepOuts(tx: Tx, most: number): Promise<UnresolvedKeepOut[]> {
  const { rows } = await tx.query<UnresolvedKeepOut>(
    `select id, person, asked_by, recorded_at from keep_out
      where tenant = $tenant and ended_at is null and partners is null
      order by recorded_at, id limit $1`,
    [most],
  );
  return rows;
}

/**
 * Records places and people that are to be kept out. Words that are the id or the whole name of an
 * Organization mean it; all others wait for a person to resolve them.
 *
 * @param directory the Organizations of the directory
 */
export async function addKeepOuts(
  tx: Tx,
  { person, words, askedBy }: { person: string; words: readonly string[]; askedBy: string },
  directory: readonly NamedPartner[],
): Promise<void> {
  const rows = words.map((text) => {
    const meant = partnersNamed(text, directory);
    const partners = meant.length === 0 ? null : JSON.stringify(meant);
    return [tx.tenant, person, newId(), text, partners, askedBy];
  });
  const columns = ['tenant', 'person', 'id', 'words', 'partners', 'asked_by'];
  await insertRows(tx, 'keep_out', columns, rows);
}

/**
 * Tells right before a send whether something was stored since it was decided that stops it: the
 * record of the person says that nothing may go out, or another of their records that they died, or
 * the person keeps this partner out, or
 * nobody has said yet whom they keep out.
 */
export async function isStoppedFor(tx: Tx, person: string, partner: string): Promise<boolean> {
  const { rows } = await tx.query<{ stopped: boolean }>(
    `select exists (select 1 from person_standing s
               where s.tenant = $tenant and s.person = $1 and s.standing <> 'stands')
         or exists (select 1 from (${samePeople('array[$1]')}) n
               join person_standing s on s.tenant = $tenant and s.person = n.patient
              where s.standing = 'died')
         or exists (select 1 from (${samePeople('array[$1]')}) n
               join keep_out k on k.tenant = $tenant and k.person = n.patient
              where k.ended_at is null and (k.partners is null or k.partners::jsonb ? $2))
       as stopped`,
    [person, partner],
  );
  return rows[0]?.stopped ?? true;
}

/** Which keep-out of a person somebody acts on. */
export type KeepOutAct = { person: string; id: string; by: string };

const isOfPerson = (person: string) =>
  `ended_at is null and person in (
     select patient from (${samePeople(`array[${person}]`)}) as same)`;

/**
 * Says which Organizations a keep-out means; none where no partner is meant.
 *
 * @returns whether there is such a keep-out of the person
 */
export async function resolveKeepOut(
  tx: Tx,
  { person, id, by }: KeepOutAct,
  partners: readonly string[],
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update keep_out set partners = $3, resolved_by = $4, resolved_at = loopwell_now()
      where tenant = $tenant and id = $2 and ${isOfPerson('$1')}`,
    [person, id, JSON.stringify(partners), by],
  );
  return rowCount === 1;
}

/**
 * Ends a keep-out that the person has taken back.
 *
 * @returns whether there is such a keep-out of the person
 */
export async function endKeepOut(tx: Tx, { person, id, by }: KeepOutAct): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update keep_out set ended_by = $3, ended_at = loopwell_now()
      where tenant = $tenant and id = $2 and ${isOfPerson('$1')}`,
    [person, id, by],
  );
  return rowCount === 1;
}
