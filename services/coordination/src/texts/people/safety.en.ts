import type { SafetyAction } from '@loopwell/sdoh';

const actions: Readonly<Record<SafetyAction, string>> = {
  'talked-alone': 'Talked alone',
  'could-not-talk-alone': 'Could not talk alone',
  'does-not-want-this-now': "Doesn't want this now",
  'reached-advocate': 'Reached an advocate',
  'answered-by-mistake': 'Answered by mistake',
};

const shortDay = new Intl.DateTimeFormat('en-US', {
  month: 'short',
  day: 'numeric',
  timeZone: 'UTC',
});

/** Writes a day as `Dec 2`; a text that is no day stays as it is. */
function dayText(text: string): string {
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  return Number.isNaN(day.getTime()) ? text : shortDay.format(day);
}

/** Says that people are on a list whom the reader may not open, and whom to call about them. */
function notShown(of: {
  count: number;
  names: readonly string[];
  phone: string | undefined;
}): string {
  const people =
    of.count === 1
      ? '1 more person whom you may not open is'
      : `${of.count} more people whom you may not open are`;
  const names = new Intl.ListFormat('en-US', { type: 'disjunction' }).format(of.names);
  const lead = of.names.length === 0 ? 'a lead' : `a lead (${names})`;
  return `${people} on this list. Call ${lead}${of.phone === undefined ? '' : ` or ${of.phone}`}.`;
}

/** The words of the lists of people to see first and people to call today. */
const listTexts = {
  seeFirst: 'See first',
  callToday: 'Call today',
  notShown,
  appointments: 'Appointments',
  person: 'Person',
  next: 'Next appointment',
  noNext: 'None known',
  typedIn: 'typed in',
  showPlace: 'Show the place',
  by: (date: string) => `By ${dayText(date)}`,
};

/** The words of the order of these lists, and of lists without anybody. */
const orderTexts = {
  today: 'Today',
  open: 'Open the page',
  appointmentsIntro:
    'People to see first or to call today, by when they come in next, soonest first.',
  decideEach: 'Decide each need of this person on its own page.',
};

/** The words of the click that opens the reason. */
const openingTexts = {
  showWhy: 'Show why',
  closes: 'This page closes after 60 seconds.',
  close: 'Close',
};

/** The words of the reason, which only the opening click shows. */
const whyTexts = {
  answered: (date: string, instrument: string) => `${instrument}, ${dayText(date)}`,
  seeAlone: 'See them alone.',
  noContact:
    'Do not call, text, write or leave a message until someone has spoken with them alone and recorded a safe way.',
  safeWay: 'Safe way, as they said it:',
  onlySafeWay: 'Only in the safe way, as they said it:',
  overridden: (who: string, until: string) =>
    `Danger to life: ${who} decided that they may be called until ${until}.`,
  offer: 'Offer this number aloud:',
};

/** The words of the form that records what was done. */
const recordTexts = {
  record: 'Record what I did',
  actions,
  safeWayField: 'Safe way to reach them',
  safeWayHint: 'in their words, said alone; leave empty if there is none',
  toldAlone: 'They told me alone',
  save: 'Save',
  recorded: 'Recorded.',
};

/** The words of the form that types in an appointment. */
const appointmentTexts = {
  appointmentAt: 'Day and time',
  appointmentPlace: 'Place',
  saveAppointment: 'Save the appointment',
  typeAppointment: 'The chart has no appointment? Type it in',
};

/** The words of a clinician's decision to call anyway, and of what was done. */
const overrideTexts = {
  override: "Danger to life: a clinician's decision to call anyway",
  clinicianDecides: 'Danger to life? A clinician who signs in here can decide to call anyway.',
  reason: 'Reason',
  saveOverride: 'Save the decision',
  whatWasDone: 'What was done',
  doneBy: (what: string, who: string, at: string) => `${what}: ${who}, ${at}`,
};

/** The sentence for each field that is wrong. */
const problems = {
  action: 'Choose what you did.',
  safeWay: 'A safe way is one line of at most 200 letters, said by the person alone.',
  toldAlone: 'This counts only when the person said it alone. Check the box if they did.',
  at: 'Enter a day and time that is still to come.',
  place: 'A place is one line of at most 200 letters.',
  reason: 'Enter the reason in one line of at most 300 letters.',
  changed: 'There is something new about this person. Nothing was recorded: look again.',
};

/** Texts of the pages about people to see first and people to call today. */
export const safetyTexts = {
  ...listTexts,
  ...orderTexts,
  ...openingTexts,
  ...whyTexts,
  ...recordTexts,
  ...appointmentTexts,
  ...overrideTexts,
  problems,
};
