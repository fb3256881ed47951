import type { fhir4 } from '@loopwell/fhir';
import type { FhirClient } from '@loopwell/fhir/client';
import type { Clock } from '@loopwell/kit';
import type { OutboundFetch } from '@loopwell/outbound';
import type { z } from 'zod';

/**
 * One way to reach partners, such as FHIR REST. A channel delivers referrals and reads answers. It
 * stores nothing. Each channel has one folder here.
 */
export type PartnerChannel<Settings> = {
  id: string;
  /**
   * The form of the addresses of its Endpoints. `http`: an http(s) base. `mail`: `mailto:…`.
   * `phone`: `tel:+…`. `none`: it needs no address.
   */
  address: 'http' | 'mail' | 'phone' | 'none';
  /**
   * Tells where the Task of a referral is moved. `copy`: at the partner, on its own copy. `here`:
   * on ours.
   */
  door: 'copy' | 'here';
  /** Checks the settings of an Endpoint. Where there is an address, `address` is one of them. */
  settings: z.ZodType<Settings>;
  /** The settings that are sealed in the database and never shown. */
  secrets: readonly (keyof Settings & string)[];
  /** Tells whether packets carry the resources of a referral, or the Task alone. */
  carriesResources?: (settings: Settings) => boolean;
  connect: (settings: Settings, ports: ChannelPorts) => PartnerConnection;
};

/** All that a channel may use to reach the outside. */
export type ChannelPorts = {
  /** Makes a FHIR client with the bearer that is configured for the base. */
  fhirClient: (base: string) => FhirClient;
  /** Sends a request to a partner that does not speak FHIR. */
  fetch: OutboundFetch;
  /** Tells a partner that requests wait for it. */
  messages: (notice: PartnerNotice) => Promise<Told>;
  clock: Clock;
};

/** A message to a partner. It says how many requests are new, and nothing about any of them. */
export type PartnerNotice = {
  /** The id of its Organization. */
  partner: string;
  way: 'email' | 'text';
  kind: 'partner-new';
  /** One mailbox, or one number with its country code. */
  to: string;
  /** Ids of our Tasks. Requests that are new at about the same time go into one message. */
  tasks: readonly string[];
  /** Writes the message about so many requests. */
  words: (count: number) => string;
};

/**
 * What came of a message. `waiting`: it is asked again after so many milliseconds. With `failed` it
 * never arrives by this way.
 */
export type Told =
  | { state: 'accepted' }
  | { state: 'waiting'; ms: number }
  | { state: 'failed'; code: string };

/** The name, contact data and language of a person, as far as the partner may know them. */
export type PermittedPerson = { name?: string; phone?: string; birthDate?: string };

/** The organization that refers. */
export type Sender = { name: string; phone?: string };

/** A referral as a channel may know it. It holds nothing that its partner may not read. */
export type ReferralPacket = {
  /** The receipt key. The same send has the same key. */
  key: string;
  /** The Organization that is asked. */
  partner: { id: string; name: string };
  task: fhir4.Task;
  /** The category of help, in the code of the guide. */
  need: string;
  /** The time by which the partner should answer. */
  by?: string;
  who: PermittedPerson;
  sender: Sender;
  /** A page where the partner answers. */
  answerLink?: string;
  /**
   * The resources that the Task leads to, as the partner may read them, each after those that it
   * refers to. It is empty unless the channel carries resources.
   */
  resources: readonly fhir4.Resource[];
};

/** A Task as its partner has it. */
export type RemoteTask = {
  remoteId: string;
  etag?: string | undefined;
  status: string;
  task: fhir4.Task;
};

/**
 * The outcome of one packet. `waiting`: it leaves later, for example with others, so it is given
 * again after so many milliseconds; nothing of it has left. `failed`: an AppError REMOTE_REFUSED with `status` when the partner
 * will not take it; OUTCOME_UNKNOWN when it may have it, with `notKept` when it said yes and shows
 * nothing; another with `neverSent` when nothing left.
 */
export type Delivery = { key: string } & (
  | ({ kind: 'there' } & RemoteTask)
  | { kind: 'waiting'; ms: number }
  | { kind: 'failed'; error: unknown }
);

/**
 * The answer to the question whether a Task arrived. `cannot-tell`: the answer did not show whether
 * the question was understood.
 */
