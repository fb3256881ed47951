import { attributes, facts, type Html, html } from '@loopwell/http';
import type { Stage } from '@loopwell/pipeline';
import type { StageStatus } from '@loopwell/store';
import type { ConsoleTexts } from '../texts/en.ts';
import { loopPicture } from './loop-picture.ts';
import { outcomes } from './outcomes.ts';
import type { OverviewView } from './overview.ts';
import {
  alteredTable,
  gatesTable,
  partnersTable,
  quarantineTable,
  readingTable,
  refusalsTable,
} from './overview-tables.ts';
import { overviewWarnings } from './overview-warnings.ts';

/** Renders the overview: the place of all work, what waits and for whom, and what failed. */
export function overviewPage(view: OverviewView, texts: ConsoleTexts): Html {
  return html`${outcomes(view.outcomes, texts)}
${stateLine(view, texts)}
${overviewWarnings(view, texts)}
${loopPicture(view.picture, texts)}
${stageCards(view.stages, texts)}
<div class="panels">
<section>${gatesTable(view.gates, texts)}</section>
<section>${quarantineTable(view.quarantine, texts)}</section>
</div>
${partnersTable(view.partners, texts)}
${refusalsTable(view.refusals, texts)}
${view.altered.length > 0 && alteredTable(view.altered, texts)}
${readingTable(view.lanes, texts)}
`;
}

function stateLine(view: OverviewView, texts: ConsoleTexts): Html {
  const { state } = texts.overview;
  const unread = view.unread.filter((gap) => gap.open).length;
  const { failures, holds, notes, withoutHelp, attention } = view;
  const isBad = failures > 0 || holds.length > 0 || notes.length > 0;
  const troubles = [
    failures > 0 && state.failed(failures),
    holds.length > 0 && state.held(holds.length),
    notes.length > 0 && state.lockedOut,
    unread > 0 && state.notRead(unread),
    withoutHelp && state.withoutHelp(withoutHelp.count),
    attention.all > 0 && state.screenings(attention.all),
  ].filter((trouble): trouble is string => typeof trouble === 'string');
  const kind = isBad ? 'bad' : 'wait';
  return html`<div class="state">
  ${
    troubles.length === 0
      ? html`<p class="good">${state.calm}</p>`
      : html`<p class="${kind}">${state.sentence(troubles)}</p>`
  }
  <p class="hint">${refreshLink(view, texts)}</p>
</div>`;
}

function refreshLink({ isRefreshing }: OverviewView, texts: ConsoleTexts): Html {
  const { refresh } = texts.overview;
  if (isRefreshing) return html`${refresh.on} (<a href="/console">${refresh.stop}</a>)`;
  return html`${refresh.asOf(new Date())} <a href="/console?every=10">${refresh.start}</a>`;
}

function stageCards(stages: readonly StageStatus[], texts: ConsoleTexts): Html {
  const { stages: words } = texts.overview;
  return html`<h2>${words.title}</h2>
<ol class="stages" aria-label="${words.inOrder}">
  ${stages.map((stage) => stageCard(stage, texts))}
</ol>`;
}

function stageCard(
  status: StageStatus,
  { overview: { stages: words }, formats }: ConsoleTexts,
): Html {
  const { count, age } = formats;
  const waiting = Object.entries(status.waiting).filter(([, n]) => n > 0);
  const nobodyWaits = { term: words.waiting, detail: '0' };
  const numbers = [
    ...waiting.map(([who, n]) => ({ term: words.waitingFor(who), detail: count(n) })),
    waiting.length === 0 && nobodyWaits,
    { term: words.active, detail: count(status.active) },
    {
      term: words.failed,
      detail: count(status.failed),
      kind: status.failed > 0 ? ('bad' as const) : undefined,
    },
    { term: words.oldest, detail: age(status.oldestSince) },
    { term: words.lastMinute, detail: count(status.donePerMinute) },
    { term: words.done, detail: count(status.done) },
  ];
  const card = attributes({ class: status.failed > 0 ? 'stage has-failed' : 'stage' });
  return html`<li ${card}>
    <h3>${status.stage}</h3>
    <p class="says">${words.purposes[status.stage as Stage]}</p>
    ${facts(numbers)}
  </li>
  `;
}
