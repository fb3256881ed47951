import { posix } from 'node:path';
import type { Measure } from './measures.ts';
import type { Place } from './place.ts';
import type { Source } from './source.ts';

/**
 * Today's number beside aim and ceiling, a line for each measure; `!` marks what is worse than its
 * ceiling.
 */
export function tableOf(measures: readonly Measure[], ceilings: Record<string, number>): string {
  const rows = measures.map((measure) => {
    const ceiling = ceilings[measure.id];
    const mark = isWorse(measure, ceiling) ? '!' : ' ';
    const numbers = [measure.today, measure.aim, ceiling ?? '-'].map((cell) =>
      String(cell).padStart(8),
    );
    return `${mark} ${measure.title.padEnd(40)}${numbers.join('')}`;
  });
  const head =
    '  ' +
    `${'measure'.padEnd(40)}${['today', 'aim', 'ceiling'].map((cell) => cell.padStart(8)).join('')}`;
  return [head, ...rows].join('\n');
}

/** The same numbers for a machine. */
export function jsonOf(measures: readonly Measure[], ceilings: Record<string, number>): string {
  const rows = measures.map(({ id, title, aim, today }) => {
    const ceiling = ceilings[id];
    return { id, title, aim, today, ceiling };
  });
  return JSON.stringify(rows, null, 2);
}

/** Whether a measure has grown past its ceiling (or, where more is better, fallen below it). */
export function isWorse({ today, isFloor }: Measure, ceiling: number | undefined): boolean {
  if (ceiling === undefined) return true;
  return isFloor ? today < ceiling : today > ceiling;
}

/** The `limit` worst places of each measure, as `path:line amount what`. */
export function worstPlaces(measures: readonly Measure[], limit: number): string {
  const lists = measures.filter(({ places }) => places.length > 0);
  return lists
    .map(({ title, places }) => [title, ...places.slice(0, limit).map(lineOf)].join('\n'))
    .join('\n\n');
}

const lineOf = ({ path, line, amount, what }: Place) => `  ${path}:${line}  ${amount}  ${what}`;

/** The sources that stand directly in each folder. */
export function groupByFolder(sources: readonly Source[]): Map<string, Source[]> {
  const groups = new Map<string, Source[]>();
  for (const source of sources) {
    const folder = posix.dirname(source.path);
    const group = groups.get(folder) ?? [];
    group.push(source);
    groups.set(folder, group);
  }
  return groups;
}

/** Counts of a folder that are above zero, on one line. */
export function folderLine(folder: string, files: number, measures: readonly Measure[]): string {
  const numberOf = (id: string) => measures.find((measure) => measure.id === id)?.today ?? 0;
  const counts = folderColumns
    .map(([id, word]) => ({ word, number: placesOf(measures, id) }))
    .filter(({ number }) => number > 0)
    .map(({ word, number }) => `${word} ${number}`);
  const size =
    `${files} files, ${numberOf('density')} tokens a line, median ` +
    `${numberOf('functionMedian')}`;
  return `${folder}: ${size}; ${counts.join(', ') || 'nothing to better'}`;
}

const placesOf = (measures: readonly Measure[], id: string) =>
  measures.find((measure) => measure.id === id)?.places.length ?? 0;

const folderColumns = [
  ['width', 'wide'],
  ['fileLines', 'long files'],
  ['longStatements', 'statements>60'],
  ['hugeStatements', '>150'],
  ['functionNinth', 'functions>200'],
  ['hugeFunctions', '>500'],
  ['functionLines', '>60 lines'],
  ['complexity', 'complex'],
  ['chains', 'chains'],
  ['ternaries', 'ternaries'],
  ['spreads', 'spreads'],
  ['flatMaps', 'flatMaps'],
  ['names', 'names'],
  ['circles', 'circles'],
  ['folderFiles', 'crowded'],
] as const;
