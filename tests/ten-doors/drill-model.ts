import type { CaughtMail, CaughtWebhook, Sandbox } from '@loopwell/sandbox';
import type { Host } from '@loopwell/service';
import type { Database } from '@loopwell/store';

/** Everybody who works at the clinic, by role. Pao works there, too. */
export const staff = {
  rea: ['reviewer'],
  lee: ['reviewer', 'clinician'],
  mai: ['reviewer', 'lead'],
  pao: ['operator'],
  bee: ['auditor'],
  ann: ['admin'],
} as const;
export type Staff = keyof typeof staff;
export const everybody = Object.keys(staff) as Staff[];

export type Drill = {
  host: Host;
  db: Database;
  ehr: Sandbox;
  partner: Sandbox;
  kia: string;
  food: string;
  /** The cookie of somebody who is signed in. */
  cookieOf: (who: Staff) => string;
  /** Asks at an address as somebody who is signed in. */
  ask: (who: Staff, path: string, request?: RequestInit) => Promise<Shown>;
  /** Sends JSON to the API as somebody who is signed in. */
  send: (who: Staff, method: string, path: string, body: object) => Promise<Shown>;
  /** Posts a form as somebody who is signed in. */
  post: (who: Staff, path: string, fields: Record<string, string>) => Promise<Shown>;
  /** Where Kia's referral for food stands: its gate, or how it ended. */
  standing: () => Promise<string | undefined>;
  /** Waits until the referral stands there and no worker has anything to do. */
  reach: (place: string) => Promise<void>;
  /** Lists every trace of the answer behind every door, for some of the staff. */
  everywhere: (who?: readonly Staff[]) => Promise<string[]>;
  mails: () => Promise<CaughtMail[]>;
  webhooks: () => Promise<CaughtWebhook[]>;
  /** Lists what has reached the pantry about anybody. */
  atPantry: () => Promise<string[]>;
  close: () => Promise<void>;
};

export type Shown = { status: number; text: string; location: string | null };
