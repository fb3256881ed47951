import {
  brokenRule,
  holdsModifier,
  mapDefined,
  parseWritten,
  systems,
  type WrittenReference,
} from '@loopwell/fhir';
import type { Coding } from '../../fhir-json/codings.ts';
import { snomedVersion } from '../../fhir-json/codings.ts';
import { isObject } from '../../fhir-json/tolerant-readers.ts';
import {
  bounded,
  canonical,
  cut,
  type Loose,
  listOf,
  longestText,
  writtenIn,
} from './answer-words.ts';

/**
 * What a partner says by its copy of a Task (R4 Task, and what newer servers make of it). Nothing here acts: words are kept
 * for people, and only the status and our own decline reasons decide where a referral goes on.
 */
export type PartnerAnswer = {
  /** Task.status as it came, cut; `unreadable` where it is no text. */
  status: string;
  /** Words and displays of Task.statusReason. */
  reason: string | null;
  /** Codes of statusReason and businessStatus that everybody may see: no free words among them. */
  codes: (Coding & { of?: 'businessStatus' })[];
  note: string | null;
  businessStatus: string | null;
};

/** Said in place of words that are there and cannot be read. */
export const unreadableWords = 'Something was written here that could not be read.';

/** Reads a Task of any shape. */
export function readAnswer(body: unknown): PartnerAnswer {
  const task = isObject(body) ? body : {};
  return {
    status: writtenIn(task.status)?.slice(0, 100) ?? 'unreadable',
    reason: wordsOf(task.statusReason ?? backported(task, 'statusReason')),
    codes: [
      ...codingsOf(task.statusReason ?? backported(task, 'statusReason')).flatMap(reasonCoding),
      ...codingsOf(task.businessStatus).flatMap((one) =>
        reasonCoding(one).map((coding) => ({ ...coding, of: 'businessStatus' as const })),
      ),
    ],
    note: wordsOf(task.note),
    businessStatus: wordsOf(task.businessStatus),
  };
}

/** One Annotation of a Task: what it says, who wrote it and when, as far as it tells. */
export type PartnerNote = { text: string; author: string | null; time: string | null };

/** Notes one by one, in every shape: an author is text, or a reference with or without a name. */
export function notesOf(body: unknown): PartnerNote[] {
  return mapDefined(listOf(isObject(body) ? body.note : undefined), (one) => {
    const text = wordsOf(one);
    if (text === null) return undefined;
    const given = isObject(one) ? one : {};
    const author =
      writtenIn(given.authorString) ??
      listOf(given.authorReference).flatMap(authorWords)[0] ??
      null;
    return {
      text,
      author: author === null ? null : cut(author),
      time: writtenIn(given.time)?.slice(0, 40) ?? null,
    };
  });
}

const authorWords = (reference: unknown): string[] =>
  isObject(reference)
    ? [reference.display, reference.reference].flatMap((one) => writtenIn(one) ?? [])
    : [writtenIn(reference) ?? []].flat();

/** True where a partner has said anything beyond having received a Task as we sent it; who owns it is told by what is odd. */
export function saysSomething(body: unknown): boolean {
  const task = isObject(body) ? body : {};
  return (
    task.status !== 'requested' ||
    ['statusReason', 'note', 'businessStatus', 'output'].some((key) => listOf(task[key]).length > 0)
  );
}

/** An element of a later FHIR version, as its extension for R4 brings it. */
function backported(task: Loose, element: string): unknown {
  const found = listOf(task.extension).find(
    (one) => isObject(one) && writtenIn(one.url)?.endsWith(`Task.${element}`),
  );
  return isObject(found) ? valueOf(found)?.value : undefined;
}

/** The `value[x]` of an extension, an output or an answer. */
export function valueOf(holder: Loose): { name: string; value: unknown } | undefined {
  const name = Object.keys(holder).find(
    (key) => /^value[A-Z]/.test(key) && holder[key] !== undefined && holder[key] !== null,
  );
  return name === undefined ? undefined : { name, value: holder[name] };
}

