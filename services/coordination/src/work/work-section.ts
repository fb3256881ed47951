import {
  button,
  fields,
  type Html,
  html,
  notice,
  selectField,
  textArea,
  textField,
  time,
} from '@loopwell/http';
import { type PersonSection, type SectionFeedback, sectionNotice } from '../person-section.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { whoText } from '../texts/standing-sentence.ts';
import { readWork, type WorkView } from './record-work.ts';

/** Shows who looks after a person, the next step, and the notes of the care team. */
export const workSection: PersonSection = {
  name: 'work',
  async read(tx, subject, context) {
    const view = await readWork(tx, subject, context.deps);
    const { feedback } = context;
    const isDone = context.query.recorded === 'work';
    const section = feedback?.section === 'work' ? feedback : undefined;
    return (texts) => workPart(view, { feedback: section, isDone }, texts);
  },
};

type Around = { feedback: SectionFeedback | undefined; isDone: boolean };

function workPart(view: WorkView, { feedback, isDone }: Around, texts: ReviewTexts): Html {
  const { work: words } = texts;
  const wrong = errorsOf(feedback, texts);
  return html`<h2 id="work">${words.title}</h2>
${sectionNotice({ isDone, problem: feedback?.problem }, words.notices)}
${deathPart(view, texts)}
<p>${ownerSentence(view, texts)}</p>
${lastHandOver(view, texts)}
${ownerForm(view, wrong, texts)}
<p><a href="/covers">${words.cover.title}</a></p>
<h3>${words.nextStep}</h3>
${stepPart(view, wrong, texts)}
<h3>${words.notes}</h3>
<p class="hint">${words.notesHint}</p>
${noteForm(view, wrong, texts)}
<ol class="timeline unprinted">${view.notes.map((note) => noteItem(note, texts))}</ol>`;
}

/** Says that the person was reported to have died, with the button that takes it back. */
function deathPart({ death, person }: WorkView, texts: ReviewTexts): Html | undefined {
  const { work: words } = texts;
  if (death === undefined) return undefined;
  const by = whoText(death.recorded_by, texts);
  return html`${notice('alert', words.died(death.heard_on, by))}
<form method="post" action="/people/${person}/death">${button({ label: words.notDied })}</form>`;
}

/** What was typed into a field, and what is wrong with it. */
type Wrong = { typed: (name: string) => string; error: (name: string) => string | undefined };

function errorsOf(feedback: SectionFeedback | undefined, { work: words }: ReviewTexts): Wrong {
  const { field, rule } = feedback?.problem.facts ?? {};
  return {
    typed: (name) => feedback?.typed[name] ?? '',
    error: (name) =>
      field === name ? (words.problems[`${name} ${rule}`] ?? words.problems[name]) : undefined,
  };
}

function ownerSentence({ owners: [latest], cover }: WorkView, texts: ReviewTexts): string {
  const { work: words } = texts;
  if (!latest?.owner) return words.nobody;
  const owner = whoText(latest.owner, texts);
  const since = words.owner(owner, latest.handed_at);
  if (cover === undefined) return since;
  return `${since} ${words.covers(whoText(cover.cover, texts), owner, cover.until)}`;
}

function lastHandOver({ owners: [latest] }: WorkView, texts: ReviewTexts): Html | undefined {
  if (!latest?.note) return undefined;
  const by = texts.work.handedBy(whoText(latest.handed_by, texts));
  return html`<p class="words unprinted">${by} ${latest.note}</p>`;
}

function ownerForm(view: WorkView, wrong: Wrong, texts: ReviewTexts): Html {
  const { work: words } = texts;
  const people = view.team
    .map((one) => whoText(one, texts))
    .map((name) => ({ code: name, label: name }));
  const owner = selectField({
    id: 'owner',
    name: 'owner',
    label: words.handTo,
    error: wrong.error('owner'),
    options: [{ code: '', label: words.nobodyChosen }, ...people],
    chosen: wrong.typed('owner'),
  });
  const note = textField({
    id: 'owner-note',
    name: 'note',
    label: words.handNote,
    hint: words.careTeamOnly,
    text: wrong.typed('note'),
    maxlength: 2000,
    error: wrong.error('note'),
  });
  const take = button({ label: words.takeOver, name: 'take', sends: 'me' });
  const hand = button({ label: words.handOver, kind: 'primary' });
  return html`<form method="post" action="/people/${view.person}/owner">${fields(owner, note, hand, take)}</form>`;
}

function stepPart(view: WorkView, wrong: Wrong, texts: ReviewTexts): Html {
  const { work: words } = texts;
  const { step, person, today } = view;
  const current = step && words.step(step.step, step.due_on, step.due_on < today);
  const done =
    step &&
    html`<form method="post" action="/people/${person}/next-step/done">${button({ label: words.stepDone })}</form>`;
  const what = textField({
    id: 'step',
    name: 'step',
    label: words.stepField,
    maxlength: 200,
    text: wrong.typed('step'),
    error: wrong.error('step'),
  });
  const on = textField({
    id: 'step-on',
    name: 'on',
    label: words.stepOn,
    type: 'date',
    min: today,
    text: wrong.typed('on'),
    error: wrong.error('on'),
  });
  return html`${step ? html`<p class="words">${current}</p>${done}` : html`<p>${words.noStep}</p>`}
<form method="post" action="/people/${person}/next-step">${fields(what, on, button({ label: words.planStep }))}</form>`;
}

function noteForm(view: WorkView, wrong: Wrong, { work: words }: ReviewTexts): Html {
  const text = textArea({
    id: 'note-text',
    name: 'text',
    label: words.noteField,
    maxlength: 10_000,
    text: wrong.typed('text'),
    error: wrong.error('text'),
  });
  return html`<form method="post" action="/people/${view.person}/notes">${fields(text, button({ label: words.addNote }))}</form>`;
}

const noteItem = (note: WorkView['notes'][number], texts: ReviewTexts): Html =>
  html`<li>${time(note.recorded_at, texts.formats)} ${texts.work.by(whoText(note.recorded_by, texts))}<div class="words">${note.body}</div></li>
`;
