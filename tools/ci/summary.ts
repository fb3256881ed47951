import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { neverRan, parseSteps, readVitestReport, sumSteps } from './reports.ts';

/**
 * Prints the steps of a run of `.ci/run` and, as its last line, `N passed, N failed`; exits 1
 * unless nothing failed. A test that was skipped in every suite that lists it counts as failed:
 * here everything that a test may need has to be there.
 */
const folder = join(import.meta.dirname, '..', '..', '.ci', 'out');
const steps = parseSteps(readFileSync(join(folder, 'steps.tsv'), 'utf8'));
for (const { name, seconds, passed } of steps)
  process.stdout.write(
    `${passed ? 'ok    ' : 'FAILED'} ${String(seconds).padStart(5)} s  ${name}\n`,
  );
const root = join(folder, '..', '..');
const {
  passed,
  failed: failures,
  skipped,
} = sumSteps(steps, (name) => readVitestReport(folder, name));
const reports = steps.flatMap(
  (step) => (step.report && readVitestReport(folder, step.report)) || [],
);
const unproven = neverRan(reports, root);
for (const test of unproven)
  process.stdout.write(`FAILED: skipped everywhere, so nothing shows that it holds: ${test}\n`);
const failed = failures + unproven.length;
const seconds = steps.reduce((sum, one) => sum + one.seconds, 0);
process.stdout.write(
  `${Math.round(seconds / 6) / 10} minutes, ${skipped} skipped\n${passed} passed, ` +
    `${failed} failed\n`,
);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
