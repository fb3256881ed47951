import { setTimeout as sleep } from 'node:timers/promises';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { type LoopwellPeer, type OutboxManner, postTo } from './manners.ts';

/** A mail as its receiver finds it. */
export type CaughtMail = {
  at: string;
  id: string;
  from: string;
  to: string[];
  subject: string;
  text: string;
};

/** Makes a mail server that keeps what comes, and sends back what bounces. */
export function mailServer(
  mail: CaughtMail[],
  manner: () => OutboxManner,
  peer: LoopwellPeer,
): SMTPServer {
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
          if (manner().does === 'bounces') void sendBack(peer, messageId, manner());
          else mail.push({ at, id: messageId, from: sender, to, subject, text: text.trim() });
          done(null);
        })
        .catch((error: Error) => done(error));
    },
  });
}

/** Sends a report that a mail could not be delivered (RFC 3464). */
async function sendBack(
  peer: LoopwellPeer,
  messageId: string,
  { afterMs = 500 }: OutboxManner,
): Promise<void> {
  await sleep(afterMs, undefined, { ref: false });
  const report = [
    'From: MAILER-DAEMON@mail.example',
    'Subject: Undelivered Mail Returned to Sender',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=part',
    '',
    '--part',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mail.example',
    '',
    'Action: failed',
    'Status: 5.1.1',
    '',
    '--part',
    'Content-Type: text/rfc822-headers',
    '',
    `Message-ID: ${messageId}`,
    '',
    '--part--',
  ];
  const authorization = `Bearer ${peer.bounceSecret}`;
  const headers = { 'content-type': 'message/rfc822', authorization };
  await postTo(peer, '/messages/bounces', headers, report.join('\r\n'));
}

/** Listens at a free port. */
export async function listenForMail(
  server: SMTPServer,
  host: string,
): Promise<{ mailUrl: string; close: () => Promise<void> }> {
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
