import { posix } from 'node:path';
import { isExportDeclaration, isImportDeclaration, isStringLiteral } from 'typescript/unstable/ast';
import type { Place } from './place.ts';
import type { Source } from './source.ts';

type Arrows = Map<string, Set<string>>;

/**
 * The entries directly below `folder` (files and folders), and which of them imports which, types
 * included.
 */
export function drawArrows(sources: readonly Source[], folder: string): Arrows {
  const arrows: Arrows = new Map();
  for (const source of sources) {
    const from = roomIn(folder, source.path);
    if (!from) continue;
    const targets = arrows.get(from) ?? new Set<string>();
    arrows.set(from, targets);
    for (const path of importedPaths(source)) {
      const to = roomIn(folder, path);
      if (to && to !== from) targets.add(to);
    }
  }
  return arrows;
}

export function countArrows(arrows: Arrows): number {
  return [...arrows.values()].reduce((count, targets) => count + targets.size, 0);
}

/**
 * How many rooms stand on one another, at most. A circle counts as if its last arrow were not
 * there.
 */
export function countFloors(arrows: Arrows): number {
  const floors = new Map<string, number>();
  const floorOf = (room: string, above: readonly string[]): number => {
    const counted = floors.get(room);
    if (counted !== undefined) return counted;
    const below = [...(arrows.get(room) ?? [])].filter((target) => !above.includes(target));
    const floor = 1 + Math.max(0, ...below.map((target) => floorOf(target, [...above, room])));
    floors.set(room, floor);
    return floor;
  };
  return Math.max(0, ...[...arrows.keys()].map((room) => floorOf(room, [room])));
}

/**
 * Entries of one folder that reach each other both ways, where one of them at least is a folder.
 */
export function findFolderCircles(sources: readonly Source[]): Place[] {
  return listFolders(sources).flatMap((folder) => {
    const arrows = drawArrows(sources, folder);
    const reached = new Map([...arrows.keys()].map((room) => [room, reach(arrows, room)]));
    const isRoundTrip = (room: string) => reached.get(room)?.has(room) ?? false;
    const rooms = [...arrows.keys()].filter(isRoundTrip);
    if (!rooms.some((room) => !room.endsWith('.ts'))) return [];
    return [{ path: folder, line: 1, amount: rooms.length, what: rooms.join(' <-> ') }];
  });
}

/** Source files that stand directly in each folder. */
export function countFiles(sources: readonly Source[]): Place[] {
  const counts = new Map<string, number>();
  for (const { path } of sources) {
    const folder = posix.dirname(path);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts].map(([path, amount]) => ({ path, line: 1, amount, what: 'files' }));
}

function reach(arrows: Arrows, from: string): Set<string> {
  const seen = new Set<string>();
  const go = (room: string): void => {
    for (const target of arrows.get(room) ?? []) {
      if (seen.has(target)) continue;
      seen.add(target);
      go(target);
    }
  };
  go(from);
  return seen;
}

function listFolders(sources: readonly Source[]): string[] {
  const folders = new Set<string>();
  for (const { path } of sources)
    for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder))
      folders.add(folder);
  return [...folders].toSorted();
}

function importedPaths(source: Source): string[] {
  const paths: string[] = [];
  for (const statement of source.file.statements) {
    if (!isImportDeclaration(statement) && !isExportDeclaration(statement)) continue;
    const { moduleSpecifier } = statement;
    if (!moduleSpecifier || !isStringLiteral(moduleSpecifier)) continue;
    if (!moduleSpecifier.text.startsWith('.')) continue;
    paths.push(posix.join(posix.dirname(source.path), moduleSpecifier.text));
  }
  return paths;
}

function roomIn(folder: string, path: string): string | undefined {
  if (!path.startsWith(`${folder}/`)) return undefined;
  return path.slice(folder.length + 1).split('/')[0];
}
