import { hole } from './statement.ts';

/** A reference to a table in SQL that does not name the tenant of its rows. */
export type Unbound = { table: string; why: 'no tenant' | 'no tenant in its conflict target' };

/** A token of SQL: a word with its dots, a sign, or a hole, with the parentheses around it. */
type Token = { text: string; depth: number };

/** A table (or something else that has rows) in a `from`, `join`, `using` or `update`. */
type Source = {
  table: string;
  alias: string;
  at: number;
  joinedBy: string[];
};

/** Tokens of one select, insert, update or delete: from one index up to another. */
type Scope = { from: number; to: number; depth: number };

const clauseWords = new Set(
  (
    'as on using where set join left right full inner cross natural order group limit for union ' +
    'except intersect having lateral returning window offset fetch and or when then values select'
  ).split(' '),
);

/** What a text in quotes becomes, and the name of the schema. */
const emptied = (part: string): string => (part.startsWith("'") ? "''" : '');

/** Splits SQL into tokens. Comments are left out, and texts lose what they say. */
function tokensOf(sql: string): Token[] {
  const uncommented = sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ');
  const plain = uncommented.replace(/'(?:[^']|'')*'|loopwell\./gi, emptied).toLowerCase();
  const tokens: Token[] = [];
  let depth = 0;
  for (const [text] of plain.matchAll(/«»|\$\w+|[a-z_][\w]*(?:\.[\w]+)*|''|\d+|[^\s\w]/g)) {
    if (text === ')') depth -= 1;
    tokens.push({ text, depth });
    if (text === '(') depth += 1;
  }
  return tokens;
}

/** Finds the part of a statement that a token stands in: the innermost select or the like. */
function scopeOf(tokens: readonly Token[], at: number): Scope {
  const depth = tokens[at]?.depth ?? 0;
  const isEdge = ({ text, depth: other }: Token) =>
    other < depth || (other === depth && /^(union|except|intersect|;)$/.test(text));
  let from = at;
  while (from > 0 && !isEdge(tokens[from - 1] as Token)) from -= 1;
  let to = at;
  while (to < tokens.length && !isEdge(tokens[to] as Token)) to += 1;
  return { from, to, depth };
}

const isName = (text: string | undefined) => text !== undefined && /^[a-z_]\w*$/.test(text);

/** Reads one source of a list of tables; the index behind it is the second of the pair. */
function sourceAt(tokens: readonly Token[], start: number): [Source, number] {
  const textAt = (index: number) => tokens[index]?.text ?? '';
  let at = start;
  while (/^(only|lateral)$/.test(textAt(at))) at += 1;
  const source: Source = { table: textAt(at), alias: '', at, joinedBy: [] };
  const open = source.table === '(' ? at : at + 1;
  at += 1;
  // A select in parentheses or a function: no table.
  if (textAt(open) === '(') {
    source.table = '';
    at = closing(tokens, open) + 1;
  }
  if (textAt(at) === 'as') at += 1;
  const hasAlias = isName(textAt(at)) && !clauseWords.has(textAt(at));
  source.alias = hasAlias ? textAt(at) : source.table;
  if (hasAlias) at += 1;
  if (textAt(at) === '(') at = closing(tokens, at) + 1;
  if (textAt(at) === 'using' && textAt(at + 1) === '(')
    source.joinedBy = tokens.slice(at + 2, closing(tokens, at + 1)).map(({ text }) => text);
  return [source, at];
}

function closing(tokens: readonly Token[], open: number): number {
  const depth = tokens[open]?.depth ?? 0;
  const index = tokens.findIndex(
    (token, at) => at > open && token.text === ')' && token.depth === depth,
  );
  return index < 0 ? tokens.length : index;
}

/** Lists what has rows in a text, in order. */
function sourcesOf(tokens: readonly Token[]): Source[] {
  const sources: Source[] = [];
  tokens.forEach(({ text, depth }, index) => {
    if (!beginsSources(tokens, index)) return;
    let [source, next] = sourceAt(tokens, index + 1);
    sources.push(source);
    while (text !== 'join' && tokens[next]?.text === ',' && tokens[next]?.depth === depth) {
      [source, next] = sourceAt(tokens, next + 1);
      sources.push(source);
    }
  });
  return sources;
}

function beginsSources(tokens: readonly Token[], index: number): boolean {
  const before = tokens[index - 1]?.text ?? '';
  const after = tokens[index + 1]?.text ?? '';
  switch (tokens[index]?.text) {
    case 'from':
      return before !== 'distinct';
    case 'join':
      return true;
    case 'using':
      return after !== '(';
    case 'update':
      return !/^(do|for|or|no|of)$/.test(before) && after !== 'of';
    default:
      return false;
  }
}

/**
 * Lists the tables whose rows a statement takes without naming their tenant. Each needs its own
 * `alias.tenant` in a comparison, and a chain of comparisons has to end at a value.
 * @param tables that have a tenant
 */