export type Asked =
  | ({ kind: 'there' } & RemoteTask)
  | { kind: 'not-there' }
  | { kind: 'cannot-tell' };

/** Asks whether a packet arrived. A "no" lets it be sent again. */
export type Ask = (packet: ReferralPacket) => Promise<Asked>;

/**
 * What happens when nobody knows whether a packet arrived. `ask`: the partner is asked. `same-key`:
 * the packet is sent again, and the partner knows it by its key. `repeat`: it is sent again, and
 * may arrive twice. `person`: a person decides, and nothing is sent again by itself.
 */
export type WhenUnknown =
  | { kind: 'ask'; ask: Ask }
  | { kind: 'same-key' }
  | { kind: 'repeat' }
  | { kind: 'person' };

/** One Task of a poll. A failure is that Task's own; the other Tasks are reported all the same. */
export type Polled =
  | ({ kind: 'there' } & RemoteTask)
  | { kind: 'gone' }
  | { kind: 'failed'; error: unknown };

/** Reads what partners show. */
export type Poll = {
  /** Reads the states of many Tasks at once, by their ids at the partner, and answers for each. */
  states: (remoteIds: readonly string[]) => Promise<Map<string, Polled>>;
  /**
   * Lists all outputs that a Task names, with the resources that can be read.
   *
   * @param giveUp an output that cannot be read now is left unread; without it a partner in trouble
   *   throws and is asked again
   */
  outputs: (task: fhir4.Task, giveUp?: boolean) => Promise<Output[]>;
};

/** A message that a partner sends to us. */
export type Inbound = { body: unknown };

/** An answer of a partner, read from its message. `messageId` is the same for the same message. */
export type PartnerAnswer = {
  /** The id of our Task. */
  task: string;
  messageId: string;
  status: string;
  body: fhir4.Task;
};

/** A way in which answers arrive. */
export type Answers =
  | { kind: 'poll'; poll: Poll }
  | { kind: 'push'; parse: (message: Inbound) => PartnerAnswer[] }
  | { kind: 'page' }
  | { kind: 'manual' };

/** What a carrier says of a delivery: it bounced, or was refused. */
export type DeliveryEvent = { key: string; kind: 'delivered' | 'refused'; code?: string };

/**
 * The Tasks that may be cancelled. `untaken`: only those that are not accepted; `open`: also those
 * that the partner works on.
 */
export type CancelScope = 'untaken' | 'open';

/**
 * The outcome of a cancellation. `task`: the partner's last version, which our own words must not
 * cover up.
 */
export type Cancelled = (
  | /** It can no longer end in help, and the partner shows it so. */ {
      kind: 'cancelled';
      status: string;
    }
  /** The partner was faster: it took the Task, or has ended it in its own way. */
  | { kind: 'kept'; status: string }
  | { kind: 'cannot-prove'; code: string }
) & { task: fhir4.Task };

/**
 * How a Task is taken back. `copy`: the partner's copy is cancelled and read again. `here`: the
 * partner reads from us that our Task is cancelled.
 */
export type Retract =
  | {
      kind: 'copy';
      cancel: (remoteId: string, reason: string, scope: CancelScope) => Promise<Cancelled>;
    }
  | { kind: 'here' };

/** One entry of Task.output as it came, and the resource that its reference led to. */
export type Output = {
  type: unknown;
  /** `valueString`, `valueReference` …; null if it has no value. */
  valueName: string | null;
  content: unknown;
  reference: string | null;
  /** The resource that was read or was contained in the Task; null if there is none. */
  resource: unknown;
  /** The reason why a reference led to nothing, so that a person looks. */
  unread: 'elsewhere' | 'not-there' | 'unreadable' | 'too-many' | null;
};

/** A channel that talks to one partner. */
export type PartnerConnection = {
  /**
   * Delivers packets, each at most once at a time.
   *
   * @param mayGo asked with the key of a packet right before anything of it leaves; nothing does
   *   when it says no
   */
  deliver: (
    packets: readonly ReferralPacket[],
    mayGo: (key: string) => boolean,
  ) => Promise<readonly Delivery[]>;
  whenUnknown: WhenUnknown;
  answers: readonly Answers[];
  delivered?: { parse: (message: Inbound) => DeliveryEvent[] };
  /** Absent: a person is told what has to be done by hand. */
  retract?: Retract;
};
