import type { fhir4 } from '@loopwell/fhir';
import { mapDefined } from '@loopwell/fhir';
import { mayLeave, readable } from '@loopwell/sdoh';
import {
  conditionAlias,
  ehrResources,
  ownResources,
  type ReferralRow,
  type Tx,
} from '@loopwell/store';
import { isRestricted } from './approval.ts';

/**
 * Conditions that a partner may learn of, by referral, under the ids by which they are read at our
 * base.
 */
export type Named = ReadonlyMap<string, readonly { id: string; condition: fhir4.Condition }[]>;

const ofEhr = 'Condition/';

/**
 * Gives the id under which a Condition is shared. The EHR's own Conditions get an id of ours, which
 * tells nothing about theirs.
 */
const idOf = (referral: ReferralRow, name: string) =>
  name.startsWith(ofEhr)
    ? conditionAlias(referral.tenant, referral.connection, name.slice(ofEhr.length))
    : name;

/**
 * Lists the Conditions of referrals that partners may learn of. Restricted and refuted Conditions,
 * and those entered in error, are left out. A need that rests on anything restricted names none,
 * because the EHR's own Condition may carry no label and would tell the finding. It takes two
 * queries, however many referrals.
 */
export async function nameConditions(tx: Tx, referrals: readonly ReferralRow[]): Promise<Named> {
  const names = new Map(referrals.map((one) => [one.id, JSON.parse(one.conditions) as string[]]));
  const people = referrals
    .filter((one) => names.get(one.id)?.some((name) => name.startsWith(ofEhr)))
    .map((one) => one.person);
  const onFile = await ehrResources.ehrResourcesOfPeople(tx, [...new Set(people)], ['Condition']);
  const theirs = new Map(
    onFile.map((row) => [`${row.connection} ${row.person} ${row.source_id}`, row.body]),
  );
  const ours = await ownResources.loadOwnResources(
    tx,
    [...names.values()].flat().filter((name) => !name.startsWith(ofEhr)),
  );
  const bodyOf = (referral: ReferralRow, name: string) =>
    name.startsWith(ofEhr)
      ? theirs.get(`${referral.connection} ${referral.person} ${name.slice(ofEhr.length)}`)
      : ours.get(name)?.body;
  return new Map(
    referrals.map((referral) => [
      referral.id,
      mapDefined(isRestricted(referral) ? [] : (names.get(referral.id) ?? []), (name) => {
        const body = bodyOf(referral, name);
        const condition =
          body === undefined ? undefined : readable(JSON.parse(body) as fhir4.Condition);
        return condition && mayLeave(condition)
          ? { id: idOf(referral, name), condition }
          : undefined;
      }),
    ]),
  );
}
