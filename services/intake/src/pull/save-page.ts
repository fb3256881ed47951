import { mapDefined, withoutUndefined } from '@loopwell/fhir';
import { newId } from '@loopwell/kit';
import { isUnderOurName, valuesInSystem } from '@loopwell/sdoh';
import {
  type DueRow,
  type EhrResource,
  ehrResources,
  gaps,
  inSavepoint,
  installation,
  isDatabaseAway,
  type LedgerRow,
  leaveQuarantine,
  ledger,
  pullCursors,
  type QuarantineRow,
  saveQuarantine,
  type Tx,
  unchangedInQuarantine,
} from '@loopwell/store';
import {
  type Checked,
  checkRepeated,
  checkResource,
  peopleNamed,
  permitting,
  type Repeated,
} from './check/check-resource.ts';
import { personId, quarantineRow, type Source } from './check/page-rows.ts';
import type { PulledType } from './check/pulled-types.ts';
import { openLanesForPatients } from './open-cursors.ts';
import { withoutLeftByUs } from './resources-left-by-us.ts';

export type Page = {
  resources: readonly unknown[];
  /** `resource`: one that says something twice, with both values, and the place. */
  invalid: readonly {
    reason: string;
    entry: unknown;
    resource?: unknown;
    element?: string;
    /** What operators are told of it. */
    facts?: Readonly<Record<string, string>>;
  }[];
  /** Rows of other Patients than the one that was asked for, with whose they are. */
  ofOthers?: readonly { patient: string; resource: unknown }[];
  /** Ids of what the EHR could not show and shows now. */
  filled?: readonly string[];
};

/** A page of one lane, on its way into the store. `patient`: id of the one whose resources were asked for. */
export type LanePage = { row: LedgerRow; type: PulledType; page: Page; patient?: string };

/** Pages of one EHR, of one or several lanes. */
export type EhrPages = { source: Source; pages: readonly LanePage[] };

/**
 * Saves pages of some EHRs: what can be kept, what must be quarantined, and the people whose record
 * changed, who are due for `screen`. One poisoned item holds up none of its neighbors: JavaScript checks refuse it one by
 * one, and a row that the database refuses is found by halving, inside savepoints.
 *
 * @returns the batch that should be nudged, when anybody is due
 */
export async function savePages(
  tx: Tx,
  ehrPages: readonly EhrPages[],
  coalesceMs: number,
): Promise<string | undefined> {
  const due: DueRow[] = [];
  const batch = newId();
  // One EHR after the other, always in the same order: each locks rows of its own.
  const sorted = [...ehrPages].sort((a, b) => (a.source.connection < b.source.connection ? -1 : 1));
  for (const { source, pages } of sorted)
    due.push(...(await saveOfEhr(tx, source, pages, { batch, coalesceMs })));
  // Last, and of all EHRs together: whoever else has news of these people waits for their rows until the commit.
  await ledger.due(tx, due);
  return due.some((row) => row.stage === 'screen') ? batch : undefined;
}

