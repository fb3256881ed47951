import type { NudgeFunction } from '@loopwell/pipeline';
import type { ReferralSettings } from '../../settings.ts';
import type { HelperDoor } from '../shell/helper-door.ts';
import type { PartnerLanguages } from '../texts/languages.ts';

/** What the pages of requests need. */
export type RequestDeps = {
  door: HelperDoor;
  settings: ReferralSettings;
  nudge: NudgeFunction;
  languages: PartnerLanguages;
  /** How long an answer that ends a Task can be undone. */
  undoForMs: () => number;
};
