import { AppError } from '@loopwell/kit';
import { openMailSocket } from '@loopwell/outbound';
import { createTransport, type SMTPTransportOptions } from 'nodemailer';
import type { MessageFailure, MessageKind, Sent } from './message.ts';

/** The mail server of the site, and the address that its mail comes from. */
export type MailSettings = { url: string; from: string };

/** Sends mail over the site's mail server. */
export type Mailer = {
  send: (mail: { id: string; kind: MessageKind; to: string; text: string }) => Promise<Sent>;
};

/** Says what the address of a mail server has to be. */
export const mailUrlRule =
  'must be a smtp:// or smtps:// address, such as smtp://mail.clinic.org:587';

/** The subjects that there are. None says anything about anybody. */
const subjects = {
  'on-duty': 'Loopwell: you are on duty',
  'partner-new': 'New requests for you',
  'partner-reminder': 'Requests wait for your answer',
  'partner-code': 'Your one-time code',
  reply: 'Your message',
} as const satisfies Record<MessageKind, string>;

/** What an address of a mail server says. */
type ServerSettings = {
  host: string;
  port: number;
  secure: boolean;
  auth: { user: string; pass: string } | undefined;
};

/** Reads the address of a mail server; undefined where it is none. */
export function readMailUrl(text: string): ServerSettings | undefined {
  if (!/^smtps?:\/\/[^\s]+$/.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, hostname, port, username, password, pathname, search } = new URL(text);
  if (hostname === '' || !['', '/'].includes(pathname) || search !== '') return undefined;
  const secure = protocol === 'smtps:';
  const auth =
    username === ''
      ? undefined
      : { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  const host = hostname.replace(/^\[|\]$/g, '');
  return { host, port: Number(port || (secure ? 465 : 587)), secure, auth };
}

/**
 * Creates the mailer of a site. Each mail has a connection of its own, whose address is checked and
 * which ends at the deadline. A password leaves over TLS only.
 *
 * @throws AppError CONFIG_INVALID for an address that is none
 */
export function createMailer({ url, from }: MailSettings, deadlineMs: number): Mailer {
  const server = readMailUrl(url);
  if (server === undefined) throw new AppError('CONFIG_INVALID', `SMTP_URL ${mailUrlRule}`);
  return {
    async send({ id, kind, to, text }) {
      const signal = AbortSignal.timeout(deadlineMs);
      const transport = createTransport(optionsOf(server, signal, deadlineMs));
      try {
        await transport.sendMail({
          from,
          to,
          subject: subjects[kind],
          text,
          messageId: `<${id}@${from.split('@').at(-1)}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal,
        });
        return { state: 'accepted' };
      } catch (error) {
        return { state: 'failed', code: codeOf(error, signal) };
      } finally {
        transport.close();
      }
    },
  };
}

/** Makes the options of a connection that lasts for one mail. */
function optionsOf(
  server: ServerSettings,
  signal: AbortSignal,
  deadlineMs: number,
): SMTPTransportOptions {
  const getSocket: SMTPTransportOptions['getSocket'] = (_options, callback) => {
    openMailSocket(server, signal).then(
      (connection) => callback(null, { connection }),
      (error: Error) => callback(error),
    );
  };
  return {
    host: server.host,
    port: server.port,
    secure: server.secure,
    requireTLS: server.auth !== undefined,
    auth: server.auth,
    disableFileAccess: true,
    disableUrlAccess: true,
    socketTimeout: deadlineMs,
    greetingTimeout: deadlineMs,
    getSocket,
  };
}

/** Returns why a mail server did not take a mail. Its words stay out: they may name a receiver. */
function codeOf(thrown: unknown, signal: AbortSignal): MessageFailure {
  const error = thrown as { code?: unknown; responseCode?: unknown; cause?: unknown };
  const ours = [thrown, error.cause].find((part) => part instanceof AppError);
  if (ours?.code === 'ADDRESS_REFUSED') return 'address-refused';
  if (signal.aborted) return 'deadline';
  if (error.code === 'ETLS') return 'no-tls';
  if (error.code === 'EAUTH') return 'sign-in';
  if (typeof error.responseCode === 'number') return error.responseCode < 500 ? 'later' : 'refused';
  return 'unreachable';
}
