import { createServer, type Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { createMailer, readMailUrl } from './mail.ts';

/** Mail over real connections, to servers that do what a test wants. */
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

type Inbox = { to: string[]; text: string }[];

function mailServer(options: {
  refusesWith?: { code: number };
  needsPassword?: boolean;
}): Promise<{ url: string; inbox: Inbox }> {
  const inbox: Inbox = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: options.needsPassword ? ['STARTTLS'] : ['AUTH', 'STARTTLS'],
    onRcptTo: (_to, _session, done) =>
      done(
        options.refusesWith
          ? Object.assign(new Error('no'), { responseCode: options.refusesWith.code })
          : null,
      ),
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        inbox.push({ to, text: Buffer.concat(parts).toString() });
        done(null);
      });
    },
  });
  server.on('error', () => {});
  closing.push(() => void server.close(() => {}));
  return new Promise((resolve) => {
    const listening = server.listen(0, '127.0.0.1', () => {
      const { port } = listening.address() as { port: number };
      resolve({ url: `smtp://127.0.0.1:${port}`, inbox });
    });
  });
}

/** A server that takes a connection and does what `talk` says with it. */
function rawServer(talk: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    talk(socket);
  });
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () =>
      resolve(`smtp://127.0.0.1:${(server.address() as { port: number }).port}`),
    ),
  );
}

const send = (url: string, deadlineMs = 5_000) =>
  createMailer({ url, from: 'loopwell@clinic.org' }, deadlineMs).send({
    id: '11111111-1111-4111-8111-111111111111',
    kind: 'on-duty',
    to: 'ada@clinic.org',
    text: 'Someone needs you. Open the list or call 612-555-0100.',
  });

describe('a mail', () => {
  it('has one receiver, one text, a subject about nobody and the id of its receipt', async () => {
    const { url, inbox } = await mailServer({});
    expect(await send(url)).toEqual({ state: 'accepted' });
    expect(inbox.map(({ to }) => to)).toEqual([['ada@clinic.org']]);
    const text = inbox[0]?.text ?? '';
    expect(text).toContain('Subject: Loopwell: you are on duty\r\n');
    expect(text).toContain('Message-ID: <11111111-1111-4111-8111-111111111111@clinic.org>');
    expect(text).toContain('\r\n\r\nSomeone needs you. Open the list or call 612-555-0100.');
  });

  it.each([
    ['greylists', { refusesWith: { code: 450 } }, 'later'],
    ['refuses the receiver', { refusesWith: { code: 550 } }, 'refused'],
  ])('is not taken by a server that %s', async (_what, options, code) => {
    const { url } = await mailServer(options);
    expect(await send(url)).toEqual({ state: 'failed', code });
  });

  it.each([
    ['says nothing', () => {}, 'deadline'],
    [
      'drips',
      (socket: Socket) => void setInterval(() => socket.write('2'), 30).unref(),
      'deadline',
    ],
    ['closes at once', (socket: Socket) => void socket.end(), 'unreachable'],
    [
      'never stops talking',
      (socket: Socket) => void setInterval(() => socket.write('220-'.repeat(50_000)), 5).unref(),
      'unreachable',
    ],
  ])('is given up at a server that %s', async (_what, talk, code) => {
    const url = await rawServer(talk);
    const began = Date.now();
    expect(await send(url, 700)).toEqual({ state: 'failed', code });
    expect(Date.now() - began).toBeLessThan(5_000);
  });

  it('is given up at once where nothing listens', async () => {
    const url = await rawServer(() => {});
    for (const close of closing.splice(0)) close();
    expect(await send(url)).toEqual({ state: 'failed', code: 'unreachable' });
  });

  it('never sends a password without TLS', async () => {
    const { url } = await mailServer({ needsPassword: true });
    const withPassword = url.replace('smtp://', 'smtp://ada:secret@');
    expect(await send(withPassword)).toEqual({ state: 'failed', code: 'no-tls' });
  });

  it.each(['smtp://169.254.169.254:25', 'smtp://[fd00:ec2::254]:25', 'smtp://0.0.0.0:25'])(
    'never goes to %s',
    async (url) => {
      expect(await send(url)).toEqual({ state: 'failed', code: 'address-refused' });
    },
  );
});

describe('the address of a mail server', () => {
  it.each([
    ['smtp://mail.clinic.org', { port: 587, secure: false }],
    ['smtps://mail.clinic.org', { port: 465, secure: true }],
    ['smtp://ada:p%40ss@mail.clinic.org:2525', { port: 2525, auth: { user: 'ada', pass: 'p@ss' } }],
  ])('is read from %s', (url, expected) => {
    expect(readMailUrl(url)).toMatchObject({ host: 'mail.clinic.org', ...expected });
  });

  it.each(['mail.clinic.org', 'https://mail.clinic.org', 'smtp://', 'smtp://a b', 'smtp://a/x'])(
    'is not %j',
    (text) => expect(readMailUrl(text)).toBeUndefined(),
  );
});
