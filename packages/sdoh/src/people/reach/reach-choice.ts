/** The ways in which a person may be reached. `clinic`: at the next visit only, and in no other. */
export const reachWays = [
  'call',
  'text',
  'email',
  'letter',
  'relay',
  'inPerson',
  'clinic',
] as const;

export type ReachWay = (typeof reachWays)[number];

/** Whose phone it is. Nobody is texted on the phone of someone else. */
export const phoneOwners = ['self', 'shared', 'other'] as const;

export type PhoneOwner = (typeof phoneOwners)[number];

/** What may be said to reach them. `clinicOnly`: the name of the clinic, and no reason. */
export const sayings = ['clinicOnly', 'aboutHelp'] as const;

export type Saying = (typeof sayings)[number];

/** A phone number that the person gave for this. */
export type ReachPhone = {
  /** The number as E.164 has it. */
  number: string;
  extension?: string | undefined;
};

/** The interpreter that the person wants. It is never a child, nor the person who came along. */
export type InterpreterWish = {
  /** A language, or `ASL`. */
  language: string;
  dialect?: string | undefined;
  gender?: 'woman' | 'man' | undefined;
  notFromCommunity?: true | undefined;
};

/** How a person wants to be reached, as they answered it. DECISIONS D153. */
export type ReachChoice = {
  /** The ways that the person allows; the one that they like best comes first. */
  ways: readonly ReachWay[];
  phone?: ReachPhone | undefined;
  phoneOwner?: PhoneOwner | undefined;
  email?: string | undefined;
  /** Where a letter may go. */
  letterTo?: string | undefined;
  /** Where and on which day the person can be met. */
  meet?: { place: string; day: string } | undefined;
  /** When to call, in the person's words. */
  hours?: string | undefined;
  /** A message may be left. */
  voicemail: boolean;
  mayBeSaid: Saying;
  /** `hears`: the person would rather hear than read. */
  reading: 'reads' | 'hears';
  interpreter?: InterpreterWish | undefined;
  /** Partners that help may have the number or e-mail address. Without it they call the clinic. */
  forPartners: boolean;
};

/** Elements of a choice that a rule is about. */
export type ReachField = keyof ReachChoice | 'meet.place' | 'meet.day' | 'interpreter.language';

/** A broken rule of a choice. It never holds the value. */
export type ReachProblem = { field: ReachField; rule: string };

const limits = { phrase: 200, email: 254 } as const;

/** Matches a text of one line without control characters. */
const plainLine = /^[^\p{Cc}]+$/u;

const isPhrase = (text: string): boolean =>
  text.trim() === text && text.length <= limits.phrase && plainLine.test(text);

