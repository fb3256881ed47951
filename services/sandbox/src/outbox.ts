import { setTimeout as sleep } from 'node:timers/promises';
import type express from 'express';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** What the mail server or the receiver of webhooks does with what comes. */
export type OutboxManner = {
  /**
   * `takes` keeps each message; `greylists` says "later" to each; `refuses` says no; `hangs` takes
   * the connection and says nothing more.
   */
  does: 'takes' | 'greylists' | 'refuses' | 'hangs';
  /** How long each message is held at most before it is taken: a random part of it. */
  upToMs?: number;
};

/** A mail as its receiver finds it. */
export type CaughtMail = {
  at: string;
  id: string;
  from: string;
  to: string[];
  subject: string;
  text: string;
};

/** A webhook as its receiver finds it. The body is the text that was signed. */
export type CaughtWebhook = { at: string; headers: Record<string, string>; body: string };

/** A mail server and a receiver of webhooks that keep what comes, for people and tests to read. */
export type Outbox = {
  /** Address of the mail server, as `SMTP_URL` takes it. */
  mailUrl: string;
  close: () => Promise<void>;
};

/** Adds the outbox to the sandbox: `GET /outbox/mail`, `/outbox/webhooks`, and `PUT` of manners. */
export async function addOutbox(app: express.Express, host: string): Promise<Outbox> {
  const manners: Record<'mail' | 'webhooks', OutboxManner> = {
    mail: { does: 'takes' },
    webhooks: { does: 'takes' },
  };
  const mail: CaughtMail[] = [];
  const webhooks: CaughtWebhook[] = [];
  const server = await listen(
    mailServer(mail, () => manners.mail),
    host,
  );
  app.get('/outbox/mail', (_request, response) => void response.json(mail));
  app.get('/outbox/webhooks', (_request, response) => void response.json(webhooks));
  app.put('/outbox/:kind/manner', (request, response) => {
    const kind = request.params.kind === 'mail' ? 'mail' : 'webhooks';
    manners[kind] = request.body as OutboxManner;
    response.json(manners[kind]);
  });
  app.post('/outbox/webhooks', async (request, response) => {
    const { does, upToMs = 0 } = manners.webhooks;
    if (does === 'hangs') return;
    if (does !== 'takes') return void response.status(does === 'refuses' ? 403 : 503).end();
    await sleep(Math.random() * upToMs);
    const headers = request.headers as Record<string, string>;
    webhooks.push({ at: new Date().toISOString(), headers, body: JSON.stringify(request.body) });
    response.status(204).end();
  });
  return server;
}

function mailServer(mail: CaughtMail[], manner: () => OutboxManner): SMTPServer {
  return new SMTPServer({
    authOptional: true,
    closeTimeout: 100,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onConnect(_session, done) {
      if (manner().does !== 'hangs') done();
    },
    onRcptTo(_address, _session, done) {
      const code = { greylists: 451, refuses: 550 }[manner().does as string];
      done(code === undefined ? null : Object.assign(new Error('Not now'), { responseCode: code }));
    },
    onData(stream, session, done) {
      const to = session.envelope.rcptTo.map(({ address }) => address);
      simpleParser(stream)
        .then(async ({ messageId = '', from, subject = '', text = '' }) => {
          await sleep(Math.random() * (manner().upToMs ?? 0));
          const at = new Date().toISOString();
          const sender = from?.text ?? '';
          mail.push({ at, id: messageId, from: sender, to, subject, text: text.trim() });
          done(null);
        })
        .catch((error: Error) => done(error));
    },
  });
}

async function listen(server: SMTPServer, host: string): Promise<Outbox> {
  // A sender that is killed in the middle is an error of its connection only.
  server.on('error', () => {});
  const port = await new Promise<number>((resolve) => {
    const listening = server.listen(0, host, () =>
      resolve((listening.address() as { port: number }).port),
    );
  });
  return {
    mailUrl: `smtp://${host}:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
