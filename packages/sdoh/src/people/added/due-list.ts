import { type fhir4, systems } from '@loopwell/fhir';
import { objectsOf, textOf } from '../../fhir-json/tolerant-readers.ts';
import { isDay } from '../safety/must-by.ts';
import { findCatalogNeed } from './need-catalog.ts';

/** A row of a due list: who needs what, and by when. Loopwell never decides who is due. */
export type DueItem = {
  /** The number of the row, as a person counts them: the first row after the head is 1. */
  row: number;
  /** MRN or id of the Patient. */
  who: string;
  /** Code of the catalog. */
  what: string;
  /** YYYY-MM-DD at the site; undefined where the list has none. */
  by: string | undefined;
};

/** A row that cannot be used: the field and the rule, and nothing of what stood there. */
export type DueProblem = { row: number; field: 'who' | 'what' | 'by' | 'list'; rule: string };

export type DueList = { items: DueItem[]; problems: DueProblem[] };

/** The most rows of one list. */
const mostDueRows = 1_000;

/** The most days that something may be due ahead. */
const longestDays = 731;

/**
 * Reads a due list as CSV with the head `who,what,by`, in any order. Cells may be quoted.
 *
 * @param today the site's day
 */
export function readDueCsv(text: string, today: string): DueList {
  const [head, ...rows] = csvRows(text.replace(/^\u{FEFF}/u, ''));
  const names = (head ?? []).map((name) => name.trim().toLowerCase());
  const [who, what, by] = ['who', 'what', 'by'].map((name) => names.indexOf(name));
  if (who === undefined || what === undefined || who < 0 || what < 0)
    return { items: [], problems: [{ row: 0, field: 'list', rule: 'head' }] };
  const items = rows.map((cells, index) => ({
    row: index + 1,
    who: (cells[who] ?? '').trim(),
    what: (cells[what] ?? '').trim(),
    by: dayOf((cells[by ?? -1] ?? '').trim()),
  }));
  return checked(items, today);
}

/**
 * Reads a due list as a FHIR Group: `code` is what is due, each active member is a Patient, and the
 * end of a member's period is by when.
 *
 * @param today the site's day
 */
export function readDueGroup(group: unknown, today: string): DueList {
  const { resourceType, code, member } = (group ?? {}) as Partial<fhir4.Group>;
  if (resourceType !== 'Group')
    return { items: [], problems: [{ row: 0, field: 'list', rule: 'group' }] };
  const codings = objectsOf(code?.coding).filter(
    ({ system }) => system === systems.sdohcc || system === needSystem,
  );
  const what = codings.map((coding) => textOf(coding.code) ?? '').find(findCatalogNeed) ?? '';
  const active = objectsOf(member).filter(({ inactive }) => inactive !== true);
  const items = active.map(({ entity, period }, index) => ({
    row: index + 1,
    who: (textOf(entity?.reference) ?? '').replace(/^.*Patient\//, ''),
    what,
    by: textOf(period?.end)?.slice(0, 10),
  }));
  return checked(items, today);
}

/** The system of our catalog's codes in a Group. */
const needSystem = 'https://loopwell.example/CodeSystem/need';

/** Reads a day as it is written here or in the United States; other words stay as they are. */
function dayOf(text: string): string | undefined {
  const [, month = '', day = '', year = ''] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text) ?? [];
  if (year !== '') return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return text === '' ? undefined : text;
}

function checked(items: DueItem[], today: string): DueList {
  if (items.length === 0 || items.length > mostDueRows) {
    const rule = items.length === 0 ? 'empty' : `at-most-${mostDueRows}-rows`;
    return { items: [], problems: [{ row: 0, field: 'list', rule }] };
  }
  return { items, problems: items.flatMap((item) => problemsOf(item, today)) };
}

function problemsOf({ row, who, what, by }: DueItem, today: string): DueProblem[] {
  const problems: DueProblem[] = [];
  if (who === '') problems.push({ row, field: 'who', rule: 'required' });
  if (!findCatalogNeed(what)) problems.push({ row, field: 'what', rule: 'unknown-need' });
  if (by === undefined) return problems;
  if (!isDay(by)) problems.push({ row, field: 'by', rule: 'date' });
  else if (by < today) problems.push({ row, field: 'by', rule: 'past' });
  else if (Date.parse(by) - Date.parse(today) > longestDays * 86_400_000)
    problems.push({ row, field: 'by', rule: 'too-far' });
  return problems;
}

/** Reads CSV: cells with commas, line breaks and doubled quotes between quotes. Blank rows are none. */
function csvRows(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain = '', end] of text.matchAll(csvCell)) {
    const cell = quoted === undefined ? plain : quoted.replaceAll('""', '"');
    rows.at(-1)?.push(cell);
    if (end === '') break;
    if (end !== ',') rows.push([]);
  }
  return rows.filter((cells) => cells.some((cell) => cell.trim() !== ''));
}

const csvCell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g;
