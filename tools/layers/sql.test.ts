import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sqlOutsideTheStore } from './sql.ts';

const root = join(import.meta.dirname, '..', '..');

/** Lines of breaches in texts that stand in one file each. */
function linesIn(texts: readonly string[], ending = 'ts'): number[][] {
  const files = texts.map((_, index) => `services/console/src/case-${index}.${ending}`);
  const byFile = Object.fromEntries(files.map((file, index) => [file, texts[index] ?? '']));
  const places = sqlOutsideTheStore(root, files, byFile);
  return files.map((file) => places.filter((place) => place.file === file).map((p) => p.line));
}

const statements = [
  "'select id from person where tenant = $1'",
  "'SELECT id, name FROM person'",
  "'select 1'",
  "'select count(*) as n from referral'",
  `\`select \${columns} from \${table}\``,
  '`\n  select r.*, t.id as task_id\n    from task t`',
  "'select exists (select 1 from task)'",
  "'select not exists (select 1 from task)'",
  "'select distinct person from referral'",
  '`Select id from person`',
  'sql`Select id from person`',
  `sql\`Select id from person where id = \${id}\``,
  "'select id || name from person'",
  '"select \'x\' as kind from person"',
  "'select ' + cols + ' from person'",
  "'select $1::uuid'",
  "'select a + b'",
  "'select a, b from t'",
  "'SeLeCt id FrOm person'",
  "'(select id from person) union (select id from task)'",
  "' ( select 1)'",
  "'insert into referral (id) values ($1)'",
  "'update referral r set gate = null'",
  "'UPDATE referral SET gate = NULL'",
  "'update referral set (a,b) = ($1,$2)'",
  `\`update \${table} set x = 1\``,
  "'update history set at = now()'",
  "'with recursive ' + parts",
  "'update ' + table + ' set ' + columns",
  "'delete from ledger where stage = $1'",
  "'/* why */ delete from ledger'",
  '`-- why\n delete from ledger`',
  "'truncate ledger'",
  "'TRUNCATE TABLE ledger, referral CASCADE'",
  "'lock table ledger'",
  "'lock ledger in share row exclusive mode'",
  "'with news as materialized (select 1) select * from news'",
  "'with recursive up(id) as (select 1) select * from up'",
];

const takings = [
  "tx.query('savepoint half')",
  "insertRows(tx, 'consent_decision', columns, rows)",
  'tx.query<{ n: number }>(text, [tenant])',
  'tx.query<{n: number; m: string}>(text)',
  "tx['query'](text)",
  'tx.query?.(text)',
  'tx?.query(text)',
  'tx.query.bind(tx)',
  'deps.db.query(text)',
  '(({ query }) => query(text))(tx)',
  '({ query } = tx)',
];

const sentences = [
  "'Select a partner'",
  "'Select a partner from the list'",
  "'select a partner'",
  "'Select the people from the clinic, then send'",
  "'Select people without a consent from Monday'",
  "'Select one, then confirm'",
  "'Select a row (or two)'",
  "'Select file(s)'",
  "'Select 2 partners'",
  "'with the partner'",
  "'With a partner'",
  "'With a consent, a partner reads the name as (it) stands'",
  `\`with \${name} since \${day}: \${status}\``,
  "'With ' + name + ' as a partner'",
  "'update the referral'",
  "'Update the chart with what was told'",
  "'Update referral set to waiting'",
  "'Update ' + name",
  "'Delete the connection from the list'",
  "'delete the connection to an EHR for good'",
  "'Delete from the list'",
  "'insert the card'",
  "'Insert into the form what the person said'",
  "'Truncate the text'",
  "'Lock the door in the evening'",
  "'withdrawn'",
  "'selected'",
  "'delete'",
  "'update'",
  'request.query.sort',
  'query.sort',
  '{ ...query }',
  "({} as Pick<Database, 'query'>)",
];

const asConstant = (text: string) => `const kept = 1;\nconst text = ${text};\n`;

describe('SQL outside the store', () => {
  const seen = [...statements, ...takings];
  const linesSeen = linesIn(seen.map(asConstant));
  it.each(seen.map((text, index) => [text, linesSeen[index]]))('is seen in %s', (_text, lines) => {
    expect(lines).toEqual([2]);
  });

  const linesUnseen = linesIn(sentences.map(asConstant));
  it.each(sentences.map((text, index) => [text, linesUnseen[index]]))(
    'is not seen in %s',
    (_text, lines) => {
      expect(lines).toEqual([]);
    },
  );

  it('is seen where `query` is taken out of a transaction', () => {
    const taken = ['const { query } = tx;', 'const { query: run } = tx;'];
    expect(linesIn([...taken, 'const { query } = request;'])).toEqual([[1], [1], []]);
  });

  it('is seen in plain JavaScript', () => {
    expect(linesIn(["\n\nexport const a = 'select 1';\n"], 'mjs')).toEqual([[3]]);
  });

  it('is not seen in any text for users', () => {
    const folders = ['packages', 'services'].flatMap((shelf) =>
      readdirSync(join(root, shelf), { recursive: true, encoding: 'utf8' })
        .filter((path) => /^[^/]+\/src\/(.*\/)?texts\/[^/]+\.ts$/.test(path))
        .map((path) => `${shelf}/${path}`),
    );
    expect(folders.length).toBeGreaterThan(10);
    expect(sqlOutsideTheStore(root, folders)).toEqual([]);
  });
});
