import type { Clock } from '@loopwell/kit';
import type { OutboundFetch } from '@loopwell/outbound';
import { Webhook } from 'standardwebhooks';
import type { Sent } from './message.ts';

/** A webhook by the Standard Webhooks specification: its address and the secret that signs it. */
type WebhookMessage = {
  id: string;
  text: string;
  url: string;
  secret: string;
};

/** The type of the one event that we send. */
const eventType = 'on-duty.called';

/**
 * Sends a webhook, signed by the Standard Webhooks specification (https://www.standardwebhooks.com,
 * version 1.0.0). Its id stays the same when it is sent again; the time in the signature is that of
 * the try.
 */
export async function sendWebhook(
  { fetch, clock }: { fetch: OutboundFetch; clock: Clock },
  { id, text, url, secret }: WebhookMessage,
): Promise<Sent> {
  const at = clock.now();
  const body = JSON.stringify({ type: eventType, timestamp: at.toISOString(), data: { text } });
  const { status } = await fetch(url, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': new Webhook(secret).sign(id, at, body),
    },
  });
  if (status >= 200 && status < 300) return { state: 'accepted' };
  return { state: 'failed', code: 'refused' };
}