/** Words of text, a concept, a Coding, an annotation, R5's CodeableReference, or a list of them; null where nothing is written. */
export function wordsOf(value: unknown): string | null {
  const pieces = listOf(value);
  if (pieces.length === 0) return null;
  const words = [...new Set(pieces.flatMap(pieceWords))];
  return cut(words.length > 0 ? words.join('\n') : unreadableWords);
}

function pieceWords(value: unknown): string[] {
  if (typeof value === 'string') return [writtenIn(value) ?? []].flat();
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  if (!isObject(value)) return [];
  const own = ['text', 'display'].flatMap((key) => writtenIn(value[key]) ?? []);
  const displays = listOf(value.coding).flatMap((one) =>
    isObject(one) ? (writtenIn(one.display) ?? []) : [],
  );
  const said = [
    ...own,
    ...displays,
    ...listOf(value.concept).flatMap(pieceWords),
    ...referenceWords(value.reference),
  ];
  if (said.length > 0) return [...new Set(said)];
  const codes = [value, ...listOf(value.coding)].flatMap((one) =>
    isObject(one) ? (writtenIn(one.code) ?? []) : [],
  );
  return codes.length > 0 ? codes : numberWords(value);
}

const referenceWords = (value: unknown): string[] =>
  isObject(value)
    ? ['display', 'reference'].flatMap((key) => writtenIn(value[key]) ?? []).slice(0, 1)
    : [];

/** Quantity, Period, Money and their like. */
function numberWords(value: Loose): string[] {
  const parts = [
    'value',
    'unit',
    'currency',
    'start',
    'end',
    'title',
    'url',
    'reference',
    'contentType',
  ].flatMap((key) => {
    const one = value[key];
    return typeof one === 'number' ? [String(one)] : (writtenIn(one) ?? []);
  });
  return parts.length > 0 ? [parts.join(' ')] : [];
}

/** Codings of a concept, a list of concepts, R5's CodeableReference, or a bare Coding. */
export function codingsOf(value: unknown): Loose[] {
  return listOf(value).flatMap((one) => {
    if (!isObject(one)) return [];
    const own = typeof one.code === 'string' ? [one] : [];
    return [
      ...own,
      ...listOf(one.coding).filter(isObject),
      ...listOf(one.concept).flatMap(codingsOf),
    ];
  });
}

/** Reasons of ours that speak of the person and not of the partner: no other partner is asked on them. */
export const personReasons = [
  'person-declined',
  'wrong-contact',
  'unable-to-reach',
  'did-not-come',
] as const;
export type PersonReason = (typeof personReasons)[number];

/** A code of ours whose system was left out counts, too: a person looks where a machine would have asked the next partner. */
const isOurs = (system: unknown) =>
  system === undefined ||
  writtenIn(system)?.replace(/\/+$/, '').split('|')[0] === systems.declineReason;

/** What a partner's coded reason says of the person, if it does. */
export function personReasonOf(body: unknown): PersonReason | undefined {
  const codings = isObject(body)
    ? codingsOf(body.statusReason ?? backported(body, 'statusReason'))
    : [];
  return personReasons.find((reason) =>
    codings.some((one) => isOurs(one.system) && writtenIn(one.code) === reason),
  );
}

