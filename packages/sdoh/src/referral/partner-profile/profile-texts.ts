import { dayIn } from '@loopwell/kit';
import { type OpenHours, usualHours } from '../clocks/open-hours.ts';
import type { Capacity } from './capacity.ts';
import { readOpenTimes, writeOpenTimes } from './hours-text.ts';
import { isPartnerKind, type PartnerKind } from './partner-kind.ts';
import {
  type Arrival,
  agreementKinds,
  arrivals,
  type PartnerAgreement,
  type PartnerProfile,
  type ProfileEdits,
} from './partner-profile.ts';

/** The codes of the guide for the room of a service. */
export const capacityCodes = [
  'capacity',
  'no-capacity',
  'waitlist',
  'additional-assessment-required',
] as const;

/** The rules that what people write about a partner may break. */
export type ProfileRule =
  | 'choice'
  | 'closedDays'
  | 'day'
  | 'hours'
  | 'later'
  | 'long'
  | 'name'
  | 'notBefore'
  | 'notLater'
  | 'number'
  | 'phone';

/** A field that breaks a rule. */
export type ProfileFieldProblem = { field: string; rule: ProfileRule };

/** What people type about a partner, by field. */
export type ProfileTexts = Readonly<Record<string, string>>;

/** Today at the site, and where a broken rule is noted. */
type Reading = { today: string; wrong: (field: string, rule: ProfileRule) => undefined };

/** What one edit is typed in: its fields, and how they are written and read. */
type Group<T> = {
  fields: readonly string[];
  write: (edit: T) => readonly (string | undefined)[];
  /** Gives null for nothing, and undefined where a rule is broken. */
  read: (texts: readonly string[], reading: Reading) => T | null | undefined;
};

/** What people may write. Places stay with the directory's file. */
type Editable = Omit<Required<ProfileEdits>, 'places'>;
type Groups = { [K in keyof Editable]: Group<NonNullable<Editable[K]>> };

/** The fields of the weekdays, from Sunday on. */
export const dayFields = [
  'open-sun',
  'open-mon',
  'open-tue',
  'open-wed',
  'open-thu',
  'open-fri',
  'open-sat',
] as const;

const dayForm = /^\d{4}-\d{2}-\d{2}$/;
const isDay = (text: string): boolean => {
  const at = dayForm.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(text);
};

/** What a partner takes, and when. */
const intakeGroups: Pick<Groups, 'hours' | 'capacity' | 'pausedUntil' | 'perWeek'> = {
  hours: { fields: [...dayFields, 'closedDays'], write: writeHours, read: readHours },
  capacity: {
    fields: ['capacity', 'saidBy', 'saidAt', 'note'],
    write: ({ code, saidBy, saidAt, note }) => [code, saidBy, saidAt?.slice(0, 10), note],
    read: readCapacity,
  },
  pausedUntil: {
    fields: ['pausedUntil'],
    write: (until) => [until],
    read: readPause,
  },
  perWeek: {
    fields: ['perWeek'],
    write: (count) => [String(count)],
    read: readCount,
  },
};

/** Who a partner is. */
const aboutGroups: Pick<Groups, 'phone' | 'arrival' | 'kind'> = {
  phone: {
    fields: ['phone'],
    write: (phone) => [phone],
    read: readPhone,
  },
  arrival: {
    fields: ['arrival'],
    write: (arrival) => [arrival],
    read: ([text = ''], { wrong }): Arrival | null | undefined =>
      text === '' ? null : (arrivals.find((one) => one === text) ?? wrong('arrival', 'choice')),
  },
  kind: {
    fields: ['kind'],
    write: (kind) => [kind],
    read: readKind,
  },
};

/** What is agreed with a partner. */
const agreedGroups: Pick<Groups, 'agreement' | 'isConfidential'> = {
  agreement: {
    fields: ['agreement', 'agreedFrom', 'agreedUntil'],
    write: ({ kind, from, until }) => [kind, from, until],
    read: readAgreement,
  },
  isConfidential: {
    fields: ['confidential'],
    write: (isConfidential) => [isConfidential ? 'yes' : 'no'],
    read: ([text = ''], { wrong }) => {
      if (text === '') return null;
      return text === 'yes' || text === 'no' ? text === 'yes' : wrong('confidential', 'choice');
    },
  },
};

const groups: Groups = { ...intakeGroups, ...aboutGroups, ...agreedGroups };

const keys = Object.keys(groups) as (keyof Groups)[];
/** The longest text of a field. */
const longestText = 500;

function readPause([day = '']: readonly string[], { today, wrong }: Reading) {
  if (day === '') return null;
  if (!isDay(day)) return wrong('pausedUntil', 'day');
  return day > today ? day : wrong('pausedUntil', 'later');
}

function readPhone([phone = '']: readonly string[], { wrong }: Reading) {
  if (phone === '') return null;
  const digits = phone.replace(/\D/g, '').length;
  return digits >= 7 && phone.length <= 50 ? phone : wrong('phone', 'phone');
}

function readCount([text = '']: readonly string[], { wrong }: Reading) {
  if (text === '') return null;
  return /^[1-9]\d{0,3}$/.test(text) ? Number(text) : wrong('perWeek', 'number');
}

type ReadKind = PartnerKind | null | undefined;

function readKind([text = '']: readonly string[], { wrong }: Reading): ReadKind {
  if (text === '') return null;
  return isPartnerKind(text) ? text : wrong('kind', 'choice');
}

