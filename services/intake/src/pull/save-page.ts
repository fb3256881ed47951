import { mapDefined } from '@loopwell/fhir';
import { newId } from '@loopwell/kit';
import { valuesInSystem } from '@loopwell/sdoh';
import {
  atConsent,
  type DueRow,
  type EhrResource,
  ehrResources,
  erasedAmong,
  grants,
  inSavepoint,
  installation,
  isDatabaseAway,
  leaveQuarantine,
  ledger,
  pullCursors,
  type QuarantineRow,
  type SavedResources,
  saveQuarantine,
  type Tx,
  unchangedInQuarantine,
} from '@loopwell/store';
import { type StoredPatient, savePeople } from '../people/save-people.ts';
import { checkPage, type LanePage } from './check/check-page.ts';
import { peopleNamed, permitting } from './check/check-resource.ts';
import type { Source } from './check/page-rows.ts';
import { openLanesForPatients } from './open-cursors.ts';
import { linesOf, type Named } from './page-history.ts';
import { withoutLeftByUs } from './resources-left-by-us.ts';

/** Pages of one EHR, from one or several cursors. */
export type EhrPages = { source: Source; pages: readonly LanePage[] };

/**
 * Saves pages of some EHRs: the resources, the quarantine, and the people whose record changed, who
 * become due for `screen`. What partners may read of people whose permission may have changed is
 * suspended until that is judged. One bad item does not block its neighbors: checks refuse items
 * one by one, and a row that the database refuses is found by halving, inside savepoints.
 * @param when the batch that people become due in, and after how many milliseconds
 * @returns whether a person is due, and the batch is to be nudged
 */
export async function savePages(
  tx: Tx,
  ehrPages: readonly EhrPages[],
  when: { batch: string; coalesceMs: number },
): Promise<boolean> {
  const due: DueRow[] = [];
  const patients: StoredPatient[] = [];
  const shut: string[] = [];
  // EHRs are saved in a fixed order, because each locks its own rows.
  const sorted = [...ehrPages].sort((a, b) => (a.source.connection < b.source.connection ? -1 : 1));
  for (const { source, pages } of sorted) {
    const saved = await saveOfEhr(tx, source, pages, when);
    due.push(...saved.due);
    patients.push(...saved.patients);
    shut.push(...saved.shut);
  }
  // Rows of all EHRs become due together at the end, because other work on these people waits for
  // the rows until the commit.
  await ledger.due(tx, due);
  // Links of Patients change referrals, whose rows are locked after those of the ledger.
  await savePeople(tx, patients);
  // Grants are locked last.
  await grants.suspendGrantsOfPeople(tx, shut);
  return due.some((row) => row.stage === 'screen');
}

const keyOf = ({ type, sourceId }: Named): string => `${type}/${sourceId}`;

/**
 * The rows that pages make due, the Patients on them that are new or changed, and the people whose
 * grants are suspended.
 */
type SavedOfEhr = { due: DueRow[]; patients: StoredPatient[]; shut: string[] };