/** @returns what is due by what these pages hold */
async function saveOfEhr(
  tx: Tx,
  from: Source,
  pages: readonly LanePage[],
  { batch, coalesceMs }: { batch: string; coalesceMs: number },
): Promise<DueRow[]> {
  const all = await withKnownOthers(tx, from, pages);
  const source = await withIdentity(tx, from, all);
  const checked = (await withoutLeftByUs(tx, source, all)).map((one) => checkPage(one, source));
  const keep = checked.flatMap((one) => one.keep);
  const refused = checked.flatMap((one) => one.refused);
  const former = await ehrResources.formerPeople(tx, keep);
  const changed = await saveHalving(tx, keep, refused);
  const quarantinedBefore = await unchangedInQuarantine(tx, refused);
  await saveQuarantine(tx, refused);
  const stays = new Set(refused.map((one) => `${one.type}/${one.sourceId}`));
  await leaveQuarantine(
    tx,
    source.connection,
    [
      ...changed,
      ...pages.flatMap(({ type, page }) => (page.filled ?? []).map((id) => `${type}/${id}`)),
    ].filter((key) => !stays.has(key)),
  );
  const patients = keep.filter((one) => one.type === 'Patient').map((one) => one.sourceId);
  if (patients.length > 0)
    await openLanesForPatients(tx, { id: source.connection, tenant: source.tenant }, patients);
  // A resource that names another person now is gone from the record of the one before; one that cannot be read any more, too.
  const isNews = (row: { type: string; sourceId: string }) =>
    !quarantinedBefore.has(`${row.type}/${row.sourceId}`);
  const unread = refused.filter((one) => permitting.has(one.type) && isNews(one));
  const bereft = [
    ...former,
    ...(await ehrResources.peopleOfResources(tx, unread)),
    ...(await peopleOfUnread(tx, unread, source)),
  ];
  const people = [
    ...new Set([
      ...keep.filter((one) => changed.has(`${one.type}/${one.sourceId}`)).map((one) => one.person),
      ...bereft,
    ]),
  ];
  const { tenant } = source;
  const traces = tracesOfNews(keep.filter((one) => changed.has(`${one.type}/${one.sourceId}`)));
  const due = people.map((person) => ({
    tenant,
    stage: 'screen',
    subject: person,
    person,
    batch,
    trace: traces.get(person) ?? newId(),
    delayMs: coalesceMs,
  }));
  // A look that found nothing new is no event: history would grow by every lane and interval.
  const withNews = checked.filter(
    ({ keep: kept, refused: out }) =>
      kept.some((one) => changed.has(`${one.type}/${one.sourceId}`)) || out.some(isNews),
  );
  await ledger.appendHistory(tx, [
    ...withNews.map(({ row, type, keep: kept, refused: out }) =>
      historyOf(row, type, kept.length, out.length),
    ),
    ...checked.flatMap(({ row, strangers }) =>
      strangers
        .filter((one) => changed.has(`${one.type}/${one.sourceId}`))
        .map((one) => strangerLine(row, one)),
    ),
  ]);
  // A Consent that can be shown again stops nobody any more.
  const isShown = pages.some(
    ({ type, page }) => type === 'Consent' && (page.filled ?? []).length > 0,
  );
  return [...due, ...(isShown ? await gaps.atConsent(tx, source.connection, batch) : [])];
}

/** What a person's work is traced by: the first Encounter or answer among the news, else the first of them. */
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
 * An EHR that ignores whom it is asked for gives rows of others. Those of people who are read here are kept, since it may not
 * give them again; nobody else's are.
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

/** Whom a Consent may say no for that could not be kept: by its own word, or by an identifier of somebody who is with a partner. */
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

