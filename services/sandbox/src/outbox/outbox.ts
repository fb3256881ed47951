import { setTimeout as sleep } from 'node:timers/promises';
import type express from 'express';
import type { Arrived, CaughtWebhook } from './arrived.ts';
import { listenForMail, mailServer } from './mail-server.ts';
import type { LoopwellPeer, OutboxManner, OutboxManners } from './manners.ts';
import { outboxPage } from './outbox-page.ts';
import { addTextGateway } from './text-gateway.ts';

/**
 * A mail server, a text gateway and a receiver of webhooks that keep what comes, for people and
 * tests to read.
 */
export type Outbox = {
  /** Address of the mail server, as `SMTP_URL` takes it. */
  mailUrl: string;
  close: () => Promise<void>;
};

/** The secrets of the text gateway and of the mail server's bounces. */
export const outboxSecrets = {
  textSecret: 'sandbox-text-gateway',
  bounceSecret: 'sandbox-mail-bounces',
} as const;

/**
 * Adds the outbox to the sandbox: the page `/outbox`, `GET /outbox/mail`, `/outbox/text` and
 * `/outbox/webhooks`, `PUT` of manners, and `POST /outbox/text/reply`. `PUT /outbox/loopwell` says
 * where bounces, reports and replies go.
 */
export async function addOutbox(app: express.Express, host: string): Promise<Outbox> {
  const manners: OutboxManners = {
    mail: { does: 'takes' },
    text: { does: 'takes' },
    webhooks: { does: 'takes' },
  };
  const peer: LoopwellPeer = { address: undefined, ...outboxSecrets };
  const arrived: Arrived = { mail: [], texts: [], webhooks: [] };
  app.get('/outbox', (_request, response) => {
    response.type('html').send(outboxPage(arrived, manners));
  });
  app.put('/outbox/loopwell', (request, response) => {
    peer.address = String((request.body as { address?: unknown }).address);
    response.json({ address: peer.address });
  });
  app.put('/outbox/:kind/manner', (request, response) => {
    const kind = Object.hasOwn(manners, request.params.kind) ? request.params.kind : 'webhooks';
    manners[kind as keyof OutboxManners] = request.body as OutboxManner;
    response.json(manners[kind as keyof OutboxManners]);
  });
  app.get('/outbox/mail', (_request, response) => void response.json(arrived.mail));
  addTextGateway(app, arrived.texts, () => manners.text, peer);
  addWebhooks(app, arrived.webhooks, () => manners.webhooks);
  return listenForMail(
    mailServer(arrived.mail, () => manners.mail, peer),
    host,
  );
}

/** Adds the receiver of webhooks. */
function addWebhooks(
  app: express.Express,
  webhooks: CaughtWebhook[],
  manner: () => OutboxManner,
): void {
  app.get('/outbox/webhooks', (_request, response) => void response.json(webhooks));
  app.post('/outbox/webhooks', async (request, response) => {
    const { does, upToMs = 0 } = manner();
    if (does === 'hangs') return;
    if (does !== 'takes') return void response.status(does === 'refuses' ? 403 : 503).end();
    await sleep(Math.random() * upToMs);
    const headers = request.headers as Record<string, string>;
    webhooks.push({ at: new Date().toISOString(), headers, body: JSON.stringify(request.body) });
    response.status(204).end();
  });
}
