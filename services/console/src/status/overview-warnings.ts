import { button, type Html, hiddenField, html, notice } from '@loopwell/http';
import type { Unread } from '@loopwell/store';
import type { ConsoleTexts } from '../texts/en.ts';
import type { Hold, OverviewView } from './overview.ts';

/** Renders the warnings that a person has to look at, each with its link. */
export function overviewWarnings(view: OverviewView, texts: ConsoleTexts): Html {
  const { warnings } = texts.overview;
  const { failures, attention } = view;
  const failed = html`<a href="/console/work">${warnings.failures(failures)}</a>${warnings.failuresNext}`;
  return html`${view.holds.map((hold) => heldWarning(hold, texts))}
${view.notes.map((note) => notice('alert', html`<strong>${note.connection}</strong>: ${note.says}`))}
${failures > 0 && notice('alert', failed)}
${withoutHelpWarning(view, texts)}
${attention.all > 0 && screeningsWarning(attention, texts)}
${view.unread.filter((gap) => gap.open).map((gap) => unreadWarning(gap, texts))}`;
}

function heldWarning(hold: Hold, { overview: { warnings } }: ConsoleTexts): Html {
  const by = warnings.heldBy(hold.principal, hold.at);
  const reason = hold.reason && `: ${hold.reason}`;
  return notice(
    'alert',
    html`${warnings.held} <strong>${hold.scope}</strong> ${by}${reason}. <a href="/console/holds">${warnings.holds}</a>`,
  );
}

function withoutHelpWarning(view: OverviewView, { overview }: ConsoleTexts) {
  const { withoutHelp: words } = overview.warnings;
  if (!view.withoutHelp) return undefined;
  const { count, oldest, overdue } = view.withoutHelp;
  const referrals = words.waiting(count);
  const link = view.mayReview
    ? html`<a href="/without-help">${referrals}</a>`
    : html`<strong>${referrals}</strong>`;
  const late =
    overdue > 0 && html` <strong>${words.overdue(overdue)}</strong>${words.askReviewers}`;
  return notice('caution', html`${link}${words.why(oldest)}${late}`);
}

function screeningsWarning(
  { all, danger }: OverviewView['attention'],
  { overview }: ConsoleTexts,
): Html {
  const { screenings: words } = overview.warnings;
  const others = all - danger;
  const link = html`<a href="/review/screenings">${words.waiting(others)}</a>${words.needReview(others)}`;
  const first = html` <a href="/see-first"><strong>${words.seeFirst}</strong></a>`;
  const kind = danger > 0 ? 'alert' : 'caution';
  return notice(kind, html`${others > 0 && link}${danger > 0 && first}`);
}

/**
 * Renders the warning about a type that an EHR does not let us read. A person may close it, so that
 * it counts as read.
 */
function unreadWarning(gap: Unread, { overview: { warnings } }: ConsoleTexts): Html {
  const mayClose = gap.kind !== 'failed' && gap.kind !== 'nothing';
  const close = html`<form method="post" action="/console/unread/close">
    ${hiddenField('connection', gap.connection)}${hiddenField('type', gap.type)}
    ${button({ label: warnings.countsAsRead(gap.type) })}
  </form>`;
  return html`<div class="caution">
  <p><strong>${warnings.notRead}</strong> <small>${gap.connection}</small>: ${gap.says}</p>
  ${mayClose && close}
</div>
`;
}
