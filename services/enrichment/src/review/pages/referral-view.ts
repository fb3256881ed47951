import type { conditionCodesOf } from '@loopwell/sdoh';
import type { ServiceChoice } from '../decide/apply-decision.ts';
import type { Typed } from '../decide/form-data.ts';
import type { Recipient } from '../decide/recipient.ts';
import type { PersonNames } from '../person-names.ts';
import type { Detail } from '../read/read-detail.ts';

/** What the page of one referral shows. */
export type ReferralPageView = Detail & {
  name: ReturnType<PersonNames['get']>;
  /** Address of the list that the referral is on. */
  backTo: string;
  /** Names of partners by Organization id. */
  partners: ReadonlyMap<string, string>;
  /** What keeps its work from going on. */
  troubles: readonly Trouble[];
  /** Partners that serve the need, and those that may be named instead of the one that was. */
  recipients: readonly Recipient[];
  repicks: readonly Recipient[];
  /** Services and findings that a reviewer may choose. */
  services: readonly ServiceChoice[];
  codes: ReturnType<typeof conditionCodesOf>;
  contactFromChart: boolean;
  today: string;
  tomorrow: string;
  typed: Typed;
};

export type Trouble = { stage: string; code: string; waitsFor: string; since: Date };

/** Whether a reviewer can still decide about the need. */
export const isOpen = ({ row: { state, approval } }: Detail): boolean =>
  (state === 'waiting' || state === 'partner') && approval !== 'refused';
