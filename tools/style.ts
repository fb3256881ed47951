/**
 * `pnpm style`: how hard the source is to read, in numbers, each beside its aim.
 *
 *   pnpm style [path…]              a number for each measure; exit 1 where one is worse than its ceiling
 *   pnpm style --by-folder [path…]  the same for each folder, a line each
 *   pnpm style --worst 10 [path…]   the worst places of each measure
 *   pnpm style --json               the numbers for a machine
 *   pnpm style --draw               twenty functions, drawn by the commit's hash (or --commit's), for a reader who has not
 *                                   seen the code and says in a sentence what each does; --answers: what their comments say
 *
 * Source is every `.ts` below packages, services, openapi and tools, without tests (and folders
 * named test), generated files and fixtures. A token is one of TypeScript's scanner; comments are
 * none. A line of code is a line that a token stands on.
 *
 *   lines over 100 columns     comments included
 *   statements                 with their own tokens: statements inside (a callback's block, a branch) count for themselves.
 *                              Blocks and function declarations are no statements. A table is a type, or a declaration of
 *                              rows without a condition in it
 *   functions                  those with a block as their body, from the first token to the closing brace, inner ones
 *                              included
 *   chains                     `a.b().c().d().e()` is one of four calls; the longest counts, not its parts
 *   nested ternaries           a ternary that is a branch of another
 *   conditional spreads        `...(a ? {…} : {})` and `...(a && {…})` in an object
 *   filtering flatMaps         a flatMap whose callback ends in an empty list or object on some condition
 *   complexity                 cognitive complexity as SonarSource defines it
 *   banned names               variables, parameters, functions and members of our types that say nothing (`names.ts` has
 *                              the list); free are parameters of callbacks on one line, FHIR's members, shapes in casts
 *   folder circles             two entries of one folder that reach each other, and one of them is a folder
 *   rooms, floors, arrows      rooms are the entries of a package's src; an arrow says that one imports another (types
 *                              too); floors are how many rooms stand on one another
 *   exports with a comment     functions, constants, classes and types; any comment before them counts
 *
 * A ceiling is the worst that CI lets pass (`style/recorded-ceilings.json`). It goes toward the aim
 * only: a test reads its history.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { drawFunctions, drawnText } from './style/draw.ts';
import { measure } from './style/measures.ts';
import ceilings from './style/recorded-ceilings.json' with { type: 'json' };
import {
  folderLine,
  groupByFolder,
  isWorse,
  jsonOf,
  tableOf,
  worstPlaces,
} from './style/report.ts';
import { listSourcePaths, parseSources } from './style/source.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean' },
    'by-folder': { type: 'boolean' },
    worst: { type: 'string' },
    draw: { type: 'boolean' },
    commit: { type: 'string' },
    answers: { type: 'boolean' },
    root: { type: 'string' },
  },
});
const root = options.root ?? join(import.meta.dirname, '..');
const wantedPaths = positionals.map((path) => path.replace(/\/$/, ''));
const isWanted = (path: string) =>
  wantedPaths.length === 0 || wantedPaths.some((wanted) => `${path}/`.startsWith(`${wanted}/`));
const sources = parseSources(root, listSourcePaths(root).filter(isWanted));
const ceilingOf: Record<string, number> = ceilings;

if (options.draw) print(draw());
else if (options['by-folder']) print(describeFolders());
else if (options.worst) print(worstPlaces(measure(sources), Number(options.worst) || 10));
else judge();

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints today's numbers. The ceilings are those of the whole, so a part of it does not fail. */
function judge(): void {
  const measures = measure(sources);
  print(options.json ? jsonOf(measures, ceilingOf) : tableOf(measures, ceilingOf));
  const isWorseSomewhere = measures.some((measured) => isWorse(measured, ceilingOf[measured.id]));
  process.exitCode = wantedPaths.length === 0 && isWorseSomewhere ? 1 : 0;
}

function describeFolders(): string {
  const groups = [...groupByFolder(sources)];
  const lines = groups.map(([folder, group]) => folderLine(folder, group.length, measure(group)));
  return lines.join('\n');
}

function draw(): string {
  const seed = options.commit ?? headOf(root);
  const products = sources.filter(({ path }) => !path.startsWith('tools/'));
  return drawnText(drawFunctions(products, seed, 20), seed, options.answers ?? false);
}

function headOf(folder: string): string {
  const git = ['-c', 'safe.directory=*', 'rev-parse', 'HEAD'];
  return execFileSync('git', git, { cwd: folder, encoding: 'utf8' }).trim();
}