/** Saves the pages of one EHR. */
async function saveOfEhr(
  tx: Tx,
  from: Source,
  pages: readonly LanePage[],
  { batch, coalesceMs }: { batch: string; coalesceMs: number },
): Promise<SavedOfEhr> {
  const all = await withKnownOthers(tx, from, pages);
  const source = await withIdentity(tx, from, all);
  const ours = await withoutLeftByUs(tx, source, all);
  const checked = ours.map((page) => checkPage(page, source));
  const { keep, refused } = await withoutErased(tx, source, checked);
  const { changed, former } = await saveHalving(tx, keep, refused);
  const quarantinedBefore = await unchangedInQuarantine(tx, refused);
  await updateQuarantine(tx, source, refused, [...changed, ...filledKeys(pages)]);
  await openLanesOfPatients(tx, source, keep);
  const isChanged = (row: Named) => changed.has(keyOf(row));
  const isNews = (row: Named) => !quarantinedBefore.has(keyOf(row));
  // A resource that names another person now, or that cannot be read any more, is gone from the
  // record of the person before.
  const unread = refused.filter((row) => permitting.has(row.type) && isNews(row));
  const bereft = [
    ...former,
    ...(await ehrResources.peopleOfResources(tx, unread)),
    ...(await peopleOfUnread(tx, unread, source)),
  ];
  const news = keep.filter(isChanged);
  // An appointment changes no answer.
  const coded = news.filter(({ type }) => type !== 'Appointment');
  const people = new Set([...coded.map((row) => row.person), ...bereft]);
  await ledger.appendHistory(tx, linesOf(checked, isChanged, isNews));
  const traces = tracesOfNews(news);
  const due: DueRow[] = [...people].map((person) => ({
    tenant: source.tenant,
    stage: 'screen',
    subject: person,
    person,
    batch,
    trace: traces.get(person) ?? newId(),
    delayMs: coalesceMs,
  }));
  // A Consent that can be shown again holds up no one.
  const isShown = pages.some(({ type, page }) => type === 'Consent' && page.filled?.length);
  if (isShown) due.push(...(await atConsent(tx, source.connection, batch)));
  return { due, patients: changedPatients(news, source), shut: [...bereft, ...ofChanged(news)] };
}

/** What a page keeps, and what it puts aside. */
type Checked = { keep: EhrResource[]; refused: QuarantineRow[] };

/** Leaves out what is about people who were erased here. DECISIONS D176. */
async function withoutErased(tx: Tx, source: Source, pages: readonly Checked[]): Promise<Checked> {
  const keep = pages.flatMap((page) => page.keep);
  const refused = pages.flatMap((page) => page.refused);
  const peopleOf = (row: QuarantineRow) => (row.person ? [row.person] : peopleNamed(row, source));
  const people = [...keep.map(({ person }) => person), ...refused.flatMap(peopleOf)];
  const erased = await erasedAmong(tx, [...new Set(people)]);
  if (erased.size === 0) return { keep, refused };
  return {
    keep: keep.filter(({ person }) => !erased.has(person)),
    refused: refused.filter((row) => !peopleOf(row).some((person) => erased.has(person))),
  };
}

/** Lists the people of new papers that permission depends on. */
const ofChanged = (news: readonly EhrResource[]): string[] =>
  news.filter((row) => permitting.has(row.type)).map((row) => row.person);

/** Lists the Patients that are new or changed, each in the version that was stored. */
function changedPatients(news: readonly EhrResource[], { base }: Source): StoredPatient[] {
  const patients = news.filter((row) => row.type === 'Patient');
  const newest = [...ehrResources.newestVersions(patients).values()];
  return newest.map((row) => ({ ...row, base }));
}

/** Returns the keys of records that the EHR could not show before and shows now. */
const filledKeys = (pages: readonly LanePage[]): string[] =>
  pages.flatMap(({ type, page }) => (page.filled ?? []).map((id) => `${type}/${id}`));

/**
 * Adds refused rows to the quarantine and removes the readable ones.
 * @param readable keys of resources that can be read now; they leave the quarantine unless refused
 *   again
 */
async function updateQuarantine(
  tx: Tx,
  { connection }: Source,
  refused: readonly QuarantineRow[],
  readable: readonly string[],
): Promise<void> {
  await saveQuarantine(tx, refused);
  const stays = new Set(refused.map(keyOf));
  const leaving = readable.filter((key) => !stays.has(key));
  await leaveQuarantine(tx, connection, leaving);
}

async function openLanesOfPatients(
  tx: Tx,
  { connection, tenant }: Source,
  keep: readonly EhrResource[],
): Promise<void> {
  const patients = keep.filter((row) => row.type === 'Patient').map((row) => row.sourceId);
  if (patients.length > 0) await openLanesForPatients(tx, { id: connection, tenant }, patients);
}

/**
 * Returns the trace of each person with news: the one of the first Encounter or answer, else the
 * first.
 */
