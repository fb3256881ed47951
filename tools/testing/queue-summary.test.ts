import { describe, expect, it } from 'vitest';
import { queueProblems, summaryOf } from './queue-summary.ts';

const suite = (name: string, ...backends: string[]) => ({ suite: name, backends });

describe('which queue the suites ran on', () => {
  it('counts the suites of each backend', () => {
    const seen = [suite('a', 'postgres'), suite('b', 'postgres'), suite('c'), suite('d', 'redis')];
    expect(summaryOf(seen)).toBe(
      'Integration suites: 2 on the postgres queue, 1 on no queue, 1 on the redis queue',
    );
  });

  it('refuses a suite that ran elsewhere than QUEUE_URL says', () => {
    const seen = [
      suite('a', 'redis'),
      suite('b', 'postgres'),
      suite('c', 'postgres', 'redis'),
      suite('d'),
    ];
    expect(queueProblems(seen, 'redis://127.0.0.1:1')).toEqual([
      'b ran on postgres, though QUEUE_URL asked for redis',
      'c ran on postgres and redis, though QUEUE_URL asked for redis',
    ]);
  });

  it('refuses a run in which nothing used the queue that was asked for', () => {
    expect(queueProblems([suite('a')], 'redis://127.0.0.1:1')).toEqual([
      'No suite ran on redis, though QUEUE_URL asked for it',
    ]);
    expect(queueProblems([suite('a')], 'redis://127.0.0.1:1', 'one suite')).toEqual([]);
  });

  it('asks nothing of a run without QUEUE_URL', () => {
    expect(queueProblems([suite('a', 'postgres')], undefined)).toEqual([]);
  });
});
