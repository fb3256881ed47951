import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { drawFunctions } from './draw.ts';
import { type Measure, measure } from './measures.ts';
import ceilings from './recorded-ceilings.json' with { type: 'json' };
import { isWorse } from './report.ts';
import { listSourcePaths, parseSources, type Source } from './source.ts';

const repository = join(import.meta.dirname, '..', '..');
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** Parses a workspace of these files. */
function sourcesOf(files: Record<string, string>): Source[] {
  const root = mkdtempSync(join(tmpdir(), 'loopwell-style-'));
  folders.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return parseSources(root, listSourcePaths(root));
}

function measureFiles(files: Record<string, string>): Record<string, Measure> {
  const measures = measure(sourcesOf(files));
  return Object.fromEntries(measures.map((measured) => [measured.id, measured]));
}

const todayOf = (id: string, text: string) =>
  measureFiles({ 'packages/kit/src/planted.ts': text })[id]?.today;
const list = (length: number, entry: string) => Array.from({ length }, () => entry).join(', ');
const lines = (count: number, line: string) => `${line}\n`.repeat(count);

/**
 * For each measure: a source that breaks it, what is counted then, and its neighbor that breaks
 * nothing.
 */
const planted = [
  ['width', `// ${'x'.repeat(98)}\n`, 1, `// ${'x'.repeat(97)}\n`],
  ['fileLines', lines(301, 'f();'), 1, lines(300, 'f();')],
  ['hugeStatements', `call(${list(80, 'a')});`, 1, `const a = [[${list(80, '1')}], [2]];`],
  [
    'hugeFunctions',
    `function f() { ${lines(130, 'g();')} }`,
    1,
    `function f() { ${lines(120, 'g();')} }`,
  ],
  ['functionLines', `function f() {\n${lines(59, '')}}`, 1, `function f() {\n${lines(58, '')}}`],
  ['complexity', deepFunction(6), 1, deepFunction(5)],
  ['chains', 'a.b().c().d().e.f();', 1, 'a.b().c().d().e;'],
  ['ternaries', 'f(a ? 1 : (b ? 2 : 3));', 1, 'f((a ? b : c) ? 2 : 3);'],
  [
    'spreads',
    'f({ ...(a ? { a } : {}), ...(b && { b }) });',
    2,
    'f({ ...a, ...b }, ...(c ? [] : d));',
  ],
  ['flatMaps', 'a.flatMap((b) => (b.c ? [b.c] : []));', 1, 'a.flatMap((b) => b.c ?? []);'],
  [
    'flatMaps',
    'a.flatMap((b) => { if (!b) return []; return [b]; });',
    1,
    'a.map((b) => (b ? [b] : []));',
  ],
  ['names', 'for (const one of all) f(one);', 1, 'for (const condition of all) f(condition);'],
  ['names', 'function f({ value: { data } }: A) {}', 1, 'f(({ value }) => value);'],
  ['names', 'f((one) => {\n  g(one);\n});', 1, 'f((one) => g(one));'],
  [
    'names',
    'type A = { found: string; told(): void };',
    2,
    'type A = { resourceType: string; entry: B };',
  ],
  ['names', 'function told() {}', 1, 'const { entry: entries } = bundle as { entry?: unknown };'],
] as const;

function deepFunction(depth: number): string {
  return `function f() { ${'if (a) {'.repeat(depth)} ${'}'.repeat(depth)} }`;
}

