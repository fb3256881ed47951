import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The queue backends that a suite really opened, its own processes included. */
export type SuiteQueues = { suite: string; backends: string[] };

/** What the suites of one run left behind, by name of the suite. */
export function readWitnesses(folder: string): SuiteQueues[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const seen = files.map(
    (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as SuiteQueues,
  );
  return seen.sort((a, b) => a.suite.localeCompare(b.suite));
}

/** One line for the end of a run: how many suites ran on what. */
export function summaryOf(seen: readonly SuiteQueues[]): string {
  const groups = Map.groupBy(seen, (one) => one.backends.join(' and ') || 'no');
  const parts = [...groups].map(
    ([name, some]) => `${some.length} on ${name === 'no' ? 'no queue' : `the ${name} queue`}`,
  );
  return `Integration suites: ${parts.join(', ')}`;
}

/**
 * Why a run does not show what QUEUE_URL asked for; nothing when it does, or when nothing was asked
 * for.
 *
 * @param scope a whole run must have used the queue somewhere, one suite need not
 */
export function queueProblems(
  seen: readonly SuiteQueues[],
  queueUrl: string | undefined,
  scope: 'run' | 'one suite' = 'run',
): string[] {
  if (!queueUrl) return [];
  const asked = /^rediss?:/.test(queueUrl) ? 'redis' : 'postgres';
  const elsewhere = seen.filter((one) => one.backends.some((backend) => backend !== asked));
  const problems = elsewhere.map(
    ({ suite, backends }) =>
      `${suite} ran on ${backends.join(' and ')}, though QUEUE_URL asked for ${asked}`,
  );
  if (scope === 'run' && !seen.some((one) => one.backends.includes(asked)))
    problems.push(`No suite ran on ${asked}, though QUEUE_URL asked for it`);
  return problems;
}