function tracesOfNews(news: readonly EhrResource[]): Map<string, string> {
  const traces = new Map<string, string>();
  const isOfVisit = ({ type }: EhrResource) => tracedFirst.has(type);
  const sorted = [...news.filter(isOfVisit), ...news.filter((row) => !isOfVisit(row))];
  for (const { person, trace } of sorted)
    if (trace !== undefined && !traces.has(person)) traces.set(person, trace);
  return traces;
}

const tracedFirst: ReadonlySet<string> = new Set([
  'Encounter',
  'QuestionnaireResponse',
  'Observation',
]);

/**
 * Adds rows of other patients that an EHR gave because it ignores the patient filter. Rows of
 * patients who are read here are kept, because the EHR may not give them again. The others are
 * dropped.
 */
async function withKnownOthers(
  tx: Tx,
  { connection }: Source,
  pages: readonly LanePage[],
): Promise<readonly LanePage[]> {
  if (pages.every(({ page }) => page.ofOthers === undefined)) return pages;
  const knownPatients = new Set(await pullCursors.knownPatients(tx, connection));
  const others = mapDefined(pages, ({ row, type, page }) => {
    const resources = (page.ofOthers ?? [])
      .filter((one) => knownPatients.has(one.patient))
      .map((one) => one.resource);
    return resources.length > 0 ? { row, type, page: { resources, invalid: [] } } : undefined;
  });
  return [...pages, ...others];
}

/**
 * Returns the people who may be meant by a Consent that could not be kept: by its own reference, or
 * by an identifier of a person whose referral is with a partner.
 */
async function peopleOfUnread(
  tx: Tx,
  unread: readonly QuarantineRow[],
  source: Source,
): Promise<string[]> {
  const peopleNamedInRows = unread.flatMap((one) => one.person ?? []);
  const others = unread.filter((one) => one.type === 'Consent' && !one.person);
  if (others.length === 0) return peopleNamedInRows;
  const named = await ehrResources.peopleOnRecord(tx, [
    ...new Set(others.flatMap((one) => peopleNamed(one, source))),
  ]);
  const values = [...new Set(others.flatMap(identifiersIn))];
  return [
    ...peopleNamedInRows,
    ...named,
    ...(await ehrResources.peopleOutWith(tx, source.connection, values)),
  ];
}

/**
 * Returns the values of identifiers by which a Consent may name a person, as they stand in JSON.
 */
function identifiersIn({ body }: QuarantineRow): string[] {
  return [...(body ?? '').matchAll(/"value":("(?:[^"\\]|\\.)+")/g)].map(([, value = '']) => value);
}

/**
 * Adds our identifier system to the source, and which of its values on these pages we gave. Other
 * values come from someone else.
 */
async function withIdentity(tx: Tx, source: Source, pages: readonly LanePage[]): Promise<Source> {
  const system = await installation.identifierSystem(tx);
  const named = pages.flatMap(({ page }) =>
    page.resources.flatMap((one) => (isObject(one) ? valuesInSystem(one, system) : [])),
  );
  const issued = await installation.givenAmong(tx, [...new Set(named)]);
  return { ...source, identity: { system, gave: (value) => issued.has(value) } };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

async function saveHalving(
  tx: Tx,
  rows: readonly EhrResource[],
  refused: QuarantineRow[],
): Promise<SavedResources> {
  if (rows.length === 0) return { changed: new Set(), former: [] };
  try {
    return await inSavepoint(tx, () => ehrResources.saveEhrResources(tx, rows));
  } catch (error) {
    if (isDatabaseAway(error)) throw error;
    const [only] = rows;
    if (rows.length === 1 && only) {
      const { tenant, connection, type, sourceId } = only;
      refused.push({
        tenant,
        connection,
        type,
        sourceId,
        code: 'refused-by-database',
        body: only.body,
      });
      return { changed: new Set(), former: await ehrResources.formerPeople(tx, [only]) };
    }
    const middle = Math.ceil(rows.length / 2);
    const first = await saveHalving(tx, rows.slice(0, middle), refused);
    const second = await saveHalving(tx, rows.slice(middle), refused);
    return {
      changed: new Set([...first.changed, ...second.changed]),
      former: [...first.former, ...second.former],
    };
  }
}
