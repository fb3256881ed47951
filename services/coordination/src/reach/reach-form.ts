import type { ReachChoice } from '@loopwell/sdoh';
import { reachWays } from '@loopwell/sdoh';
import { phoneText } from './phone-text.ts';
import type { ReachBody } from './reach-body.ts';

/** The fields of the form with one text each. */
const textFields = [
  ...(['instead', 'best', 'phone', 'phoneOwner', 'email', 'letterTo', 'place', 'day'] as const),
  ...(['hours', 'voicemail', 'mayBeSaid', 'reading', 'language', 'dialect', 'gender'] as const),
  ...(['notFromCommunity', 'forPartners', 'keepOut', 'askedAlone'] as const),
] as const;

type TextName = (typeof textFields)[number];

/** What the form shows: what was said last, or what somebody typed. */
export type ReachTyped = Record<TextName, string> & {
  also: readonly string[];
  allowAgain: readonly string[];
};

const textOf = (field: unknown): string => (typeof field === 'string' ? field : '');

const textsOf = (field: unknown): string[] =>
  [field].flat().filter((text) => typeof text === 'string');

/** Reads the fields of a form that was sent, as they were typed. */
export function typedReach(body: Readonly<Record<string, unknown>>): ReachTyped {
  const texts = Object.fromEntries(textFields.map((name) => [name, textOf(body[name])]));
  const lists = { also: textsOf(body.also), allowAgain: textsOf(body.allowAgain) };
  return { ...(texts as Record<TextName, string>), ...lists };
}

/** Writes what was said last as the fields of the form. */
export function typedOfChoice(
  recorded: { id: string; choice: ReachChoice } | undefined,
): ReachTyped {
  const empty = typedReach({});
  if (recorded === undefined) return { ...empty, voicemail: 'no', forPartners: 'no' };
  const { id, choice } = recorded;
  const { ways, phone } = choice;
  const [best = '', ...also] = ways;
  const asked = { instead: id, best, also, phone: phone ? phoneText(phone) : '' };
  return { ...empty, ...asked, ...choiceTexts(choice) };
}

function choiceTexts(choice: ReachChoice): Partial<ReachTyped> {
  const { meet, interpreter } = choice;
  return {
    ...{ phoneOwner: choice.phoneOwner ?? '', email: choice.email ?? '' },
    ...{ letterTo: choice.letterTo ?? '', place: meet?.place ?? '', day: meet?.day ?? '' },
    ...{ hours: choice.hours ?? '', mayBeSaid: choice.mayBeSaid, reading: choice.reading },
    voicemail: choice.voicemail ? 'yes' : 'no',
    forPartners: choice.forPartners ? 'yes' : 'no',
    language: interpreter?.language ?? '',
    dialect: interpreter?.dialect ?? '',
    gender: interpreter?.gender ?? '',
    notFromCommunity: interpreter?.notFromCommunity ? 'yes' : '',
  };
}

/** Makes of the typed fields the change that the API takes. It still has to fit the contract. */
export function bodyOfTyped(typed: ReachTyped): unknown {
  const chosen = [typed.best, ...typed.also].filter((way) => way !== '');
  const choice = {
    ways: [...new Set(chosen)],
    ...filled(typed, ['phone', 'phoneOwner', 'email', 'letterTo', 'hours']),
    voicemail: typed.voicemail === 'yes',
    mayBeSaid: typed.mayBeSaid || 'clinicOnly',
    reading: typed.reading || 'reads',
    forPartners: typed.forPartners === 'yes',
    ...meetOf(typed),
    ...interpreterOf(typed),
  };
  const lines = typed.keepOut.split('\n').map((line) => line.trim());
  return {
    instead: typed.instead || null,
    choice,
    ...(typed.askedAlone === '' ? {} : { askedAlone: typed.askedAlone === 'yes' }),
    keepOut: lines.filter((line) => line !== ''),
    allowAgain: [...typed.allowAgain],
  };
}

function filled(typed: ReachTyped, names: readonly TextName[]): Record<string, string> {
  const texts = names.map((name) => [name, typed[name].trim()] as const);
  return Object.fromEntries(texts.filter(([, text]) => text !== ''));
}

function meetOf(typed: ReachTyped): Pick<ReachBody['choice'], 'meet'> {
  const [place, day] = [typed.place.trim(), typed.day.trim()];
  return place === '' && day === '' ? {} : { meet: { place, day } };
}

function interpreterOf(typed: ReachTyped): object {
  const texts = filled(typed, ['language', 'dialect', 'gender']);
  if (typed.notFromCommunity === 'yes')
    return { interpreter: { ...texts, notFromCommunity: true } };
  return Object.keys(texts).length === 0 ? {} : { interpreter: texts };
}

/** The ways that stand beside the best one. */
export const otherWays = reachWays.filter((way) => way !== 'clinic');
