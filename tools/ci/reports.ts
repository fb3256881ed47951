import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What vitest's JSON reporter writes, as far as it is read here. */
type VitestReport = {
  testResults: {
    name: string;
    status: string;
    startTime: number;
    endTime: number;
    assertionResults: { status: string; fullName?: string }[];
  }[];
};

/**
 * One check of a run: its name, how long it took, and whether it passed; a suite's check has a
 * report by its name.
 */
export type Step = {
  name: string;
  seconds: number;
  passed: boolean;
  report?: string | undefined;
};

export type Count = { passed: number; failed: number; skipped: number };

/**
 * Steps as `.ci/run` notes them: name, seconds, exit status and, for a suite, the name of its
 * report, by tabs.
 */
export function parseSteps(text: string): Step[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [name = '', seconds, status, report] = line.split('\t');
    return {
      name,
      seconds: Number(seconds),
      passed: status === '0',
      ...(report ? { report } : {}),
    };
  });
}

/**
 * Counts each test of a suite's report. A file that could not be loaded, or whose hooks failed,
 * counts as one failure although none of its tests did.
 */
export function countReport(report: VitestReport): Count {
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report.testResults) {
    const of = (status: string) =>
      file.assertionResults.filter((one) => one.status === status).length;
    count.passed += of('passed');
    count.failed += of('failed');
    count.skipped += file.assertionResults.length - of('passed') - of('failed');
    if (file.status !== 'passed' && of('failed') === 0) count.failed += 1;
  }
  return count;
}

/** Counts what a step says beside its report: without one it is a check of its own. */
function countStep({ report, passed }: Step, count: Count): Count {
  if (report === undefined) return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 };
  const isSilent = count.passed + count.failed === 0 || (!passed && count.failed === 0);
  return { passed: 0, failed: isSilent ? 1 : 0, skipped: 0 };
}

/**
 * Sums a run: each test of each report, and each step that has none as one check. A suite without a
 * report, without a test that ran, or that exited with an error which its report does not show, is
 * one failure: no news is bad news.
 */
export function sumSteps(
  steps: readonly Step[],
  readReport: (name: string) => VitestReport | undefined,
): Count {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  const add = (count: Count) => {
    sum.passed += count.passed;
    sum.failed += count.failed;
    sum.skipped += count.skipped;
  };
  for (const step of steps) {
    const report = step.report === undefined ? undefined : readReport(step.report);
    const count = report ? countReport(report) : { passed: 0, failed: 0, skipped: 0 };
    add(count);
    add(countStep(step, count));
  }
  if (steps.length === 0) sum.failed += 1;
  return sum;
}

/**
 * Tests that every report which lists them skipped, as `path > title`. Such a test proved nothing
 * in this run: what it needs (Chromium, Java, the guide, a Redis server) was not there.
 */
export function neverRan(reports: readonly VitestReport[], root: string): string[] {
  const ran = new Map<string, boolean>();
  for (const file of reports.flatMap((report) => report.testResults)) {
    for (const test of file.assertionResults) {
      const name = `${file.name.replace(`${root}/`, '')} > ${test.fullName ?? ''}`;
      const isRun = test.status === 'passed' || test.status === 'failed';
      ran.set(name, (ran.get(name) ?? false) || isRun);
    }
  }
  return [...ran].filter(([, isRun]) => !isRun).map(([name]) => name);
}

/** @returns undefined for a report that is missing or cannot be read */
export function readVitestReport(folder: string, name: string): VitestReport | undefined {
  const file = join(folder, `${name}.json`);
  if (!existsSync(file)) return undefined;
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
    return Array.isArray(report.testResults) ? report : undefined;
  } catch {
    return undefined;
  }
}

/** The integration suites of a report that took more than `seconds`, by path from `root`. */
export function slowSuites(report: VitestReport, root: string, seconds: number): string[] {
  const slow = report.testResults.filter(
    (one) => one.name.endsWith('.int.test.ts') && one.endTime - one.startTime > seconds * 1_000,
  );
  return slow.map((one) => one.name.replace(`${root}/`, ''));
}
