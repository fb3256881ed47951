import type { ReviewTexts } from '../texts/en.ts';
import { whoText } from '../texts/standing-sentence.ts';

/** Says who looks after a person, or that whoever is on duty does. */
export const ownerText = (owner: string | null, { calls, ...texts }: ReviewTexts): string =>
  owner === null ? calls.list.nobody : calls.list.owner(whoText(owner, { calls, ...texts }));
