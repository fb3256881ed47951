import { fileURLToPath } from 'node:url';
import { sleep } from '@loopwell/kit';
import type { Response } from 'express';

/** Questions by name; each answers with a sentence where something is wrong. */
export type Checks = Readonly<Record<string, () => Promise<string | undefined>>>;

/** What the sign-in page looks like may be seen by everybody. */
export const publicFiles = ['style.css', 'icon.svg'] as const;

/** Sends it; caches may keep it for an hour. */
export function sendPublic(name: (typeof publicFiles)[number], response: Response): void {
  response
    .set('cache-control', 'public, max-age=3600')
    .sendFile(name, { root: fileURLToPath(new URL('../public/', import.meta.url)) });
}

/** A check that does not answer has failed: who asks for readiness must hear something. */
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

/** What `/ready` answers. */
type Ready = { status: number; body: { status: string; reasons: object; notes?: object } };

/** Anybody may ask, so askers at the same moment share one round of checks. */
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
