import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import { type LoopwellPeer, type OutboxManner, postTo } from './manners.ts';

/** A text as its receiver finds it. */
export type CaughtText = { at: string; id: string; from: string; to: string; text: string };

/** What a text gateway answers at once, by its manner. Other manners take the text. */
const refusals: Partial<Record<OutboxManner['does'], number>> = { greylists: 503, refuses: 422 };

/**
 * Adds a text gateway of the kind `plain`: it takes texts, reports on them, and sends on what
 * somebody texts back.
 */
export function addTextGateway(
  app: express.Express,
  texts: CaughtText[],
  manner: () => OutboxManner,
  peer: LoopwellPeer,
): void {
  app.get('/outbox/text', (_request, response) => void response.json(texts));
  app.post('/outbox/text/send', async (request, response) => {
    const { does, upToMs = 0 } = manner();
    if (request.get('authorization') !== `Bearer ${peer.textSecret}`)
      return void response.status(401).json({ code: 'unauthorized' });
    if (does === 'hangs') return;
    const refusal = refusals[does];
    if (refusal !== undefined) return void response.status(refusal).json({ code: '30003' });
    await sleep(Math.random() * upToMs);
    const { id, from, to, text } = request.body as CaughtText;
    const isKnown = texts.some((caught) => caught.id === id);
    if (does === 'takes' && !isKnown)
      texts.push({ at: new Date().toISOString(), id, from, to, text });
    response.status(202).json({ id });
    await report(peer, id, manner());
  });
  const forms = express.urlencoded({ extended: false });
  app.post('/outbox/text/reply', forms, async (request, response) => {
    const { from, text, id = randomUUID() } = request.body as Partial<Record<string, string>>;
    const to = texts.findLast((caught) => caught.to === from)?.from ?? '';
    const sent_at = new Date().toISOString();
    const status = await postSigned(peer, '/messages/texts', { id, from, to, text, sent_at });
    if (request.is('urlencoded')) return response.redirect(303, '/outbox');
    response.status(status === 204 ? 200 : 502).json({ status, id });
  });
}

/** Reports what became of a text. */
async function report(peer: LoopwellPeer, id: string, manner: OutboxManner): Promise<void> {
  const isRefused = manner.does === 'carrier-refuses';
  await sleep(manner.afterMs ?? 200, undefined, { ref: false });
  const outcome = isRefused ? { status: 'refused', code: '30003' } : { status: 'delivered' };
  await postSigned(peer, '/messages/events', { id, ...outcome });
}

/** Posts as the gateway does, with the signature of its kind. */
function postSigned(peer: LoopwellPeer, path: string, content: object): Promise<number> {
  const body = JSON.stringify(content);
  const time = String(Math.floor(Date.now() / 1_000));
  const hmac = createHmac('sha256', peer.textSecret).update(`${time}.${body}`);
  const headers = {
    'content-type': 'application/json',
    'x-timestamp': time,
    'x-signature': hmac.digest('hex'),
  };
  return postTo(peer, path, headers, body);
}
