import { type Html, notice } from '@loopwell/http';
import { durationText } from '@loopwell/sdoh';
import { safety, type Tx } from '@loopwell/store';
import { momentOf, type ReviewDeps } from '../reviewer.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { readOnDutyList } from './on-duty-list.ts';

/** Who looks after the people who are still without help, and whether that takes too long. */
export type LateHelpView = safety.LateHelp & {
  /** The first person on duty. */
  owner: string | undefined;
  phone: string | undefined;
  limitMs: number;
};

/** Reads who looks after people without help, and for how many it takes longer than allowed. */
export async function readLateHelp(
  tx: Tx,
  deps: Pick<ReviewDeps, 'clock' | 'tellWithoutHelpMs'>,
): Promise<LateHelpView | undefined> {
  const { tellWithoutHelpMs: limitMs } = deps;
  if (limitMs === undefined) return undefined;
  const { timeZone } = momentOf(deps);
  const { people, phone } = await readOnDutyList(tx);
  const late = await safety.countLateHelp(tx, { limitMs, timeZone });
  return { ...late, owner: people[0]?.name, phone, limitMs };
}

/** Renders who looks after the list, and who was told that it takes too long. */
export function lateHelpNotice(view: LateHelpView, { lateHelp: words }: ReviewTexts): Html {
  const { owner, people, toldAt, toldNames, limitMs } = view;
  const limit = words.limit(durationText(limitMs));
  if (owner === undefined) return notice('alert', words.noOwner(view.phone));
  if (people === 0) return notice('caution', words.isTold(owner, limit));
  const told = words.told(toldNames, toldAt, owner);
  return notice('alert', `${words.late(people, limit)} ${told}`);
}
