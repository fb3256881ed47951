import { AppError, type Clock } from '@loopwell/kit';
import type { OutboundFetch } from '@loopwell/outbound';
import type { Mailer } from './mail.ts';
import type { Message, MessageFailure, SendMessage, Sent } from './message.ts';
import type { TextGateway } from './text/text-gateway.ts';
import { sendWebhook } from './webhook.ts';

/** What messages leave by. */
type Ports = {
  /** Undefined where no mail server is set up. */
  mailer: Mailer | undefined;
  /** Undefined where no text gateway is set up. */
  texts?: TextGateway | undefined;
  fetch: OutboundFetch;
  clock: Clock;
  deadlineMs: number;
};

/** Creates the way by which messages leave. */
export function createSender(ports: Ports): SendMessage {
  return async (message) => {
    try {
      return await withDeadline(sendBy(ports, message), ports.deadlineMs);
    } catch (error) {
      return { state: 'failed', code: codeOf(error) };
    }
  };
}

function sendBy(ports: Ports, message: Message): Promise<Sent> {
  switch (message.way) {
    case 'webhook':
      return sendWebhook(ports, message);
    case 'text':
      return ports.texts?.send(message) ?? notSetUp;
    case 'email':
      return ports.mailer?.send(message) ?? notSetUp;
  }
}

const notSetUp: Promise<Sent> = Promise.resolve({ state: 'failed', code: 'not-set-up' });

function codeOf(error: unknown): MessageFailure {
  if (!(error instanceof AppError)) return 'failed';
  if (error.code === 'ADDRESS_REFUSED') return 'address-refused';
  if (error.code === 'OUTCOME_UNKNOWN') return 'unknown';
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
