import type { fhir4 } from '@loopwell/fhir';
import type { Channel } from './channel.ts';

/**
 * The partner that `openPartner()` of a channel's `fixtures/partner.ts` gives to the contract's
 * suite. It is a partner of that kind over real HTTP, with the channel that talks to it and
 * functions that change its behavior. Statuses are FHIR's, whatever the partner calls them.
 */
export type ContractPartner = {
  channel: Channel;
  /** Lists the Tasks that the partner has by now, as FHIR Tasks with its own ids. */
  received: () => (fhir4.Task & { id: string })[];
  move: (remoteId: string, status: fhir4.Task['status'], output?: fhir4.TaskOutput[]) => void;
  forget: (remoteId: string) => void;
  /** Makes the partner keep new Tasks and never answer. */
  loseAnswer: (lost: boolean) => void;
  refuse: (refuses: boolean) => void;
  /** Makes an outcome, and gives the outputs by which a Task refers to it. */
  outcomeOf: (remoteId: string) => fhir4.TaskOutput[];
  close: () => Promise<void>;
};
