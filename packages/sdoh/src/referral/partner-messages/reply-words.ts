import { toGsm7 } from './gsm7.ts';

/**
 * What a partner's text asks for. `start` takes a STOP back, and `open` a FULL. `other`: words that
 * a person reads.
 */
export type ReplyMeaning = 'stop' | 'start' | 'full' | 'open' | 'help' | 'other';

/**
 * Makes words comparable: small letters without marks, signs and double spaces, also of those that
 * are written wide. A word that is spelled out ("S T O P") is one.
 */
function compared(text: string): string {
  const letters = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const words = letters.replace(/[‘’`]/g, "'").match(/[\p{L}\p{N}']+/gu) ?? [];
  return words.join(words.every(({ length }) => length === 1) ? '' : ' ');
}

/** Words that count where they are the whole text, but for a "please" or "thanks". */
const wholeTexts: Readonly<Record<Exclude<ReplyMeaning, 'other'>, readonly string[]>> = {
  stop: [
    ...['stop', 'stopall', 'stop all', 'unsubscribe', 'cancel', 'end', 'quit', 'revoke'],
    ...['optout', 'opt out', 'opt me out', 'remove', 'remove me', 'take me off', 'no more'],
    ...['leave me alone', 'alto', 'pare', 'parar', 'paren', 'basta', 'baja', 'cancelar', 'stop it'],
    ...['detener', 'no mas', 'jooji', 'nres', 'remove us', 'take us off', 'opt us out'],
    ...['stop now', 'txt stop', 'text stop', 'leave us alone', 'stop this', 'stop that'],
  ],
  full: [
    ...['full', "we're full", 'we are full', 'were full', 'all full', 'lleno', 'llenos'],
    ...['estamos llenos', 'we full'],
  ],
  open: [
    ...['open', "we're open", 'we are open', 'were open', 'open again'],
    ...["we're open again", 'we are open again'],
    ...['abierto', 'abiertos'],
  ],
  start: ['start', 'unstop', 'empezar', 'comenzar'],
  help: ['help', 'info', 'ayuda'],
};

/** Words after which a STOP is about something else than texts: a request, or a visit. */
const stopsElse =
  'by|in|at|over|off|here|there|and|accepting|taking|new|referrals?|the|this|that|our|sending new';

/** Words that say STOP wherever they stand in a text. */
const clearStops = [
  new RegExp(`^stop\\b(?! (${stopsElse})\\b)`),
  /\b(stop|quit|cease|end) (all |the |these |those |your |my )*(text|txt|message|msg|sms)/,
  /\b(stop|quit) (text|txt|messag|contact)ing\b/,
  /\b(stop|quit) sending( (me|us|any|more|these|your|this))*( (text|txt|message|msg|sms)|$)/,
  /\b(no more|don't want|do not want|dont want) (any |more |these |your )*(text|txt|message|msg|sms)/,
  /^no (text|txt|message|msg)(s|ing)?$/,
  /\b(do not|don't|dont) (text|txt|message|contact) (me|us|this)\b/,
  /\b(do not|don't|dont) send (me |us |any |more |these |your )*(text|txt|message|msg|sms)/,
  /\b(take|remove|get|opt) (me|us|this number|my number|our number) (off|from|out)\b/,
  /\bunsubscribe (me|us|this number|my number|our number)\b/,
  /\b(can|could|will|would) you stop$/,
  /\b(i|we) (said|say|want to|need to|would like to) (stop|unsubscribe|opt out)$/,
  /\b(no mas|no quiero|no queremos) (mas )?(mensajes|textos)/,
  /\bdejen? de (enviar|mandar|escribir)/,
  /\bno (me|nos) (manden?|mande|envien?|escriban?)( mas)?( (mensajes|textos)|$)/,
  /\bjooji (fariimaha|fariimo|farriimaha|qoraalka)\b/,
];

/** Words that say FULL, and until when a person would say it: the next open day counts. */
const saysFull =
  /^(we're |we are |were )?(all )?full (today|tonight|now|right now|tomorrow|this week|until .{1,20})$/;

/**
 * Reads what a partner's text asks for. What says STOP clearly is one, in any case and in Spanish:
 * a STOP too many costs a call, and one that is overlooked costs the trust of the partner.
 */
export function readReply(text: string): ReplyMeaning {
  const polite = /\b(please|pls|plz|thanks|thank you|por favor|gracias)\b/g;
  const bare = compared(compared(text).replace(polite, ' '));
  if (wholeTexts.stop.includes(bare) || clearStops.some((stop) => stop.test(bare))) return 'stop';
  for (const meaning of ['start', 'full', 'open', 'help'] as const)
    if (wholeTexts[meaning].includes(bare)) return meaning;
  return saysFull.test(bare) ? 'full' : 'other';
}

/** What an answer to a text may say. */
export type ReplyFacts = {
  site: string;
  phone?: string | undefined;
  /** The day on which requests go out again, as people write it. */
  until?: string | undefined;
};

const sentences: Readonly<Record<ReplyMeaning, (facts: ReplyFacts) => string>> = {
  stop: ({ site }) => `You get no more texts from ${site}. We'll e-mail or call instead.`,
  start: ({ site }) => `Thank you. You get texts from ${site} again.`,
  full: ({ site, until }) =>
    `Thank you. ${site} sends no new requests until ${until}. Text OPEN to start sooner.`,
  open: ({ site }) => `Thank you. ${site} sends new requests again.`,
  help: ({ site }) =>
    `${site} texts you when it has a request. Text FULL to pause, OPEN to start, STOP to end texts.`,
  other: ({ site }) => `${site} cannot take an answer by text. Use the link of our last message.`,
};

/** Writes the one answer to a text of a partner. It holds no word of what came. */
export function answerToReply(meaning: ReplyMeaning, facts: ReplyFacts): string {
  const { phone } = facts;
  const questions = phone === undefined ? '' : ` Questions: ${phone}.`;
  return toGsm7(sentences[meaning](facts) + questions);
}
