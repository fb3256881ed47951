import { describe, expect, it } from 'vitest';
import { countReport, neverRan, parseSteps, slowSuites, sumSteps } from './reports.ts';

const file = (status: string, ...tests: string[]) => ({
  name: '/root/x.int.test.ts',
  status,
  startTime: 0,
  endTime: 1_000,
  assertionResults: tests.map((one) => ({ status: one })),
});
const report = (...testResults: ReturnType<typeof file>[]) => ({ testResults });
const green = report(file('passed', 'passed', 'passed', 'skipped'));

describe('the sum of a run', () => {
  it('counts each test, and a check without a report as one', () => {
    const steps = parseSteps('lint\t3\t0\ntests\t60\t0\tpostgres\nlayers\t2\t1\n');
    expect(sumSteps(steps, () => green)).toEqual({ passed: 3, failed: 1, skipped: 1 });
  });

  it('counts a file that could not be loaded, or whose hooks failed, as a failure', () => {
    expect(countReport(report(file('failed'), file('failed', 'passed')))).toEqual({
      passed: 1,
      failed: 2,
      skipped: 0,
    });
  });

  it.each([
    ['without a report', undefined],
    ['with an empty report', report()],
    ['whose tests were all skipped', report(file('passed', 'skipped'))],
  ])('counts a suite %s as a failure', (_, found) => {
    expect(sumSteps(parseSteps('tests\t1\t0\tpostgres\n'), () => found).failed).toBe(1);
  });

  it('does not believe a green report of a suite that ended with an error', () => {
    expect(sumSteps(parseSteps('tests\t1\t1\tpostgres\n'), () => green)).toEqual({
      passed: 2,
      failed: 1,
      skipped: 1,
    });
  });

  it('is a failure when nothing ran at all', () => {
    expect(sumSteps(parseSteps(''), () => green).failed).toBe(1);
  });

  it('tells quick integration suites from slow ones', () => {
    const slow = { ...file('passed', 'passed'), name: '/root/slow.int.test.ts', endTime: 90_000 };
    const unit = { ...file('passed', 'passed'), name: '/root/unit.test.ts' };
    expect(slowSuites(report(file('passed', 'passed'), slow, unit), '/root', 60)).toEqual([
      'slow.int.test.ts',
    ]);
  });

  it('names the tests that no suite ran', () => {
    const results = (first: string, second: string) => ({
      ...file('passed'),
      assertionResults: [
        { status: first, fullName: 'needs Redis' },
        { status: second, fullName: 'needs Java' },
      ],
    });
    const reports = [report(results('skipped', 'skipped')), report(results('passed', 'pending'))];
    expect(neverRan(reports, '/root')).toEqual(['x.int.test.ts > needs Java']);
  });
});
