import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bareClocksInSql } from './clock.ts';

const root = join(import.meta.dirname, '..', '..');
const file = 'packages/store/src/referral/planted.ts';
const isFound = (text: string, at = file) => bareClocksInSql(root, [at], { [at]: text }).length > 0;

describe('a statement of the store', () => {
  it.each([
    "'select 1 from task where accept_by < now()'",
    "'update task set accept_by = NOW ( )'",
    '`select 1 from access_token where expires_at > clock_timestamp()`',
    `\`select \${columns} from hold where at > statement_timestamp() - $1\``,
    "'select transaction_timestamp()'",
    "'select 1 from referral where postponed_until <= current_date'",
    "'select 1 from referral where decide_by < CURRENT_TIMESTAMP'",
    "'select localtimestamp'",
    "'select 1 from task where accept_by < \\'now\\'::timestamptz'",
  ])('is found where it names a clock of PostgreSQL: %s', (text) => {
    expect(isFound(`export const planted = ${text};`)).toBe(true);
  });

  it.each([
    "'select 1 from task where accept_by < loopwell_now()'",
    `\`select 1 from ledger where leased_until < \${realNow} and due < \${nowOnce}\``,
    "'The deadline is known now (it has passed)'",
  ])('passes where it does not: %s', (text) => {
    expect(isFound(`export const planted = ${text};`)).toBe(false);
  });

  it('may name it in the one file of clocks, in tests, and outside the store', () => {
    const text = "export const planted = 'select now()';";
    const places = ['database/clock-sql.ts', 'a.test.ts', 'a.generated.ts'];
    for (const place of places) expect(isFound(text, `packages/store/src/${place}`)).toBe(false);
    expect(isFound(text, 'tools/bench/lists.ts')).toBe(false);
  });
});
