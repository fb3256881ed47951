import { AppError, type Clock } from '@loopwell/kit';
import type { OutboundFetch } from '@loopwell/outbound';
import type { Mailer } from './mail.ts';
import type { MessageFailure, SendMessage, Sent } from './message.ts';
import { sendWebhook } from './webhook.ts';

/** Creates the way by which messages leave. */
export function createSender(ports: {
  /** Undefined where no mail server is set up. */
  mailer: Mailer | undefined;
  fetch: OutboundFetch;
  clock: Clock;
  deadlineMs: number;
}): SendMessage {
  return async (message) => {
    try {
      const sending =
        message.way === 'webhook'
          ? sendWebhook(ports, message)
          : (ports.mailer?.send(message) ?? notSetUp);
      return await withDeadline(sending, ports.deadlineMs);
    } catch (error) {
      return { state: 'failed', code: codeOf(error) };
    }
  };
}

const notSetUp: Promise<Sent> = Promise.resolve({ state: 'failed', code: 'not-set-up' });

function codeOf(error: unknown): MessageFailure {
  if (!(error instanceof AppError)) return 'failed';
  if (error.code === 'ADDRESS_REFUSED') return 'address-refused';
  if (error.facts.code === 'deadline') return 'deadline';
  if (typeof error.facts.status === 'number') return 'later';
  return error.code === 'REMOTE_UNAVAILABLE' ? 'unreachable' : 'failed';
}

/** Gives up waiting at the deadline, so that the next way is taken. */
async function withDeadline(sending: Promise<Sent>, deadlineMs: number): Promise<Sent> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Sent>((resolve) => {
    timer = setTimeout(() => resolve({ state: 'failed', code: 'deadline' }), deadlineMs);
  });
  try {
    return await Promise.race([sending, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