describe('pnpm style', () => {
  it.each(planted)('counts %s in %j', (id, bad, count, good) => {
    expect(todayOf(id, bad)).toBe(count);
    expect(todayOf(id, good)).toBe(0);
  });

  it('counts a regular expression and a part of a template as one token each', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is the source to be counted
    expect(todayOf('density', 'const a = /b c/ / `d ${e} f\n g`;')).toBe(9 / 2);
  });

  it('counts the tokens of a statement without those of the statements inside', () => {
    const inner = lines(20, 'run(a);');
    expect(todayOf('longStatements', `onEach(() => {\n${inner}});`)).toBe(0);
    expect(todayOf('longStatements', `call(${list(30, 'a')});`)).toBe(100);
  });

  it('gives the median and the ninth decile of functions', () => {
    const text = [1, 2, 3, 10]
      .map((count) => `function f() { ${lines(count, 'g();')} }`)
      .join('\n');
    expect(todayOf('functionMedian', text)).toBe(6 + 2 * 4);
    expect(todayOf('functionNinth', text)).toBe(6 + 10 * 4);
  });

  it('sees a circle of folders, types included, and none of files alone', () => {
    const circle = measureFiles({
      'packages/kit/src/a/a.ts': "import type { B } from '../b.ts';",
      'packages/kit/src/b.ts': "export { A } from './a/a.ts';",
      'packages/fhir/src/c.ts': "import './d.ts';",
      'packages/fhir/src/d.ts': "import './c.ts';",
    });
    expect(circle.circles?.places).toMatchObject([
      { path: 'packages/kit/src', what: 'a <-> b.ts' },
    ]);
  });

  it('counts rooms of the domain: who imports whom, and how many stand on one another', () => {
    const rooms = measureFiles({
      'packages/sdoh/src/index.ts': "export * from './top/top.ts';",
      'packages/sdoh/src/top/top.ts': "import '../low.ts';\nimport './beside.ts';",
      'packages/sdoh/src/top/beside.ts': "import type { Low } from '../low.ts';",
      'packages/sdoh/src/low.ts': 'export type Low = 1;',
    });
    expect(rooms.sdohFloors?.today).toBe(3);
    expect(rooms.sdohArrows?.today).toBe(2);
  });

  it('counts files of a folder without its tests, generated files and fixtures', () => {
    const paths = Array.from({ length: 16 }, (_, index) => `packages/kit/src/file-${index}.ts`);
    const beside = ['a.test.ts', 'generated/b.ts', 'c.generated.ts', 'fixtures/d.ts', 'test/e.ts'];
    const all = [...paths, ...beside.map((name) => `packages/kit/src/${name}`)];
    const full = measureFiles(Object.fromEntries(all.map((path) => [path, 'f();'])));
    expect(full.folderFiles?.places).toMatchObject([{ path: 'packages/kit/src', amount: 16 }]);
  });

  it('counts the share of exports that have a comment', () => {
    expect(todayOf('comments', '/** Says a. */\nexport const a = 1;\n\nexport type B = 1;')).toBe(
      50,
    );
  });
});

describe('pnpm style --draw', () => {
  const text = `
/** Adds two. And more. */
export function add(a: number) {
  // two
  return a + 2; /* so */
}

/**
 * Says
 * whether it rains: look outside.
 */
const rains = () => {
  return 'no // comment';
};

const bare = () => {};
/** No block. */
const one = () => 1;
`;

  it('shows functions with a docstring, without any comment, and keeps its first sentence', () => {
    const drawn = drawFunctions(sourcesOf({ 'packages/kit/src/planted.ts': text }), 'seed', 20);
    const byName = Object.fromEntries(drawn.map((each) => [each.what, each]));
    expect(Object.keys(byName).toSorted()).toEqual(['add', 'rains']);
    expect(byName.add?.code).toBe('export function add(a: number) {\n  return a + 2; \n}');
    expect(byName.add?.sentence).toBe('Adds two.');
    expect(byName.rains?.code).toBe("const rains = () => {\n  return 'no // comment';\n};");
    expect(byName.rains?.sentence).toBe('Says whether it rains: look outside.');
  });

  it('draws the same for the same commit, and others for another', () => {
    const many = Array.from({ length: 40 }, (_, n) => `/** Does ${n}. */\nfunction f${n}() {}\n`);
    const sources = sourcesOf({ 'packages/kit/src/planted.ts': many.join('\n') });
    const namesBy = (seed: string) => drawFunctions(sources, seed, 20).map(({ what }) => what);
    expect(namesBy('a')).toEqual(namesBy('a'));
    expect(new Set([...namesBy('a'), ...namesBy('b')]).size).toBeGreaterThan(20);
  });
});

describe('ceilings', () => {
  const measures = measure([]);

  it('stand for each measure, none of them beyond its aim', () => {
    expect(Object.keys(ceilings)).toEqual(measures.map(({ id }) => id));
    for (const { id, aim, isFloor } of measures) {
      const ceiling = (ceilings as Record<string, number>)[id] ?? Number.NaN;
      expect(isFloor ? ceiling <= aim : ceiling >= aim, id).toBe(true);
    }
  });

  it('have only ever moved toward the aim', () => {
    const file = 'tools/style/recorded-ceilings.json';
    const git = (...args: string[]) =>
      spawnSync('git', ['-c', 'safe.directory=*', ...args], { cwd: repository, encoding: 'utf8' })
        .stdout;
    const commits = git('log', '--reverse', '--format=%H', '--', file).split('\n').filter(Boolean);
    const history = commits.map((commit) => JSON.parse(git('show', `${commit}:${file}`)));
    for (const [index, after] of [...history, ceilings].entries()) {
      const before: Record<string, number> = history[index - 1] ?? {};
      const grown = measures
        .filter(({ id }) => before[id] !== undefined)
        .filter((measured) =>
          isWorse({ ...measured, today: after[measured.id] }, before[measured.id]),
        );
      expect(grown.map(({ id }) => id)).toEqual([]);
    }
  });

  it('are met by a measure at its ceiling, and not by one beyond it', () => {
    const width = { id: 'width', title: '', aim: 0, today: 3, places: [] };
    expect([isWorse(width, 3), isWorse(width, 2), isWorse(width, undefined)]).toEqual([
      false,
      true,
      true,
    ]);
    expect(isWorse({ ...width, isFloor: true }, 4)).toBe(true);
  });
});
