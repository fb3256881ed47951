import { type Comparison, compareWithStored, recodeEverybody } from '@loopwell/enrichment';
import { tenant } from '../run/run.ts';
import type { Environment } from '../run/session.ts';
import { progressLine } from '../terminal/progress-line.ts';
import { withDatabase } from './data-directory.ts';
import { principalOf } from './hold.ts';

const print = (text: string) => process.stdout.write(`${text}\n`);

/**
 * `loopwell recode`: shows what coding everybody anew with the tables of today would change; with --apply makes everybody
 * due, and the workers of the next or the present run do it.
 */
export async function recodeCommand(
  options: { dataDir?: string; json: boolean; apply: boolean; by?: string },
  environment: Environment,
): Promise<number> {
  return withDatabase(options, environment, async (db) => {
    const progress = progressLine(options.apply ? 'people made due' : 'people compared');
    if (options.apply) {
      // The queue only wakes workers up; without a nudge the reconciler finds the rows within seconds.
      const who = { id: principalOf(options), tenant };
      const people = await recodeEverybody(db, who, async () => {}, progress.tell);
      progress.end();
      print(
        options.json
          ? JSON.stringify({ people })
          : `${people} people are due to be coded anew; a run does it, and status shows how far it is (code).`,
      );
      return 0;
    }
    const comparison = await compareWithStored(db, tenant, { progress: progress.tell });
    progress.end();
    print(
      options.json
        ? JSON.stringify(comparison)
        : comparisonLines(comparison, 'Nothing was changed; --apply does it.').join('\n'),
    );
    return 0;
  });
}

export function comparisonLines(
  { people, changed, counts, instruments, examples }: Comparison,
  last: string,
): string[] {
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const told = (some: object) => Object.entries(some).map(([what, n]) => `${n} ${what}`);
  const how = told(counts);
  return [
    `${people} people compared, ${changed} of them would change${how.length > 0 ? `: ${how.join(', ')}` : ''}.`,
    ...Object.entries(instruments).map(([id, some]) => `${id}: ${told(some).join(', ')}`),
    ...examples.map(
      (one) => `- ${one.what}: Condition ${one.condition} of person ${one.person}${codes(one)}`,
    ),
    ...(total > examples.length ? [`… and ${total - examples.length} more.`] : []),
    last,
  ];
}

const codes = ({ from, to }: { from: string; to: string }) =>
  from && to ? `, ${from} becomes ${to}` : from || to ? `, ${from || to}` : '';
