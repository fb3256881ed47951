import { html } from '@loopwell/http';
import type { Tx } from '@loopwell/store';
import type { Opening } from './opening.ts';
import { loadLatest } from './read/load-latest.ts';
import { taskOf } from './read/look.ts';
import { contextOf, gonePage, type ShownBody } from './show-view.ts';
import { answerNotice, topNotice } from './views/answer-notice.ts';
import type { PageNotice } from './views/page-model.ts';

/**
 * Opens a request that the partner cannot see any more. It says what became of what was sent, what
 * the partner said last, and offers to undo that as long as it can be.
 */
export async function openGone(
  tx: Tx,
  { look, view, request }: Opening,
  result?: PageNotice,
): Promise<ShownBody> {
  const task = taskOf(request);
  const latest = await loadLatest(tx, task, look);
  const gone = gonePage(view);
  const context = contextOf(view, result);
  if (!latest) return { ...gone, body: html`${topNotice(context)}${gone.body}` };
  return { body: html`${topNotice(context)}${answerNotice(task, latest, context)}${gone.body}` };
}
