import { deriveId, fingerprint, newId } from '@loopwell/kit';
import type { Nudge } from '@loopwell/pipeline';
import type { PersonCoding } from '@loopwell/sdoh';
import { codingPrincipal, type Loaded } from '@loopwell/service';
import {
  type DueRow,
  dutyAlerts,
  grants,
  type LedgerRow,
  ledger,
  people as links,
  type NeedRow,
  type OwnResource,
  ownResources,
  type ReferralPatch,
  readNow,
  referrals,
  saveEvidence,
  saveScreenings,
  type Tx,
  writeBacks,
} from '@loopwell/store';
import { listAlertCauses, safetySays } from './alert-causes.ts';
import { episodeOf } from './episodes.ts';
import { type FindTrace, traceFinder } from './traces.ts';

/**
 * The result that the pure step gives to the database: the coding and the record that it was made
 * from. DECISIONS D22. DECISIONS D46.
 */
export type Coded = { loaded: Loaded; coding: PersonCoding };

/** A coding with what is derived from it once: the traces of its results and its needs' rows. */
type Planned = Coded & { row: LedgerRow; findTrace: FindTrace; needs: readonly NeedRow[] };

function plan(row: LedgerRow, { loaded, coding }: Coded): Planned {
  const findTrace = traceFinder(loaded, coding);
  return { row, loaded, coding, findTrace, needs: needRows({ loaded, coding }, findTrace) };
}

/** Saves the coding of a whole batch and makes its referrals due, in the batch's transaction. */
export async function saveCodings(
  tx: Tx,
  results: readonly { row: LedgerRow; done: Coded }[],
): Promise<readonly Nudge[]> {
  if (results.length === 0) return [];
  const people = results.map(({ row }) => row.subject);
  const planned = results.map(({ row, done }) => plan(row, done));
  // The ledger's rows are locked before the referrals, in the order in which workers lock them.
  const batch = newId();
  const rows = planned.flatMap((coded) => dueRows(coded, batch));
  rows.push(...(await rowsOfSuspended(tx, results, batch, rows)));
  await ledger.due(tx, rows);
  await saveScreenings(tx, people, planned.flatMap(screeningRows));
  const versions = await ownResources.saveOwnResources(tx, planned.flatMap(madeRows));
  // A Condition that was made just now has no evidence of earlier codings.
  const undecided = planned.flatMap(undecidedConditions).filter((id) => versions.get(id) !== 1);
  await saveEvidence(tx, planned.flatMap(evidenceRows), undecided);
  const needs = planned.flatMap((coded) => coded.needs);
  await referrals.saveNeeds(tx, needs);
  await links.linkNewReferrals(tx, people);
  await writeBacks.dropRestricted(
    tx,
    needs.filter((need) => need.restriction !== null).map((need) => need.id),
  );
  await saveRetractions(tx, planned);
  // Somebody on duty is told of what this transaction stores, and of nothing that it does not.
  await dutyAlerts.raiseAlerts(tx, planned.flatMap(listAlertCauses));
  // A row that entered at `code` gets its line when it is settled.
  const screened = planned.filter(({ row }) => row.stage === 'screen');
  await ledger.appendHistory(tx, screened.map(codedLine));
  return rows.length > 0 ? [{ stage: 'refer', batch }] : [];
}

/** Changes the referrals whose evidence is gone. */
async function saveRetractions(tx: Tx, planned: readonly Planned[]): Promise<void> {
  const open = planned.filter(({ loaded }) => loaded.referrals.length > 0);
  if (open.length === 0) return;
  const now = await readNow(tx);
  const patches = open.flatMap((coded) => retractions(coded, now));
  await referrals.patchReferrals(tx, patches);
}

function screeningRows({ loaded, coding, findTrace }: Planned) {
  const { tenant, connection, person } = loaded.record;
  return coding.screenings.map((screening) => ({
    id: screening.id,
    tenant,
    connection,
    person,
    instrument: screening.instrument,
    authored: screening.authored,
    encounter: screening.encounter ?? null,
    outcome: screening.outcome,
    quarantine: screening.quarantine ?? null,
    sources: JSON.stringify(screening.sources),
    issues: JSON.stringify(screening.issues),
    safety: screening.safety,
    safety_says: safetySays(screening),
    trace: findTrace(screening.sources),
  }));
}

function madeRows({ loaded, coding, findTrace }: Planned): OwnResource[] {
  const { tenant, connection, person } = loaded.record;
  const all = [
    ...coding.observations,
    ...coding.conditions,
    ...coding.withdrawn,
    ...coding.provenances,
  ];
  return all.map((made) => ({
    id: made.id,
    tenant,
    connection,
    person,
    type: made.resource.resourceType,
    trace: findTrace([made.id, ...made.sources]),
    body: JSON.stringify({ ...made.resource, id: made.id }),
  }));
}

/**
 * Lists the suggestions that people have not handled. Their evidence is replaced by this coding's;
 * for handled ones it is added.
 */
function undecidedConditions({ loaded, coding }: Coded): string[] {
  return coding.conditions
    .map((one) => one.id)
    .filter((id) => loaded.record.decided?.has(id) !== true);
}

function evidenceRows({ loaded, coding }: Coded) {
  const { tenant, person } = loaded.record;
  return coding.evidence.map((evidence) => ({
    condition: evidence.condition,
    observation: evidence.observation,
    tenant,
    person,
    source: evidence.source,
    rule: evidence.rule,
    ruleVersion: evidence.ruleVersion,
    codeSystems: JSON.stringify(evidence.codeSystems),
    sentence: evidence.sentence,
    authored: evidence.authored,
  }));
}

