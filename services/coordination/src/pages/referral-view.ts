import type { conditionCodesOf, PersonNo } from '@loopwell/sdoh';
import type { AddedNeedRow, contact, GateWork, TaskDelivery, work } from '@loopwell/store';
import type { ServiceChoice } from '../decide/apply-decision.ts';
import type { Typed } from '../decide/form-data.ts';
import type { Recipient } from '../decide/recipient.ts';
import type { StaysThere } from '../decide/take-back.ts';
import type { PersonNames } from '../person-names.ts';
import type { Detail } from '../read/read-detail.ts';

/** The view of the page of one referral. */
export type ReferralPageView = Detail & {
  name: ReturnType<PersonNames['get']>;
  /** The person's no that stands against this help; undefined where there is none. */
  saidNo: PersonNo | undefined;
  /** Address of the list that the referral is on. */
  backTo: string;
  /** Names of partners by Organization id. */
  partners: ReadonlyMap<string, string>;
  /** The troubles that stop work on it. */
  troubles: readonly Trouble[];
  /** Partners that serve the need, and those that may be named in place of the earlier one. */
  recipients: readonly Recipient[];
  /** Numbers of confidential services that give this help; their names stand nowhere. */
  confidentialNumbers: readonly string[];
  repicks: readonly Recipient[];
  /** Services and findings that a reviewer may choose. */
  services: readonly ServiceChoice[];
  codes: ReturnType<typeof conditionCodesOf>;
  /** The referral for the same need that is under way before this one. */
  underWay: work.NeedUnderWay | undefined;
  /** What was said of a need that no form told of. */
  added: AddedNeedRow | undefined;
  contactFromChart: boolean;
  /** Who wrote the policy by which a spoken yes counts; undefined where the site has none. */
  spokenAuthor: string | undefined;
  /** What the person says about the help; undefined where nobody has asked. */
  helpAnswer: contact.HelpAnswerRow | undefined;
  /** What partners have of it although its consent was taken back. */
  stays: readonly StaysThere[];
  /** The site's, in which times of day are typed. */
  timeZone: string;
  today: string;
  tomorrow: string;
  typed: Typed;
  /** The request of this reviewer that can be undone; undefined for none. */
  undoable: string | undefined;
  /** Until when nothing is sent, so that the decision can be undone; null if nothing waits. */
  undoUntil: Date | null;
  /** The ways by which each Task went out, by Task. */
  ways: ReadonlyMap<string, readonly TaskDelivery[]>;
  /** The codes that the person brings to the partner, by Task. */
  tickets: ReadonlyMap<string, string>;
  /** The partner that has it gives legal help: nobody asks why it ends. */
  isLegal: boolean;
  /** When a worker looks at it; undefined where it waits for somebody. */
  work: GateWork | undefined;
};

export type Trouble = { stage: string; code: string; waitsFor: string; since: Date };

/** Tells whether a reviewer can still decide about the need. */
export const isOpen = ({ row: { state, approval } }: Detail): boolean =>
  (state === 'waiting' || state === 'partner') && approval !== 'refused';
