import type { AppError } from '@loopwell/kit';
import type { ServiceChoice } from '../decide/apply-decision.ts';
import type { Typed } from '../decide/form-data.ts';
import type { Recipient } from '../decide/recipient.ts';
import type { ListRow } from '../read/list-rows.ts';
import type { ListAction, ListPlace } from '../read/people-lists.ts';

/** The people that somebody chose on a list, before anything is recorded about them. */
export type ChooseView = {
  place: ListPlace;
  action: ListAction;
  rows: readonly ListRow[];
  /** People who are not among them, because each is decided alone. */
  leftOut: readonly ListRow[];
  services: readonly ServiceChoice[];
  /** Partners that serve one of the needs, for a consent. */
  recipients: readonly Recipient[];
  /** Who wrote the policy by which a spoken yes counts; undefined where the site has none. */
  spokenAuthor: string | undefined;
  typed: Typed;
  /** Why what was typed could not be recorded. */
  problem?: AppError | undefined;
  back: string;
  /** A partner may read the contact that the chart puts first. */
  contactFromChart: boolean;
  today: string;
  tomorrow: string;
};