export function unboundTables(sql: string, tables: ReadonlySet<string>): Unbound[] {
  const tokens = tokensOf(sql);
  const sources = sourcesOf(tokens);
  const unbound = [...insertsWithout(tokens, tables), ...conflictsWithout(tokens, tables)];
  for (const source of sources) {
    if (!tables.has(source.table) || isComputedSource(tokens, source)) continue;
    const scope = scopeOf(tokens, source.at);
    const neighbors = sources.filter(
      ({ at, table }) =>
        tables.has(table) && at >= scope.from && at < scope.to && tokens[at]?.depth === scope.depth,
    );
    if (!isBound(source, neighbors, comparisonsIn(tokens, scope)))
      unbound.push({ table: source.table, why: 'no tenant' });
  }
  return unbound;
}

/** Tells whether a text that is computed stands where rows are read: it is checked by itself. */
function isComputedSource(tokens: readonly Token[], { table, at }: Source): boolean {
  const [before, first] = [tokens[at - 1]?.text, tokens[at - 2]?.text];
  return table === hole && before !== 'update' && first !== 'delete';
}

/** The two sides of each comparison with a tenant. */
type Comparison = [string, string];

function comparisonsIn(tokens: readonly Token[], { from, to }: Scope): Comparison[] {
  const comparisons: Comparison[] = [];
  for (let at = from; at < to; at += 1) {
    if (!/^(?:\w+\.)?tenant$/.test(tokens[at]?.text ?? '')) continue;
    const tenant = tokens[at]?.text ?? '';
    const [before, after] = [tokens[at - 1]?.text, tokens[at + 1]?.text];
    if (after === '=') comparisons.push([tenant, tokens[at + 2]?.text ?? '']);
    else if (before === '=') comparisons.push([tenant, tokens[at - 2]?.text ?? '']);
    else if (before === '(') comparisons.push(...rowComparison(tokens, at));
  }
  return comparisons;
}

/** Reads `(a.tenant, …) = (b.tenant, …)` and `(a.tenant, …) in (…)`, from either side. */
function rowComparison(tokens: readonly Token[], at: number): Comparison[] {
  const tenant = tokens[at]?.text ?? '';
  const end = closing(tokens, at - 1);
  const sign = tokens[end + 1]?.text;
  if (sign === '=') return [[tenant, tokens[end + 3]?.text ?? '']];
  if (sign === 'in') return [[tenant, hole]];
  return [];
}

/** Tells whether an source is bound to a value, by itself or through its neighbors. */
function isBound(source: Source, neighbors: readonly Source[], comparisons: Comparison[]): boolean {
  const names = new Map(neighbors.map((each) => [`${each.alias}.tenant`, each.alias]));
  if (neighbors.length === 1) names.set('tenant', source.alias);
  const pairs = [...comparisons, ...joinedPairs(neighbors)];
  const bothWays = [...pairs, ...pairs.map(([a, b]): Comparison => [b, a])];
  const reached = new Set([source.alias]);
  for (let size = 0; size !== reached.size; ) {
    size = reached.size;
    for (const [left, right] of bothWays) {
      const alias = names.get(left);
      if (alias === undefined || !reached.has(alias)) continue;
      const other = names.get(right);
      if (other === undefined) return true;
      reached.add(other);
    }
  }
  return false;
}

/** Turns `using (tenant, …)` into comparisons with the first table. */
function joinedPairs(sources: readonly Source[]): Comparison[] {
  const joined = sources.filter(({ joinedBy }) => joinedBy.includes('tenant'));
  return joined.map(({ alias }) => [`${alias}.tenant`, `${sources[0]?.alias}.tenant`]);
}

/** Lists the conflict targets that do not begin with the tenant. */
function conflictsWithout(tokens: readonly Token[], tables: ReadonlySet<string>): Unbound[] {
  const unbound: Unbound[] = [];
  tokens.forEach(({ text }, index) => {
    if (text !== 'conflict' || tokens[index + 1]?.text !== '(') return;
    const into = tokens.findLastIndex((token, at) => at < index && token.text === 'into');
    const table = into < 0 ? hole : (tokens[into + 1]?.text ?? '');
    if (!tables.has(table) || tokens[index + 2]?.text === 'tenant') return;
    unbound.push({ table, why: 'no tenant in its conflict target' });
  });
  return unbound;
}

/** Lists the inserts that do not write a tenant. */
function insertsWithout(tokens: readonly Token[], tables: ReadonlySet<string>): Unbound[] {
  const unbound: Unbound[] = [];
  tokens.forEach(({ text }, index) => {
    if (text !== 'into') return;
    const table = tokens[index + 1]?.text ?? '';
    if (!tables.has(table)) return;
    const open = tokens.findIndex((token, at) => at > index && token.text === '(');
    const columns = tokens.slice(open, closing(tokens, open)).map((token) => token.text);
    if (!columns.includes('tenant')) unbound.push({ table, why: 'no tenant' });
  });
  return unbound;
}
