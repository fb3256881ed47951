import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SuiteQueues } from '../testing/queue-summary.ts';
import { readVitestReport, slowSuites } from './reports.ts';

/**
 * Which integration suites to run again, by the reports of the run named first, one a line:
 * `suites.ts postgres queue` those that opened a queue; `suites.ts postgres slow 20` those that
 * took longer than 20 s.
 */
const root = join(import.meta.dirname, '..', '..');
const folder = join(root, '.ci', 'out');
const [name = '', which, seconds] = process.argv.slice(2);

function chosen(): string[] {
  if (which === 'queue') {
    const seen = JSON.parse(
      readFileSync(join(folder, `${name}-queues.json`), 'utf8'),
    ) as SuiteQueues[];
    return seen.filter((one) => one.backends.length > 0).map((one) => one.suite);
  }
  const report = readVitestReport(folder, name);
  return report ? slowSuites(report, root, Number(seconds)) : [];
}

for (const suite of chosen()) process.stdout.write(`${suite}\n`);
