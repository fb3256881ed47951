import type { fhir4 } from '@loopwell/fhir';
import type { ChannelPorts, Inbound } from './channel.ts';
import type { RawSettings } from './shelf.ts';

/**
 * The partner that `openPartner()` of a channel's `fixtures/partner.ts` gives to the contract's
 * suite. It is a partner of that kind over real HTTP, with what a channel needs to reach it, and
 * functions that change its behavior. Statuses are FHIR's, whatever the partner calls them. A
 * channel leaves out the parts that it does not have.
 */
export type ContractPartner = {
  settings: RawSettings;
  ports: ChannelPorts;
  close: () => Promise<void>;
  /** Of a partner that we send to. */
  server?: {
    /** Lists what the partner has by now, with its own ids. */
    received: () => { id: string }[];
    /** Makes the partner keep what it receives and never answer. */
    loseAnswer: (lost: boolean) => void;
    refuse: (refuses: boolean) => void;
  };
  /** Of a partner that we poll. */
  polled?: {
    move: (remoteId: string, status: fhir4.Task['status']) => void;
    /** Ends it with an outcome. */
    complete: (remoteId: string) => void;
    forget: (remoteId: string) => void;
  };
  /** Makes the message by which the partner says that a Task has a status. */
  pushed?: (task: fhir4.Task, status: fhir4.Task['status']) => Inbound;
};
