import type { fhir4 } from '@loopwell/fhir';
import type { Channel } from './channel.ts';

/**
 * What a channel's `fixtures/partner.ts` gives to the contract's suite by `openPartner()`: a
 * partner of that kind over real HTTP, the channel that talks to it, and a few strings to pull.
 * Statuses are FHIR's, whatever the partner calls them.
 */
export type ContractPartner = {
  channel: Channel;
  /** What the partner holds by now, as FHIR Tasks with its own ids. */
  received: () => (fhir4.Task & { id: string })[];
  move: (remoteId: string, status: fhir4.Task['status'], output?: fhir4.TaskOutput[]) => void;
  forget: (remoteId: string) => void;
  /** Keeps what is sent and never answers. */
  loseAnswer: (lost: boolean) => void;
  refuse: (refuses: boolean) => void;
  /** Makes an outcome and says how a Task refers to it. */
  outcomeOf: (remoteId: string) => fhir4.TaskOutput[];
  close: () => Promise<void>;
};
