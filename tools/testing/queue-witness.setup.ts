import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { newId } from '@loopwell/kit';
import { afterAll, expect } from 'vitest';
import './queue-witness.mjs';
import { queueProblems, type SuiteQueues } from './queue-summary.ts';

/**
 * Before each integration suite: watch which queues it and its processes open. After it: say so,
 * and judge.
 */
const folder = process.env.QUEUE_WITNESSES ?? mkdtempSync(join(tmpdir(), 'loopwell-queues-'));
const notes = join(folder, `${newId()}.notes`);
const preload = `--import=${pathToFileURL(join(import.meta.dirname, 'queue-witness.mjs')).href}`;
process.env.QUEUE_WITNESS = notes;
if (!process.env.NODE_OPTIONS?.includes(preload))
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} ${preload}`.trim();

afterAll(() => {
  const backends = existsSync(notes)
    ? [...new Set(readFileSync(notes, 'utf8').trim().split('\n'))].sort()
    : [];
  const suite = relative(process.cwd(), expect.getState().testPath ?? 'unknown suite');
  const seen: SuiteQueues = { suite, backends };
  writeFileSync(`${notes}.json`, JSON.stringify(seen));
  process.stdout.write(
    `${suite} ran on ${backends.length === 0 ? 'no queue' : `the ${backends.join(' and ')} queue`}\n`,
  );
  expect(queueProblems([seen], process.env.QUEUE_URL, 'one suite')).toEqual([]);
});
