import { holdsModifier } from '@loopwell/fhir';
import type { Coding } from '../../fhir-json/codings.ts';
import { isObject } from '../../fhir-json/tolerant-readers.ts';
import {
  backported,
  bounded,
  canonical,
  codingsOf,
  cut,
  type Loose,
  listOf,
  longestText,
  textsAmong,
  writtenIn,
} from './answer-words.ts';
import { reasonCoding } from './reason-codes.ts';
import { wordsOf } from './written-words.ts';

/**
 * What a partner says by its copy of a Task (R4 Task, and what newer servers make of it). Nothing
 * here acts: words are kept for people, and only the status and our own decline reasons decide
 * where a referral goes on.
 * DECISIONS D85.
 */
export type PartnerAnswer = {
  /** Task.status as it came, cut; `unreadable` where it is no text. */
  status: string;
  /** Words and displays of Task.statusReason. */
  reason: string | null;
  /**
   * Codes of statusReason and businessStatus that may be shown to all users: no free words are
   * among them.
   */
  codes: (Coding & { of?: 'businessStatus' })[];
  note: string | null;
  businessStatus: string | null;
};

/** Reads a Task of any shape. */
export function readAnswer(body: unknown): PartnerAnswer {
  const task = isObject(body) ? body : {};
  const reason = task.statusReason ?? backported(task, 'statusReason');
  const businessCodes = codingsOf(task.businessStatus).flatMap(reasonCoding);
  return {
    status: writtenIn(task.status)?.slice(0, 100) ?? 'unreadable',
    reason: wordsOf(reason),
    codes: [
      ...codingsOf(reason).flatMap(reasonCoding),
      ...businessCodes.map((coding) => ({ ...coding, of: 'businessStatus' as const })),
    ],
    note: wordsOf(task.note),
    businessStatus: wordsOf(task.businessStatus),
  };
}

/** One Annotation of a Task: what it says, who wrote it and when, as far as it tells. */
export type PartnerNote = { text: string; author: string | null; time: string | null };

/** Reads notes one by one, in every shape. */
export function notesOf(body: unknown): PartnerNote[] {
  const notes: PartnerNote[] = [];
  for (const written of listOf(isObject(body) ? body.note : undefined)) {
    const text = wordsOf(written);
    if (text === null) continue;
    const note = isObject(written) ? written : {};
    const author = authorOf(note);
    notes.push({
      text,
      author: author === undefined ? null : cut(author),
      time: writtenIn(note.time)?.slice(0, 40) ?? null,
    });
  }
  return notes;
}

/** Returns a note's author: text, or a reference's name, or the reference itself. */
function authorOf(note: Loose): string | undefined {
  const named = listOf(note.authorReference).flatMap((reference) =>
    textsAmong(isObject(reference) ? [reference.display, reference.reference] : [reference]),
  );
  return writtenIn(note.authorString) ?? named[0];
}

/**
 * Tells whether a partner has said anything beyond having received a Task as we sent it. A changed
 * owner is reported as an oddity instead.
 */
export function saysSomething(body: unknown): boolean {
  const task = isObject(body) ? body : {};
  const members = [task.statusReason, task.note, task.businessStatus, task.output];
  return task.status !== 'requested' || members.some((member) => listOf(member).length > 0);
}

/**
 * Returns a text that two answers share only where they say the same. It holds the parts of a Task
 * in which a partner speaks, not its version or date.
 */
export function answerKey(body: unknown): string {
  const task = isObject(body) ? body : {};
  const reason = task.statusReason ?? backported(task, 'statusReason');
  const parts = [
    'resourceType',
    'status',
    'businessStatus',
    'note',
    'output',
    'owner',
    'for',
    'focus',
    'contained',
  ];
  const odd = holdsModifier(body);
  return canonical([...parts.map((key) => task[key]), reason, odd]);
}

const longestBody = 20 * longestText;

/** Returns the answer as it came, for the record; null where even the bounded copy is too large. */
export function keptBody(body: unknown): string | null {
  const text = JSON.stringify(bounded(body));
  return text === undefined || text.length > longestBody ? null : text;
}
