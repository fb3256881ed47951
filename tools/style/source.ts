import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  createScanner,
  isRegularExpressionLiteral,
  isTemplateLiteralToken,
  isToken,
  type Node,
  type SourceFile,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';

export type Token = {
  kind: SyntaxKind;
  start: number;
  end: number;
  line: number;
};

/**
 * A parsed file. `path` is relative to the root, `tokens` has every token but the end of the file,
 * no comments.
 */
export type Source = {
  path: string;
  text: string;
  lines: readonly string[];
  file: SourceFile;
  tokens: readonly Token[];
};

const folders = ['packages', 'services', 'openapi', 'tools'];
const leftOut = /^(node_modules|dist|generated|fixtures|test)$/;

/** Paths of the source below `root`: no tests, no generated files, no fixtures. */
export function listSourcePaths(root: string): string[] {
  const walk = (folder: string): string[] => {
    if (!existsSync(join(root, folder))) return [];
    return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((file) => {
      const path = `${folder}/${file.name}`;
      if (file.isDirectory()) return leftOut.test(file.name) ? [] : walk(path);
      return isSourcePath(path) ? [path] : [];
    });
  };
  return folders.flatMap(walk).toSorted();
}

const isSourcePath = (path: string) =>
  path.endsWith('.ts') && !/\.(test|d|generated)\.ts$/.test(path);

/** Parses the files and scans their tokens. */
export function parseSources(root: string, paths: readonly string[]): Source[] {
  return parseFiles(root, paths).map((file, index) => {
    const { text } = file;
    const path = paths[index] ?? '';
    return { path, text, lines: text.split('\n'), file, tokens: scanTokens(file) };
  });
}

/**
 * Parses the files with the installed TypeScript; nothing is resolved or type-checked.
 * @param texts of files that are not on the disk, by their paths
 */
export function parseFiles(
  root: string,
  paths: readonly string[],
  texts: Readonly<Record<string, string>> = {},
): SourceFile[] {
  const configPath = join(root, 'style.tsconfig.json');
  const config = {
    compilerOptions: {
      noResolve: true,
      noLib: true,
      types: [],
      allowImportingTsExtensions: true,
      allowJs: true,
    },
    files: paths.map((path) => join(root, path)),
  };
  const made = new Map(Object.entries(texts).map(([path, text]) => [join(root, path), text]));
  made.set(configPath, JSON.stringify(config));
  const api = new API({
    cwd: root,
    fs: {
      readFile: (name) => made.get(name),
      fileExists: (name) => (made.has(name) ? true : undefined),
    },
  });
  try {
    const project = api.updateSnapshot({ openProjects: [configPath] }).getProject(configPath);
    return paths.map((path) => {
      const file = project?.program.getSourceFile(join(root, path));
      if (!file) throw new Error(`TypeScript did not parse ${path}`);
      return file;
    });
  } finally {
    api.close();
  }
}

/**
 * The scanner alone cannot tell a regular expression from a division; the tree says where those
 * stand.
 */
function scanTokens(file: SourceFile): Token[] {
  const { text } = file;
  const wholeTokens = new Map<number, Node>();
  visit(file, (node) => {
    const isWhole =
      isRegularExpressionLiteral(node) || isTemplateLiteralToken(node) || isToken(node);
    if (isWhole && node.kind !== SyntaxKind.EndOfFile) wholeTokens.set(node.getStart(file), node);
  });
  const scanner = createScanner(true, undefined, text);
  const tokens: Token[] = [];
  const lineOf = lineCounter(text);
  while (true) {
    let kind = scanner.scan();
    if (kind === SyntaxKind.EndOfFile) return tokens;
    const start = scanner.getTokenStart();
    let end = scanner.getTokenEnd();
    const whole = wholeTokens.get(start);
    if (whole && whole.end > start) {
      ({ kind, end } = whole);
      scanner.resetTokenState(end);
    }
    tokens.push({ kind, start, end, line: lineOf(start) });
  }
}

/** Gives the line (from 1) of positions that are asked in growing order. */
function lineCounter(text: string): (position: number) => number {
  let line = 1;
  let next = text.indexOf('\n');
  return (position) => {
    while (next !== -1 && next < position) {
      line++;
      next = text.indexOf('\n', next + 1);
    }
    return line;
  };
}

/** Visits every node below `node`, parents before children. */
export function visit(node: Node, see: (node: Node) => void): void {
  node.forEachChild((child) => {
    see(child);
    visit(child, see);
  });
}
