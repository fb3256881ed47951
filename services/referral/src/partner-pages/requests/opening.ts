import type { Request } from '@loopwell/http';
import type { ReferralSettings } from '../../settings.ts';
import type { Look } from './read/look.ts';
import type { View } from './show-view.ts';

/** A page that a helper opens, and what it is opened with. */
export type Opening = {
  look: Look;
  view: View;
  settings: ReferralSettings;
  /** The address of what is opened. */
  request: Request;
};