/** Values of identifiers that a Consent names a person by, as they stand in JSON. */
function identifiersIn({ body }: QuarantineRow): string[] {
  return [...(body ?? '').matchAll(/"value":("(?:[^"\\]|\\.)+")/g)].map(([, value = '']) => value);
}

function checkPage(
  { row, type, page, patient = '' }: LanePage,
  from: Source,
): {
  row: LedgerRow;
  type: PulledType;
  keep: EhrResource[];
  refused: QuarantineRow[];
  strangers: EhrResource[];
} {
  const source = { ...from, patient };
  const repeated = mapDefined(page.invalid, ({ reason, resource, element }) =>
    resource === undefined
      ? undefined
      : repeatedSafely({ reason, resource, ...withoutUndefined({ element }) }, type, source),
  );
  const checked = [
    ...page.resources.map((resource) => checkSafely(resource, type, source)),
    ...repeated,
  ];
  const keep = mapDefined(checked, (one) => (one.kind === 'keep' ? one.row : undefined));
  const refused = mapDefined(checked, (one) => (one.kind === 'quarantine' ? one.row : undefined));
  const strangers = keep.filter((one) => isUnderOurName(JSON.parse(one.body), source.identity));
  return {
    row,
    type,
    keep,
    strangers,
    refused: withinBounds(
      [
        ...refused,
        ...page.invalid
          .filter((one) => one.resource === undefined)
          .map((one) => unreadRow(one, type, source)),
      ],
      type,
      source,
    ),
  };
}

/** More of one page than anybody looks at: the rest is one row with their number. */
const refusedAtMost = 1_000;

/** What may be a no is listed to the last one. */
function withinBounds(
  refused: readonly QuarantineRow[],
  type: PulledType,
  source: Source,
): QuarantineRow[] {
  const mayBeNo = (row: QuarantineRow) => permitting.has(type) && row.code !== 'unexpected-type';
  const others = refused.filter((row) => !mayBeNo(row));
  const left = others.slice(refusedAtMost);
  if (left.length === 0) return [...refused];
  const codes = [...new Set(left.map((row) => row.code))].join(', ');
  const rest = quarantineRow({ id: `and-${left.length}-more` }, type, source, 'more-of-the-same', {
    count: left.length,
    codes,
  });
  return [...refused.filter(mayBeNo), ...others.slice(0, refusedAtMost), rest];
}

/** An entry that is no resource, or what the EHR cannot show; of whom, where that is known: it may be a no of theirs. */
function unreadRow(
  { entry, reason, facts }: Page['invalid'][number],
  type: PulledType,
  source: Source,
): QuarantineRow {
  const row = quarantineRow(entry, type, source, reason, facts);
  return facts?.patient === undefined ? row : { ...row, person: personId(source, facts.patient) };
}

/** Our identifier system, and which of its values on these pages we gave: what carries another is somebody else's. */
async function withIdentity(tx: Tx, source: Source, pages: readonly LanePage[]): Promise<Source> {
  const system = await installation.identifierSystem(tx);
  const named = pages.flatMap(({ page }) =>
    page.resources.flatMap((one) => (isObject(one) ? valuesInSystem(one, system) : [])),
  );
  const issued = await installation.givenAmong(tx, [...new Set(named)]);
  return { ...source, identity: { system, gave: (value) => issued.has(value) } };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Told in the person's timeline: somebody else gives identifiers in our system. */
function strangerLine(row: LedgerRow, { type, sourceId, person }: EhrResource) {
  const facts = { type, id: sourceId };
  return {
    tenant: row.tenant,
    stage: 'pull',
    subject: person,
    person,
    outcome: 'identifier-not-ours',
    trace: row.trace,
    principal: 'system:intake',
    facts,
  };
}

function historyOf(row: LedgerRow, type: string, kept: number, quarantined: number) {
  return {
    tenant: row.tenant,
    stage: 'pull',
    subject: row.subject,
    outcome: 'page',
    trace: row.trace,
    principal: 'system:intake',
    facts: { type, kept, quarantined },
  };
}

function checkSafely(resource: unknown, type: PulledType, source: Source): Checked {
  try {
    return checkResource(resource as Parameters<typeof checkResource>[0], type, source);
  } catch {
    return { kind: 'quarantine', row: quarantineRow(resource, type, source, 'unreadable') };
  }
}

function repeatedSafely(repeated: Repeated, type: PulledType, source: Source): Checked {
  try {
    return checkRepeated(repeated, type, source);
  } catch {
    return {
      kind: 'quarantine',
      row: quarantineRow(repeated.resource, type, source, repeated.reason),
    };
  }
}

async function saveHalving(
  tx: Tx,
  rows: readonly EhrResource[],
  refused: QuarantineRow[],
): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
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
      return new Set();
    }
    const middle = Math.ceil(rows.length / 2);
    const first = await saveHalving(tx, rows.slice(0, middle), refused);
    const second = await saveHalving(tx, rows.slice(middle), refused);
    return new Set([...first, ...second]);
  }
}
