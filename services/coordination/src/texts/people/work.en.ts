import type { Formats } from '@loopwell/http';
import { systemClock } from '@loopwell/kit';

/** Writes a day of the site as `Dec 2`, with its year where that is another one. */
function dayWords(day: string, now: () => Date): string {
  const at = new Date(`${day}T12:00:00Z`);
  if (Number.isNaN(at.getTime())) return day;
  const isThisYear = day.slice(0, 4) === String(now().getUTCFullYear());
  const parts: Intl.DateTimeFormatOptions = { month: 'short', day: 'numeric', timeZone: 'UTC' };
  if (!isThisYear) parts.year = 'numeric';
  return new Intl.DateTimeFormat('en-US', parts).format(at);
}

/** The words for what is wrong with a field, by field and rule. */
const problems: Readonly<Record<string, string>> = {
  owner: 'Choose somebody of the care team.',
  note: 'Enter at most 2,000 letters.',
  step: 'Enter what is done next, in at most 200 letters.',
  'step none': 'There is no next step any more.',
  on: 'Enter the day.',
  'on past': 'This day has passed.',
  'on too-far': 'This day is more than a year ahead.',
  text: 'Enter at most 10,000 letters.',
  'text required': 'Enter the note.',
};

const ownerTexts = ({ instant }: Formats, now: () => Date) => ({
  title: 'Who looks after this person',
  nobody: 'Nobody looks after this person yet.',
  owner: (who: string, at: Date) => `${who}, since ${instant(at)}.`,
  covers: (cover: string, owner: string, until: string) =>
    `${cover} covers for ${owner} until ${dayWords(until, now)}.`,
  handedBy: (who: string) => `${who} wrote:`,
  handTo: 'Hand over to',
  nobodyChosen: 'nobody',
  handNote: 'What they have to know',
  careTeamOnly: 'care team only',
  handOver: 'Hand over',
  takeOver: 'I look after them',
});

const stepTexts = (now: () => Date) => ({
  nextStep: 'Next step',
  noStep: 'No next step is planned.',
  step: (step: string, on: string, isLate: boolean) =>
    `By ${dayWords(on, now)}: ${step}${isLate ? ' (late)' : ''}`,
  stepDone: 'Done',
  stepField: 'What is done next',
  stepOn: 'By',
  planStep: 'Plan this step',
});

const noteTexts = {
  notes: 'Notes',
  notesHint: 'Care team only. They are never sent to a partner, written to the chart, or printed.',
  noteField: 'New note',
  addNote: 'Add note',
  by: (who: string) => `by ${who}`,
};

const deathTexts = (now: () => Date) => ({
  died: (on: string, by: string) =>
    `${by} recorded that this person died, heard on ${dayWords(on, now)}. Nothing goes out for them.`,
  notDied: 'This was a mistake',
});

/** Makes the English texts about who looks after a person, the next step and the notes. */
export const workTexts = (formats: Formats, now: () => Date = systemClock.now) => ({
  notices: {
    done: 'It was recorded.',
    wrong: 'Nothing was recorded. Look at the field that is marked.',
  },
  problems,
  ...ownerTexts(formats, now),
  ...stepTexts(now),
  ...noteTexts,
  ...deathTexts(now),
  ...coverTexts(now),
});

const coverTexts = (now: () => Date) => ({
  cover: {
    title: 'Who covers for whom',
    intro: 'While somebody is away, their people are on the list of whoever covers for them, too.',
    none: 'Nobody is away.',
    away: 'Away',
    coverer: 'Covers for them',
    until: 'Until',
    untilDay: (day: string) => dayWords(day, now),
    record: 'Record',
    end: 'End now',
    endFor: (who: string) => `End the cover for ${who} now`,
    done: 'It was recorded.',
    wrong: 'Nothing was recorded. Look at the field that is marked.',
    problems: {
      away: 'Choose who is away.',
      cover: 'Choose who covers for them.',
      'cover other': 'Nobody covers for themselves.',
      until: 'Enter the last day.',
      'until past': 'This day has passed.',
      'until too-far': 'This day is more than a year ahead.',
    } as Readonly<Record<string, string>>,
  },
});
