import { type Html, html, type Part } from '../html/html.ts';

/**
 * The kind of a notice.
 *
 * - `done`: what was just recorded; `problem`: what was not, and why. Screen readers announce both
 *   at once.
 * - `alert` and `caution`: a state that a person has to look at, now or soon.
 * - `danger`: a person may come to harm.
 * - `wait`: something is in the way.
 */
export type NoticeKind = 'done' | 'problem' | 'alert' | 'caution' | 'danger' | 'wait';

/** Renders one paragraph that stands out. */
export function notice(kind: NoticeKind, text: Part): Html {
  if (kind === 'done') return html`<p class="note" role="status">${text}</p>`;
  if (kind === 'problem') return html`<p class="danger" role="alert">${text}</p>`;
  return html`<p class="${kind}">${text}</p>`;
}
