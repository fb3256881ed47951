import { fileURLToPath } from 'node:url';
import { sleep } from '@loopwell/kit';
import type { Response } from 'express';

/** Checks by name. Each answers with a sentence when something is wrong. */
export type Checks = Readonly<Record<string, () => Promise<string | undefined>>>;

/** Names the files that anyone may read: the ones that the sign-in page needs. */
export const publicFiles = ['style.css', 'icon.svg'] as const;

/** Sends a public file. Caches may keep it for an hour. */
export function sendPublic(name: (typeof publicFiles)[number], response: Response): void {
  response
    .set('cache-control', 'public, max-age=3600')
    .sendFile(name, { root: fileURLToPath(new URL('../public/', import.meta.url)) });
}

/**
 * Milliseconds after which a check without an answer has failed, so that `/ready` always answers.
 */
const checkMs = 3_000;

async function run(checks: Checks): Promise<Record<string, string>> {
  const runOne = async ([name, check]: [string, Checks[string]]) => {
    const late = sleep(checkMs).then(() => 'The check got no answer in time');
    return { name, sentence: await Promise.race([check().catch(() => 'The check failed'), late]) };
  };
  const sentences: Record<string, string> = {};
  for (const { name, sentence } of await Promise.all(Object.entries(checks).map(runOne)))
    if (sentence !== undefined) sentences[name] = sentence;
  return sentences;
}

/** The answer of `/ready`. */
type Ready = { status: number; body: { status: string; reasons: object; notes?: object } };

/**
 * Returns a function that answers `/ready`. Callers at the same moment share one round of checks,
 * because anyone may ask.
 */
export function readyAnswers(readiness: Checks, notes: Checks): () => Promise<Ready> {
  let running: Promise<Ready> | undefined;
  const answer = async (): Promise<Ready> => {
    const [reasons, remarks] = await Promise.all([run(readiness), run(notes)]);
    const isReady = Object.keys(reasons).length === 0;
    const status = isReady ? 200 : 503;
    const body = { status: isReady ? 'ready' : 'not-ready', reasons };
    if (Object.keys(remarks).length === 0) return { status, body };
    return { status, body: { ...body, notes: remarks } };
  };
  return () => {
    running ??= answer().finally(() => {
      running = undefined;
    });
    return running;
  };
}
