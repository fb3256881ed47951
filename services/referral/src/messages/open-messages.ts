import type { Clock } from '@loopwell/kit';
import {
  createMailer,
  createSender,
  createTextGateway,
  knowsOurIds,
  type MailSettings,
  type TextSettings,
} from '@loopwell/messages';
import { createOutboundFetch, type Outbound } from '@loopwell/outbound';
import type { Database } from '@loopwell/store';
import {
  createTellPartner,
  type MessageTiming,
  messageTiming,
  type TellPartner,
} from './tell-partner.ts';

/** The mail server and the text gateway of the site, and the pace; tests are in a hurry. */
export type MessageSettings = {
  mail?: MailSettings | undefined;
  texts?: TextSettings | undefined;
  /** The bearer of what brings back mail that did not arrive. */
  bounceSecret?: string | undefined;
  timing?: Partial<MessageTiming>;
};

/** What messages to partners need of the host. */
export type MessageResources = {
  db: Database;
  outbound: Outbound;
  /** Webhooks are signed with the time that it is for their receivers. */
  realClock: Clock;
  publicUrl: string;
};

/** Opens the way by which partners are told. DECISIONS D187. */
export function openMessages(
  { db, outbound, realClock, publicUrl }: MessageResources,
  { mail, texts, timing: chosen }: MessageSettings,
): TellPartner {
  const timing = { ...messageTiming, ...chosen };
  const { deadlineMs } = timing;
  const fetch = createOutboundFetch(outbound);
  const callback = `${publicUrl}/messages/events`;
  const send = createSender({
    mailer: mail && createMailer(mail, deadlineMs),
    texts: texts && createTextGateway(texts, { fetch, callback }),
    fetch,
    clock: realClock,
    deadlineMs,
  });
  const knowsTexts = texts !== undefined && knowsOurIds(texts);
  return createTellPartner({ db, send, timing, knowsTexts });
}
