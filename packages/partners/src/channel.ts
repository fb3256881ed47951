import type { fhir4 } from '@loopwell/fhir';

/** A partner's Task as it stands at the partner. */
export type RemoteTask = { remoteId: string; etag?: string | undefined; status: string; task: fhir4.Task };

export type Asked = ({ kind: 'there' } & RemoteTask) | { kind: 'not-there' } | { kind: 'cannot-tell' };

export type Cancelled = { kind: 'cancelled' } | { kind: 'accepted'; status: string } | { kind: 'cannot-prove'; code: string };

/** How referrals reach one kind of partner, and how their answers come back. One folder of this shelf each. */
export type Channel = {
  id: string;
  /** What happens when nobody knows whether a send arrived. */
  unknownOutcome: 'ask' | 'idempotency-key' | 'tell-a-person';
  /** @param mayGo asked right before anything leaves; nothing does when it says no */
  send: (task: fhir4.Task, receiptKey: string, mayGo?: () => boolean) => Promise<RemoteTask>;
  ask: (task: fhir4.Task, receiptKey: string) => Promise<Asked>;
  /** States of many Tasks at once, by their ids at the partner; what the partner does not show is missing. */
  poll: (remoteIds: readonly string[]) => Promise<Map<string, RemoteTask>>;
  cancel: (remoteId: string, reason: string) => Promise<Cancelled>;
  /** Procedures that a completed Task refers to, on the partner's own server. */
  outputs: (remoteId: string) => Promise<fhir4.Procedure[]>;
};
