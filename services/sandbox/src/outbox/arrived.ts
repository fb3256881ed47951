import type { CaughtMail } from './mail-server.ts';
import type { CaughtText } from './text-gateway.ts';

/** A webhook as its receiver finds it. The body is the text that was signed. */
export type CaughtWebhook = { at: string; headers: Record<string, string>; body: string };

/** All that has arrived. */
export type Arrived = { mail: CaughtMail[]; texts: CaughtText[]; webhooks: CaughtWebhook[] };