/**
 * Lists the changes of referrals whose evidence is gone. A referral that no person has handled, or
 * only a policy, is taken back. One that was approved and not sent waits for its reviewer again. A
 * referral at a partner stays there: the screening's warning calls a person.
 */
function retractions(coded: Planned, now: Date): { id: string; patch: ReferralPatch }[] {
  const needed = new Map(coded.needs.map((row, index) => [row.id, coded.coding.needs[index]]));
  return coded.loaded.referrals.flatMap((referralRow): { id: string; patch: ReferralPatch }[] => {
    if (referralRow.state !== 'waiting' || referralRow.sent) return [];
    // Somebody added it, and no answer has to stand behind it.
    if ((referralRow.added_by ?? null) !== null) return [];
    const need = needed.get(referralRow.id);
    // A doubt that was known at the approval does not undo it.
    if (need?.doubted && !referralRow.doubted && referralRow.approval === 'approved')
      return [{ id: referralRow.id, patch: { approval: null, gate: 'review' } }];
    if (
      need ||
      (referralRow.approved_by !== null && !referralRow.approved_by.startsWith('policy:'))
    )
      return [];
    return [
      {
        id: referralRow.id,
        patch: { approval: 'refused', approved_by: codingPrincipal, approved_at: now },
      },
    ];
  });
}

/**
 * Makes the referral rows of a person's needs: at most one open referral per category. An answer
 * given after one ended opens the next episode.
 */
function needRows(coded: Coded, findTrace: FindTrace): NeedRow[] {
  const { record } = coded.loaded;
  return coded.coding.needs.map((need) => {
    const { episode, conditions, danger, refusedBefore } = episodeOf(
      need,
      coded.coding.evidence,
      coded.loaded,
    );
    return {
      id: deriveId(record.tenant, 'referral', record.person, need.category, String(episode)),
      tenant: record.tenant,
      connection: record.connection,
      person: record.person,
      category: need.category,
      episode,
      unambiguous: need.unambiguous && !refusedBefore,
      sensitive: need.sensitive,
      conditions: JSON.stringify(conditions),
      since: need.since,
      trace: findTrace(conditions),
      danger: danger?.words,
      danger_kind: danger?.kind,
      confirmed: need.confirmed === true && !refusedBefore,
      doubted: need.doubted === true,
      restriction: need.restriction ?? null,
      evidence_version: evidenceVersion(coded, conditions),
    };
  });
}

/**
 * Makes a fingerprint of the evidence that a reviewer reads: rules and sentences. It does not
 * change with the resource that an answer came in.
 */
function evidenceVersion({ coding }: Coded, conditions: readonly string[]): string {
  const statements = coding.evidence
    .filter((one) => conditions.includes(one.condition))
    .map((one) => `${one.rule} ${one.sentence}`);
  return fingerprint(JSON.stringify([...new Set(statements)].sort())).slice(0, 16);
}

/**
 * Makes every open referral due, because consent, agreement and evidence may have changed with the
 * record.
 */
function dueRows(coded: Planned, batch: string): DueRow[] {
  const { record, trace, referrals: existing } = coded.loaded;
  const open = existing
    .filter((one) => one.state === 'waiting' || one.state === 'partner')
    .map((one) => one.id);
  // A referral keeps the trace that it was opened with.
  const traces = new Map([...coded.needs, ...existing].map((one) => [one.id, one.trace]));
  const ids = new Set([...coded.needs.map((need) => need.id), ...open]);
  const ended = new Set(
    existing
      .filter((one) => one.state !== 'waiting' && one.state !== 'partner')
      .map((one) => one.id),
  );
  return [...ids]
    .filter((id) => !ended.has(id))
    .map((subject) => ({
      tenant: record.tenant,
      stage: 'refer',
      subject,
      batch,
      trace: traces.get(subject) ?? trace,
      person: record.person,
    }));
}

/**
 * Makes referrals due that have ended and of which partners may still read something, if a change
 * of the record has suspended that. `refer` judges it anew.
 */
async function rowsOfSuspended(
  tx: Tx,
  results: readonly { row: LedgerRow; done: Coded }[],
  batch: string,
  rows: readonly DueRow[],
): Promise<DueRow[]> {
  const [first] = results;
  if (!first) return [];
  const { tenant } = first.row;
  const traces = new Map(results.map(({ row }) => [row.subject, row.trace]));
  const suspended = await grants.suspendedReferrals(tx, [...traces.keys()]);
  const isDue = new Set(rows.map((row) => row.subject));
  return suspended
    .filter(({ referral }) => !isDue.has(referral))
    .map(({ referral: subject, person }) => {
      const trace = traces.get(person) ?? newId();
      return { tenant, stage: 'refer', subject, batch, trace, person };
    });
}

/** Gives the outcome of a coding for the history. */
export const outcomeOf = ({ coding }: Coded): string =>
  coding.conditions.length > 0 || coding.evidenceAdded.length > 0 ? 'coded' : 'nothing-to-code';

function codedLine({ row, ...done }: Planned) {
  const { coding } = done;
  return {
    tenant: row.tenant,
    stage: 'code',
    subject: row.subject,
    person: row.person,
    outcome: outcomeOf(done),
    trace: row.trace,
    principal: codingPrincipal,
    facts: {
      screenings: coding.screenings.length,
      observations: coding.observations.length,
      conditions: coding.conditions.length,
      needs: coding.needs.length,
      withdrawn: coding.withdrawn.length,
    },
  };
}
