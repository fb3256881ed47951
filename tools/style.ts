/**
 * `pnpm style`: how hard the source is to read, in numbers, each beside its aim.
 *
 *   pnpm style [path…]              a number for each measure; exit 1 where one is worse than its ceiling
 *   pnpm style --by-folder [path…]  the same for each folder, a line each
 *   pnpm style --worst 10 [path…]   the worst places of each measure
 *   pnpm style --json               the numbers for a machine
 *
 * Source is every `.ts` below packages, services, openapi and tools, without tests, generated files
 * and fixtures. A token is one of TypeScript's scanner; comments are none. A line of code is a line
 * that a token stands on.
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
 * A ceiling is the worst that CI lets pass (`style/ceilings.json`). It goes toward the aim only: a
 * test reads its history.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import ceilings from './style/ceilings.json' with { type: 'json' };
import { measure } from './style/measures.ts';
import { folderLine, groupByFolder, isWorse, tableOf, worstPlaces } from './style/report.ts';
import { listSourcePaths, parseSources } from './style/source.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean' },
    'by-folder': { type: 'boolean' },
    worst: { type: 'string' },
    root: { type: 'string' },
  },
});
const root = options.root ?? join(import.meta.dirname, '..');
const isWanted = (path: string) =>
  positionals.length === 0 ||
  positionals.some((wanted) => `${path}/`.startsWith(`${wanted.replace(/\/$/, '')}/`));
const sources = parseSources(root, listSourcePaths(root).filter(isWanted));
const measures = measure(sources);
const ceilingOf: Record<string, number> = ceilings;
const isWhole = positionals.length === 0;

process.stdout.write(`${describe()}\n`);
const worse = measures.filter((measured) => isWorse(measured, ceilingOf[measured.id]));
process.exit(isWhole && worse.length > 0 ? 1 : 0);

function describe(): string {
  if (options.json)
    return JSON.stringify(
      measures.map(({ id, title, aim, today }) => ({
        id,
        title,
        aim,
        today,
        ceiling: ceilingOf[id],
      })),
      null,
      2,
    );
  if (options.worst !== undefined) return worstPlaces(measures, Number(options.worst) || 10);
  if (options['by-folder']) {
    const groups = [...groupByFolder(sources)];
    return groups
      .map(([folder, group]) => folderLine(folder, group.length, measure(group)))
      .join('\n');
  }
  return tableOf(measures, ceilingOf);
}