function writeHours({ week, closedDays = [] }: OpenHours): string[] {
  return [
    ...dayFields.map((_field, day) => writeOpenTimes(week[day] ?? [])),
    closedDays.join(', '),
  ];
}

function readHours(texts: readonly string[], { wrong }: Reading): OpenHours | null | undefined {
  if (texts.every((text) => text === '')) return null;
  const week = dayFields.map(
    (field, day) => readOpenTimes(texts[day] ?? '') ?? wrong(field, 'hours'),
  );
  const closedDays = (texts[dayFields.length] ?? '').split(/[\s,;]+/).filter((day) => day !== '');
  if (!closedDays.every(isDay)) return wrong('closedDays', 'closedDays');
  const read = week.filter((times) => times !== undefined);
  if (read.length < week.length) return undefined;
  const isOpen = read.some((times) => times.length > 0);
  const open = isOpen ? read : usualHours.week;
  return closedDays.length > 0 ? { week: open, closedDays } : { week: open };
}

function readCapacity(texts: readonly string[], reading: Reading): Capacity | null | undefined {
  const { today, wrong } = reading;
  const [text = '', saidBy = '', saidAt = '', note = ''] = texts;
  if (text === '') return null;
  const code = capacityCodes.find((known) => known === text) ?? wrong('capacity', 'choice');
  const by = /\p{L}/u.test(saidBy) ? saidBy : wrong('saidBy', 'name');
  const at = isDay(saidAt) ? saidAt : wrong('saidAt', 'day');
  if (at !== undefined && at > today) return wrong('saidAt', 'notLater');
  if (code === undefined || by === undefined || at === undefined) return undefined;
  const word = { code, saidBy: by, saidAt: at };
  return note === '' ? word : { ...word, note };
}

function readAgreement(texts: readonly string[], { wrong }: Reading) {
  const [text = '', from = '', until = ''] = texts;
  if (text === '') return null;
  const kind = agreementKinds.find((known) => known === text);
  if (kind === undefined) return wrong('agreement', 'choice');
  if (kind === 'none') return { kind, from: '' };
  if (!isDay(from)) return wrong('agreedFrom', 'day');
  if (until === '') return { kind, from };
  if (!isDay(until)) return wrong('agreedUntil', 'day');
  const agreement: PartnerAgreement = { kind, from, until };
  return until < from ? wrong('agreedUntil', 'notBefore') : agreement;
}

/** Writes a profile as the texts of its fields, for a form. */
export function profileTexts(profile: PartnerProfile, now: Date, timeZone: string): ProfileTexts {
  const { intake, hours, areHoursKnown, ...rest } = profile;
  const { pausedUntil, perWeek } = intake;
  const until = pausedUntil && pausedUntil.length > 10 ? new Date(pausedUntil) : undefined;
  const day = until ? dayIn(timeZone, until) : pausedUntil;
  const isPaused = until ? until > now : day !== undefined && day > dayIn(timeZone, now);
  return textsOf({
    ...rest,
    perWeek,
    hours: areHoursKnown ? hours : undefined,
    pausedUntil: isPaused ? day : undefined,
  });
}

/** Writes edits as the texts of their fields; what has nothing is blank. */
function textsOf(edits: Readonly<Record<string, unknown>>): ProfileTexts {
  const written = keys.flatMap((key) => {
    const { fields, write } = groups[key] as Group<unknown>;
    const edit = edits[key] ?? undefined;
    const texts = edit === undefined ? [] : write(edit);
    return fields.map((field, index) => [field, texts[index] ?? '']);
  });
  return Object.fromEntries(written);
}

/** What people have changed, or which fields break which rules. */
export type ReadProfile = { changes: ProfileEdits } | { problems: readonly ProfileFieldProblem[] };

/**
 * Reads what people have changed in the form about a partner. What stands as it was shown is no
 * edit, so that two people who change two things undo nothing of each other.
 *
 * @param was the texts that the form showed
 */
export function readProfileTexts(
  texts: ProfileTexts,
  was: ProfileTexts,
  today: string,
): ReadProfile {
  const isChanged = (field: string) => texts[field] !== undefined && texts[field] !== was[field];
  return readGroups(
    keys.filter((key) => groups[key].fields.some(isChanged)),
    { ...was, ...texts },
    today,
  );
}

/** Holds edits from elsewhere to the rules of the form. A null stands for nothing. */
export function checkProfileEdits(edits: ProfileEdits, today: string): ReadProfile {
  const named = keys.filter((key) => edits[key] !== undefined);
  return readGroups(named, textsOf(edits), today);
}

function readGroups(
  named: readonly (keyof Groups)[],
  texts: ProfileTexts,
  today: string,
): ReadProfile {
  const problems: ProfileFieldProblem[] = [];
  const wrong = (field: string, rule: ProfileRule): undefined => {
    problems.push({ field, rule });
  };
  const values = named.map((key) => {
    const { fields } = groups[key];
    const typed = fields.map((field) => (texts[field] ?? '').trim());
    const long = fields.find((_field, index) => (typed[index] ?? '').length > longestText);
    if (long !== undefined) return [key, wrong(long, 'long')] as const;
    return [key, groups[key].read(typed, { today, wrong })] as const;
  });
  return problems.length > 0 ? { problems } : { changes: Object.fromEntries(values) };
}
