import { describe, expect, it } from 'vitest';
import { sqlLines } from './sql.ts';

describe('SQL outside the store', () => {
  it.each([
    "'select id from person where tenant = $1'",
    "'SELECT id, name FROM person'",
    "'select 1'",
    "'select count(*) as n from referral'",
    `\`select \${columns} from \${table}\``,
    '`\n  select r.*, t.id as task_id\n    from task t`',
    "'select exists (select 1 from task)'",
    "'select distinct person from referral'",
    "'insert into referral (id) values ($1)'",
    "'update referral r set gate = null'",
    "'UPDATE referral SET gate = NULL'",
    `\`update \${table} set x = 1\``,
    "'delete from ledger where stage = $1'",
    "'with news as materialized (select 1) select * from news'",
    "'with recursive up(id) as (select 1) select * from up'",
    "tx.query('savepoint half')",
    "insertRows(tx, 'consent_decision', columns, rows)",
    'tx.query<{ n: number }>(text, [tenant])',
  ])('is seen in %s', (text) => {
    expect(sqlLines(`const kept = 1;\nconst text = ${text};\n`)).toEqual([
      expect.any(Number) as number,
    ]);
  });

  it.each([
    "'Select a partner'",
    "'Select a partner from the list'",
    "'select a partner'",
    "'with the partner'",
    "'With a partner'",
    `\`with \${name} since \${day}: \${status}\``,
    "'update the referral'",
    "'Update referral set to waiting'",
    "'delete the connection to an EHR for good'",
    "'insert the card'",
    "'withdrawn'",
    "'selected'",
    'request.query.sort',
  ])('is not seen in %s', (text) => {
    expect(sqlLines(`const text = ${text};\n`)).toEqual([]);
  });

  it('is told by its line', () => {
    expect(sqlLines("\n\nconst a = 'select 1';\n")).toEqual([3]);
  });
});
