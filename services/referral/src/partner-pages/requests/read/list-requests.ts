import { requestStage } from '@loopwell/sdoh';
import {
  type HubTask,
  hubTasks,
  pageAnswers,
  type ReferralRow,
  referrals,
  type TaskRow,
  type Tx,
  tasks,
} from '@loopwell/store';
import type { ReferralSettings } from '../../../settings.ts';
import type { ListedRequest } from '../views/list-page.ts';
import { answerByOf } from './answer-by.ts';
import type { Look } from './look.ts';

const openStatuses = ['requested', 'received', 'accepted', 'in-progress', 'on-hold'];

/** The most requests that one page lists. Those that wait longest for an answer come first. */
const most = 100;

/** Lists the open requests that a partner answers on its page, the most urgent first. */
export async function listRequests(
  tx: Tx,
  look: Look,
  settings: ReferralSettings,
): Promise<ListedRequest[]> {
  const shown = await openTasks(tx, look.partner);
  const ids = shown.map(({ id }) => id);
  const loaded = await tasks.loadTasks(tx, ids);
  const held = await pageAnswers.heldUntil(tx, ids);
  const needs = await referrals.loadReferrals(
    tx,
    shown.map(({ referral }) => referral),
  );
  const listed: ListedRequest[] = [];
  for (const { id, referral } of shown) {
    const [task, need] = [loaded.get(id), needs.get(referral)];
    if (!task || !need) continue;
    const state = {
      isEnding: held.has(id),
      isLegal: look.kindFor(need.category) === 'legal',
      answerBy: answerByOf(task, need, look, settings),
    };
    listed.push({
      ...listedRequest(task, need),
      ...state,
    });
  }
  return listed.toSorted((a, b) => urgency(a) - urgency(b));
}

async function openTasks(tx: Tx, partner: string): Promise<HubTask[]> {
  const search = {
    partners: [partner],
    statuses: openStatuses,
    limit: most,
  };
  const open = await hubTasks.searchHubTasks(tx, search);
  return open.filter(({ door, elements }) => door === 'here' && elements === 'all');
}

const listedRequest = (task: TaskRow, need: ReferralRow) => ({
  id: task.id,
  category: need.category,
  stage: requestStage(task.status),
  mustBy: need.must_by ?? undefined,
  sentAt: task.requested_at,
  acceptedAt: task.accepted_at ?? undefined,
});

/** Sorts what waits for an answer before what was answered, each by its deadline. */
function urgency({ stage, isEnding: hasEnd, answerBy }: ListedRequest): number {
  const deadline = answerBy?.getTime() ?? Number.MAX_SAFE_INTEGER / 4;
  if (hasEnd) return deadline * 3;
  return stage === 'asked' ? deadline : deadline * 2;
}
