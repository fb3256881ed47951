import { sortExports } from './comments.ts';
import { rateFunctions } from './complexity.ts';
import { findExpressions } from './expressions.ts';
import { type FunctionSize, sizeFunctions } from './functions.ts';
import { findBannedNames } from './names.ts';
import type { Place } from './place.ts';
import { countArrows, countFiles, countFloors, drawArrows, findFolderCircles } from './rooms.ts';
import type { Source } from './source.ts';
import { sizeStatements } from './statements.ts';

/**
 * One number of today beside its aim. `places` is what a reader would go through to better it,
 * worst first.
 */
export type Measure = {
  id: string;
  title: string;
  aim: number;
  today: number;
  places: readonly Place[];
  /** True where more is better. */
  isFloor?: true;
};

/**
 * All measures of these sources, in the order in which they are printed. Definitions:
 * `tools/style.ts`.
 */
export function measure(sources: readonly Source[]): Measure[] {
  return [
    ...measureLines(sources),
    ...measureStatements(sources),
    ...measureFunctions(sources),
    ...measureExpressions(sources),
    ...measureFolders(sources),
    ...measureRooms(sources, 'packages/sdoh/src', { floors: 6, arrows: 40 }),
    ...measureRooms(sources, 'packages/store/src', { floors: 5, arrows: 20 }),
    measureComments(sources),
  ];
}

/** A measure that counts its places. */
const count = (id: string, title: string, aim: number, places: readonly Place[]): Measure => ({
  id,
  title,
  aim,
  today: places.length,
  places: worstFirst(places),
});

const worstFirst = (places: readonly Place[]) => places.toSorted((a, b) => b.amount - a.amount);
const over = (limit: number, places: readonly Place[]) => places.filter((p) => p.amount > limit);
const rounded = (number: number) => Math.round(number * 100) / 100;

function measureLines(sources: readonly Source[]): Measure[] {
  const longLines = sources.flatMap(({ path, lines }) =>
    over(
      100,
      lines.map((text, index) => ({ path, line: index + 1, amount: text.length, what: 'columns' })),
    ),
  );
  const sizes = sources.map(({ path, lines }) => ({
    path,
    line: 1,
    amount: lines.length - 1,
    what: 'lines',
  }));
  const tokens = sources.reduce((sum, source) => sum + source.tokens.length, 0);
  const linesOfCode = sources.reduce((sum, source) => sum + countLinesOfCode(source), 0);
  return [
    count('width', 'lines over 100 columns', 0, longLines),
    {
      id: 'density',
      title: 'tokens per line of code',
      aim: 8,
      today: rounded(tokens / Math.max(1, linesOfCode)),
      places: worstFirst(sources.map(densityOf)),
    },
    count('fileLines', 'files over 300 lines', 0, over(300, sizes)),
  ];
}

const densityOf = (source: Source): Place => ({
  path: source.path,
  line: 1,
  amount: rounded(source.tokens.length / Math.max(1, countLinesOfCode(source))),
  what: 'tokens per line',
});

/** Lines that a token stands on, the inner lines of a long template too. */
function countLinesOfCode({ text, tokens }: Source): number {
  const lines = new Set<number>();
  for (const { start, end, line } of tokens) {
    const breaks = text.slice(start, end).split('\n').length - 1;
    for (let offset = 0; offset <= breaks; offset++) lines.add(line + offset);
  }
  return lines.size;
}

function measureStatements(sources: readonly Source[]): Measure[] {
  const statements = sources.flatMap(sizeStatements);
  const long = over(60, statements);
  const huge = over(
    150,
    statements.filter((statement) => !statement.isTable),
  );
  return [
    {
      id: 'longStatements',
      title: 'statements over 60 tokens, %',
      aim: 1,
      today: rounded((100 * long.length) / Math.max(1, statements.length)),
      places: worstFirst(long),
    },
    count('hugeStatements', 'statements over 150 tokens (no tables)', 0, huge),
  ];
}

function measureFunctions(sources: readonly Source[]): Measure[] {
  const functions = sources.flatMap(sizeFunctions);
  const sizes = functions.map((sized) => sized.amount).toSorted((a, b) => a - b);
  const percentile = (share: number) =>
    sizes[Math.max(0, Math.ceil(sizes.length * share) - 1)] ?? 0;
  const byLines = functions.map((sized: FunctionSize) => ({ ...sized, amount: sized.lines }));
  const rated = sources.flatMap(rateFunctions);
  const median = { id: 'functionMedian', title: 'function, median of tokens', aim: 75 };
  const ninth = { id: 'functionNinth', title: 'function, 90 % have at most', aim: 200 };
  const huge = over(500, functions);
  const complex = over(15, rated);
  const medianNow: Measure = { ...median, today: percentile(0.5), places: [] };
  const ninthNow: Measure = {
    ...ninth,
    today: percentile(0.9),
    places: worstFirst(over(200, functions)),
  };
  const hugeNow = count('hugeFunctions', 'functions over 500 tokens', 0, huge);
  const longNow = count('functionLines', 'functions over 60 lines', 0, over(60, byLines));
  const complexNow = count('complexity', 'functions over complexity 15', 0, complex);
  return [medianNow, ninthNow, hugeNow, longNow, complexNow];
}

function measureExpressions(sources: readonly Source[]): Measure[] {
  const counted = sources.map(findExpressions);
  const chains = counted.flatMap((each) => each.chains);
  const ternaries = counted.flatMap((each) => each.ternaries);
  const spreads = counted.flatMap((each) => each.spreads);
  const flatMaps = counted.flatMap((each) => each.flatMaps);
  const names = sources.flatMap(findBannedNames);
  return [
    count('chains', 'chains of four or more calls', 10, chains),
    count('ternaries', 'nested ternaries', 0, ternaries),
    count('spreads', 'conditional spreads', 50, spreads),
    count('flatMaps', 'filtering flatMaps', 45, flatMaps),
    count('names', 'banned names', 0, names),
  ];
}

function measureFolders(sources: readonly Source[]): Measure[] {
  return [
    count('circles', 'folder circles', 0, findFolderCircles(sources)),
    count('folderFiles', 'folders over 15 files', 0, over(15, countFiles(sources))),
  ];
}

function measureRooms(
  sources: readonly Source[],
  folder: string,
  aims: { floors: number; arrows: number },
): Measure[] {
  const name = folder.split('/')[1] ?? folder;
  const arrows = drawArrows(sources, folder);
  const places = [...arrows].map(([room, targets]) => ({
    path: `${folder}/${room}`,
    line: 1,
    amount: targets.size,
    what: [...targets].join(' '),
  }));
  return [
    {
      id: `${name}Floors`,
      title: `floors of ${name}`,
      aim: aims.floors,
      today: countFloors(arrows),
      places: [],
    },
    {
      id: `${name}Arrows`,
      title: `arrows of ${name}`,
      aim: aims.arrows,
      today: countArrows(arrows),
      places: worstFirst(places),
    },
  ];
}

function measureComments(sources: readonly Source[]): Measure {
  const exported = sources.map(sortExports);
  const commented = exported.flatMap((sorted) => sorted.commented);
  const bare = exported.flatMap((sorted) => sorted.bare);
  const share = (100 * commented.length) / Math.max(1, commented.length + bare.length);
  const title = 'exports with a comment, %';
  return { id: 'comments', title, aim: 71, today: rounded(share), places: bare, isFloor: true };
}