/** Code systems whose codes have one form that holds no words. */
const codeForms: Readonly<Record<string, RegExp>> = {
  [systems.snomed]: /^\d{6,18}$/,
  [systems.loinc]: /^(LA)?\d{1,7}-\d$/,
  [systems.icd10cm]: /^[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?$/,
  'http://www.ama-assn.org/go/cpt': /^\d{4}[0-9A-Z]$/,
  'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets': /^[A-Z]\d{4}$/,
  'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets': /^[A-Z]\d{4}$/,
  'http://www.cms.gov/Medicare/Coding/ICD10': /^[0-9A-HJ-NP-Z]{7}$/,
  'http://www.ada.org/cdt': /^D\d{4}$/,
};

/** Codes of the guide's own code system by which a partner says how it stands: a closed list, for anybody may write words there. */
const guideReasons: readonly string[] = [
  ...[
    'no-capacity',
    'capacity',
    'waitlist',
    'additional-assessment-required',
    'contacting-subject-prohibited',
  ],
  ...['enrolled', 'not-enrolled', 'not-enrolled-on-waitlist'],
];

/** Why a Task stands as it does, without words: a reason of ours, one of the guide's, or a code of a public system. */
function reasonCoding(coding: Loose): Coding[] {
  const [system, code] = [writtenIn(coding.system), writtenIn(coding.code)];
  if (code === undefined) return [];
  if ((personReasons as readonly string[]).includes(code) && isOurs(system))
    return [{ system: systems.declineReason, code }];
  if (system === systems.sdohcc) return guideReasons.includes(code) ? [{ system, code }] : [];
  return publicCoding(coding);
}

/**
 * A coding without words: a code of a public system whose codes have one form; else nothing, for a code of somebody's own
 * system may be any words. SNOMED CT's US extension is named by its edition.
 */
export function publicCoding(coding: Loose): Coding[] {
  const [system, code] = [writtenIn(coding.system), writtenIn(coding.code)];
  if (code === undefined || system === undefined || !codeForms[system]?.test(code)) return [];
  return [{ system, ...(system === systems.snomed ? snomedVersion(code) : {}), code }];
}

/** What our Task is about, to tell it from another's. */
export type OwnTask = {
  person: string;
  serviceRequest: string | null;
  receiptKey: string;
  partner: string;
  identifierSystem: string;
};

export type Oddity =
  | 'not-a-task'
  | 'not-understood'
  | 'other-person'
  | 'other-order'
  | 'other-receipt'
  | 'other-owner';

/** Nothing is done on a Task that is odd in one of these ways: a person looks. A new owner is told, and the Task goes on. */
export const stoppingOddities: readonly Oddity[] = [
  'not-a-task',
  'not-understood',
  'other-person',
  'other-order',
  'other-receipt',
];

/**
 * Why a Task that a partner shows is perhaps not ours, or not to be understood (R4 2.1.0.2: what has a modifier extension
 * or implicit rules that a reader does not know may mean something else). What is left out is no reason.
 */
export function odditiesOf(body: unknown, ownTask: OwnTask): Oddity[] {
  if (!isObject(body) || brokenRule(body, ['other-type'], 'Task')) return ['not-a-task'];
  const receipts = listOf(body.identifier).filter(
    (one) => isObject(one) && one.system === ownTask.identifierSystem,
  );
  const found: (Oddity | false)[] = [
    holdsModifier(body) && 'not-understood',
    pointsElsewhere(body.for, 'Patient', ownTask.person) && 'other-person',
    ownTask.serviceRequest !== null &&
      pointsElsewhere(body.focus, 'ServiceRequest', ownTask.serviceRequest) &&
      'other-order',
    receipts.length > 0 &&
      !receipts.some((one) => (one as Loose).value === ownTask.receiptKey) &&
      'other-receipt',
    writtenReferences(body.owner).some((one) => isOrganizationBeside(one, ownTask.partner)) &&
      'other-owner',
  ];
  return found.filter((one) => one !== false);
}

/** A partner's own people and departments may take a Task over under ids that only they know; another Organization is told. */
function isOrganizationBeside(written: string, partner: string): boolean {
  const parsed = parseWritten(written);
  return parsed?.type === 'Organization' && parsed.id !== partner;
}

/** What a reference says, whether it is a Reference, text in its place, or a list of them. */
export const writtenReferences = (reference: unknown): string[] =>
  listOf(reference).flatMap((one) =>
    listOf(isObject(one) ? one.reference : one).flatMap((text) => writtenIn(text) ?? []),
  );

const isTo = (parsed: WrittenReference | undefined, type: string, id: string) =>
  parsed?.type === type && parsed.id === id;

/** True where a reference names something else; ids of ours are unique, so that the server before them does not matter. */
export function pointsElsewhere(reference: unknown, type: string, id: string): boolean {
  return writtenReferences(reference).some(
    (one) => one !== `urn:uuid:${id}` && !isTo(parseWritten(one), type, id),
  );
}

/** What an answer is known by: the parts of a Task in which a partner speaks, not its version or date. */
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

/** The answer as it came, for the record; null where even the bounded copy is too large. */
export function keptBody(body: unknown): string | null {
  const text = JSON.stringify(bounded(body));
  return text === undefined || text.length > longestBody ? null : text;
}
