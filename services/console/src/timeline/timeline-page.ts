import { button, fields, type Html, html, notice, textField, time } from '@loopwell/http';
import type { Moment } from '@loopwell/store';
import type { ConsoleTexts } from '../texts/en.ts';

/** The content of the timeline page. */
export type TimelineView = {
  /** The id that was looked for. */
  id: string;
  moments: readonly Moment[];
  /** Whether the typed id is unknown. */
  isUnknown: boolean;
};

/** Renders the events of one Encounter, Condition, Task or referral, in order. */
export function timelinePage(view: TimelineView, texts: ConsoleTexts): Html {
  const { timeline: words } = texts;
  const id = { id: 'id', name: 'id', label: words.id, text: view.id, maxlength: 105 };
  const unknown = html`${words.unknown} <code>Encounter/123</code>.`;
  return html`<form method="post" action="/console/trace">
  ${fields(textField({ ...id, isRequired: true }), button({ label: words.show, kind: 'primary' }))}
</form>
${view.isUnknown && notice('done', unknown)}
${view.moments.length > 0 && momentList(view.moments, texts)}
`;
}

function momentList(moments: readonly Moment[], { formats }: ConsoleTexts): Html {
  const lines = moments.map(({ at, stage, what, who, words }) => {
    const when = time(at, formats, formats.second(at));
    const quoted = words !== undefined && html`<br><q class="words">${words}</q>`;
    return html`<li>${when} <strong>${stage}</strong><br>${what} <small>${who}</small>${quoted}</li>\n`;
  });
  return html`<ol class="timeline">${lines}</ol>`;
}