const isEmail = (text: string): boolean =>
  text.length <= limits.email && /^[^\s@<>",;]+@[^\s@<>",;]+\.[^\s@<>",;]+$/.test(text);

/** Matches a number in the United States, or another one of its numbering plan. */
const northAmerican = /^\+1\d{10}$/;

type Check = {
  field: ReachField;
  isBroken: (choice: ReachChoice) => boolean;
  rule: string;
};

const uses = ({ ways }: ReachChoice, ...among: readonly ReachWay[]): boolean =>
  among.some((way) => ways.includes(way));

const isBadPhrase = (text: string | undefined): boolean => text !== undefined && !isPhrase(text);

const phraseRule = `must be one line of at most ${limits.phrase} characters`;

/** The rules of a choice, in the order of the form. */
const checks: readonly Check[] = [
  { field: 'ways', isBroken: ({ ways }) => ways.length === 0, rule: 'needs at least one way' },
  {
    field: 'ways',
    isBroken: ({ ways }) => new Set(ways).size < ways.length,
    rule: 'names a way twice',
  },
  {
    field: 'ways',
    isBroken: (choice) => uses(choice, 'clinic') && choice.ways.length > 1,
    rule: 'has no other way beside the clinic only',
  },
  {
    field: 'phone',
    isBroken: (choice) => uses(choice, 'call', 'text', 'relay') && choice.phone === undefined,
    rule: 'is needed to call, text or use a relay',
  },
  {
    field: 'phoneOwner',
    isBroken: ({ phone, phoneOwner }) => phone !== undefined && phoneOwner === undefined,
    rule: 'says whose phone it is',
  },
  { field: 'phone', isBroken: (choice) => !mayText(choice), rule: 'cannot be texted' },
  {
    field: 'email',
    isBroken: (choice) => uses(choice, 'email') && choice.email === undefined,
    rule: 'is needed to write e-mail',
  },
  {
    field: 'email',
    isBroken: ({ email }) => email !== undefined && !isEmail(email),
    rule: 'must be one e-mail address',
  },
  {
    field: 'letterTo',
    isBroken: (choice) => uses(choice, 'letter') && choice.letterTo === undefined,
    rule: 'is needed to send a letter',
  },
  { field: 'letterTo', isBroken: ({ letterTo }) => isBadPhrase(letterTo), rule: phraseRule },
  {
    field: 'meet',
    isBroken: (choice) => uses(choice, 'inPerson') && choice.meet === undefined,
    rule: 'says where and on which day',
  },
  { field: 'meet.place', isBroken: ({ meet }) => isBadPhrase(meet?.place), rule: phraseRule },
  { field: 'meet.day', isBroken: ({ meet }) => isBadPhrase(meet?.day), rule: phraseRule },
  { field: 'hours', isBroken: ({ hours }) => isBadPhrase(hours), rule: phraseRule },
  {
    field: 'interpreter.language',
    isBroken: ({ interpreter }) =>
      isBadPhrase(interpreter?.language) || isBadPhrase(interpreter?.dialect),
    rule: phraseRule,
  },
];

/** Tells whether texts, where they are chosen, can go to the number: one of the own phone, here. */
function mayText(choice: ReachChoice): boolean {
  const { phone, phoneOwner } = choice;
  if (!uses(choice, 'text') || phone === undefined) return true;
  const isPlain = phone.extension === undefined && northAmerican.test(phone.number);
  return isPlain && phoneOwner !== 'other';
}

/** Lists the rules that a choice breaks. */
export const reachProblems = (choice: ReachChoice): ReachProblem[] =>
  checks
    .filter(({ isBroken }) => isBroken(choice))
    .map(({ field, rule }): ReachProblem => ({ field, rule }));

/** What may be done to reach a person. */
export type ReachPermission = {
  ways: readonly ReachWay[];
  voicemail: boolean;
  mayBeSaid: Saying;
  /** The most tries, where the person was never asked. */
  most?: 1;
};

/** Who wants to reach the person, and what else counts. */
export type ReachAsk = {
  by: 'staff' | 'machine';
  /** The person declined the questions about safety. */
  hasDeclinedSafety: boolean;
};

const nothing: ReachPermission = { ways: [], voicemail: false, mayBeSaid: 'clinicOnly' };

/**
 * Tells in which ways a person may be reached by what they chose. A person who was never asked may
 * be called once, by staff, who name only the clinic. A machine writes to nobody who was not asked,
 * who declined the questions about safety, or whose phone is not their own.
 */
export function reachPermission(choice: ReachChoice | undefined, ask: ReachAsk): ReachPermission {
  const isMachine = ask.by === 'machine';
  if (choice === undefined) return isMachine ? nothing : { ...nothing, ways: ['call'], most: 1 };
  const { ways, voicemail, mayBeSaid } = choice;
  if (!isMachine) return { ways, voicemail, mayBeSaid };
  if (ask.hasDeclinedSafety) return nothing;
  return { ways: ways.filter((way) => isForMachines(way, choice)), voicemail: false, mayBeSaid };
}

function isForMachines(way: ReachWay, { phoneOwner }: ReachChoice): boolean {
  return way === 'email' || (way === 'text' && phoneOwner === 'self');
}
