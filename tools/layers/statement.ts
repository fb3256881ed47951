/** Stands for what a template or a concatenation computes. */
export const hole = '«»';

const lead = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|\(|«»)*/;
const firstWord = /^(?:select|insert|update|delete|with|truncate|lock)\b/i;

/** Words that stand before a noun in a sentence: no table has such a name. */
const smallWords =
  'a|an|the|this|that|these|those|your|our|its|it|them|their|his|her|all|any|each|every|some|no|' +
  'one|which|who|what|whether|how|to|of|for|with|without|in|on|at|by|here|there|then|yourself';
const name = String.raw`(?!(?:${smallWords})\b)(?:[\w."]|«»)+`;
const names = String.raw`${name}(?:\s*,\s*${name})*`;
const expression = (...parts: string[]) =>
  new RegExp(`^${parts.join('').replaceAll(' ', String.raw`\s+`)}`, 'i');

/** How a statement goes on behind its first word, where the words alone tell it. */
const shapes = [
  expression(
    `insert into ${name}`,
    String.raw`\s*(?:$|[(;«]|(?:values|select|default|as|overriding)\b)`,
  ),
  expression(
    `update (?:only )?${name} (?:as )?(?:${name} )?set`,
    String.raw`(?: «»| $|\s*\(| [\w."«»]+\s*=)`,
  ),
  expression(
    `delete from (?:only )?${name}`,
    String.raw`\s*(?:$|[;)«]|(?:as |${name} )?(?:where|using|returning)\b|as\b)`,
  ),
  expression(
    String.raw`with (?:recursive )?${name}\s*(?:\([^)]*\)\s*)?`,
    String.raw`as(?: (?:not )?materialized)?\s*\(`,
  ),
  expression('with recursive «»'),
  expression(
    `truncate (?:table )?(?:only )?${names}`,
    String.raw`\s*(?:$|[;«]|(?:cascade|restrict|restart|continue)\b)`,
  ),
  expression(`lock table (?:only )?${name}`),
  expression(`lock (?:only )?${names}`, String.raw`\s*(?:;|in [a-z]+(?: [a-z]+)* mode\b)`),
];

/** What a select begins with that needs no `from` to be seen. */
const selected = [
  String.raw`\*`,
  String.raw`\$\d`,
  String.raw`\d+\s*(?:$|[,;:+*/|'"\`)-]|(?:as|from|where|limit)\b)`,
  String.raw`'[^']*'\s*(?:$|[,;:|)]|(?:as|from)\b)`,
  String.raw`\(\s*(?:select|case|\d|\$|'|[\w.]+\s*[-+*/|,:<>=(])`,
  String.raw`(?:not\s+)?exists\s*\(`,
  String.raw`case\s+(?:when|[\w."]+\s+when)\b`,
  String.raw`(?:null|true|false|current_\w+)\s*(?:$|[,;:)]|(?:as|from)\b)`,
  String.raw`[\w."]+\((?!s\))`,
  String.raw`(?:[\w."]|«»)+\s*(?:::|\|\||[+*/<>=]\s*[\w("'$«])`,
  String.raw`(?:[\w"]|«»)+\.\*`,
  String.raw`${name}\s+as\s+${name}\s*(?:,|;|$|from\b)`,
];
const selects = new RegExp(
  String.raw`^select\s+(?:(?:distinct|all)\s+)?(?:${selected.join('|')})`,
  'i',
);
const selectFrom = new RegExp(
  String.raw`^select\s+([\s\S]*?)\s+from\s+(?:lateral\s+|only\s+)?(?:\(|${name})`,
  'i',
);
const keywords =
  'distinct|all|on|as|case|when|then|else|end|and|or|not|is|in|null|over|partition|order|asc|' +
  'desc|between|like|ilike|exists|filter|where|within|group|interval|at|by|time|zone|any|some|' +
  'array|true|false';
const keyword = new RegExp(`^(?:${keywords})$`, 'i');
const smallWord = new RegExp(`^(?:${smallWords})$`, 'i');

/** Tells whether a text is SQL, and no sentence that begins with the same word. */
export function isStatement(text: string): boolean {
  const statement = text.replace(lead, '');
  if (!firstWord.test(statement)) return false;
  if (/\$\d/.test(statement) || selects.test(statement)) return true;
  if (shapes.some((shape) => shape.test(statement))) return true;
  const columns = selectFrom.exec(statement)?.[1];
  return columns?.split(/[^\w\s.«»"]+/).every(isColumn) ?? false;
}

/** Tells whether what stands between two signs can be a column and its alias. */
function isColumn(part: string): boolean {
  const words = part.split(/\s+/).filter((word) => word !== '' && !keyword.test(word));
  const [first = ''] = words;
  return words.length < 3 && !(words.length === 2 && smallWord.test(first));
}
