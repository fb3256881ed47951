import {
  button,
  column,
  fields,
  type Html,
  headerColumn,
  hiddenField,
  html,
  notice,
  table,
  textField,
} from '@loopwell/http';
import type { AlertState, ShownMessage } from '@loopwell/store';
import type { ReviewTexts } from '../texts/en.ts';
import { dutyNotice } from './duty-notice.ts';
import { type OnDutyTexts, type PersonTexts, personFields } from './on-duty-form.ts';
import type { OnDutyVersion, StoredList } from './on-duty-list.ts';

/** The content of the page of the people on duty. */
export type OnDutyPageView = {
  list: StoredList;
  typed: OnDutyTexts;
  /** The rule that a field breaks, by its name in the form. */
  errors: ReadonlyMap<string, string>;
  outcome: 'saved' | 'stale' | 'wrong' | undefined;
  /** Somebody who signed in may change the list. */
  mayChange: boolean;
  hasMail: boolean;
  state: AlertState;
  messages: readonly ShownMessage[];
  versions: readonly OnDutyVersion[];
};

/** Renders who is on duty, the form that changes it, and what was sent. */
export function onDutyPage(view: OnDutyPageView, texts: ReviewTexts): Html {
  const { onDuty: words } = texts;
  return html`${outcomeNotice(view, texts)}
${dutyNotice(view, texts)}
<p>${words.intro}</p>
${view.mayChange ? form(view, texts) : names(view, texts)}
<h2>${words.messages.title}</h2>
${messageTable(view.messages, texts)}
<h2>${words.history.title}</h2>
${historyTable(view.versions, texts)}
`;
}

function outcomeNotice({ outcome, list }: OnDutyPageView, { onDuty: words, formats }: ReviewTexts) {
  if (outcome === 'saved') return notice('done', words.saved);
  if (outcome === 'wrong') return notice('problem', words.wrong);
  if (outcome !== 'stale') return undefined;
  const at = list.changedAt ? formats.instant(list.changedAt) : '–';
  return notice('problem', words.stale(nameOf(list.changedBy ?? '–'), at));
}

function names({ list }: OnDutyPageView, { onDuty: words }: ReviewTexts): Html {
  if (list.people.length === 0) return html``;
  return html`<ol>${list.people.map(({ name }) => html`<li>${name}</li>`)}</ol>
<p>${words.phoneIs(list.phone)}</p>`;
}

function form(view: OnDutyPageView, { onDuty: words }: ReviewTexts): Html {
  const { typed, errors } = view;
  const phone = textField({
    ...{ id: 'phone', name: 'phone', label: words.fields.phone, text: typed.phone },
    ...{ error: errors.get('phone'), maxlength: 60 },
  });
  return html`<form method="post" action="/on-duty">
  ${hiddenField('version', String(view.list.version))}
  ${typed.people.map((person, row) => personRow(view, { person, row }, words))}
  ${fields(phone)}
  ${button({ label: words.save, kind: 'primary' })}
</form>`;
}

function personRow(
  view: OnDutyPageView,
  { person, row }: { person: PersonTexts; row: number },
  words: ReviewTexts['onDuty'],
): Html {
  const stored = view.list.people.find(({ webhook }) => webhook?.url === person.url);
  const hasSecret = person.url !== '' && stored?.webhook?.secret !== undefined;
  const hints = {
    name: undefined,
    email: undefined,
    url: words.optional,
    secret: words.secretHint,
  };
  const inputs = personFields.map((field) => {
    const name = `${field}${row}`;
    const hint = field === 'secret' && hasSecret ? words.secretStored : hints[field];
    return textField({
      ...{ id: name, name, label: words.fields[field], hint, text: person[field] },
      ...{ error: view.errors.get(name), maxlength: 500 },
    });
  });
  return html`<fieldset><legend>${words.place(row + 1)}</legend>${fields(...inputs)}</fieldset>`;
}

function messageTable(messages: readonly ShownMessage[], texts: ReviewTexts): Html {
  const { onDuty: words, formats } = texts;
  if (messages.length === 0) return html`<p>${words.messages.none}</p>`;
  return table(messages, [
    headerColumn(words.messages.when, ({ at }: ShownMessage) => formats.instant(at)),
    column(words.messages.who, ({ name }: ShownMessage) => name),
    column(words.messages.way, ({ way }: ShownMessage) => words.ways[way]),
    column(words.messages.outcome, (message: ShownMessage) => outcomeWords(message, words)),
  ]);
}

function outcomeWords({ state, code }: ShownMessage, words: ReviewTexts['onDuty']): string {
  if (state !== 'failed') return words.states[state];
  return words.failures[code as keyof typeof words.failures] ?? words.failures.failed;
}

function historyTable(versions: readonly OnDutyVersion[], texts: ReviewTexts): Html {
  const { onDuty: words, formats } = texts;
  if (versions.length === 0) return html`<p>${words.history.none}</p>`;
  return table(versions, [
    headerColumn(words.history.when, ({ at }: OnDutyVersion) => formats.instant(at)),
    column(words.history.who, ({ by }: OnDutyVersion) => nameOf(by)),
    column(words.history.people, ({ people }: OnDutyVersion) => people),
  ]);
}

/** Gives the name of somebody, as pages write it. */
const nameOf = (principal: string): string => principal.replace(/^person:/, '');
