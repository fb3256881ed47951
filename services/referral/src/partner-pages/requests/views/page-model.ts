import type { AnswerButton, RequestView, ShownPerson } from '@loopwell/sdoh';
import { fill } from '../../texts/calendar.ts';
import type { PartnerTexts } from '../../texts/languages.ts';

/** A request as its page shows it. */
export type ShownView = RequestView<ShownPerson>;

/** Who refers, as partners know them. */
export type Clinic = {
  name: string;
  phone: string | undefined;
};

/** What was said of a request last, as far as its page tells it. */
export type LastAnswer = {
  button: AnswerButton;
  /** The name of the helper who said it; undefined for whoever looks. */
  by: string | undefined;
  /** Until when it can be undone; undefined once it counts. */
  undoUntil: Date | undefined;
  /** The key by which it is undone. */
  id: string;
};

/** What a page says at its top after something was sent. */
export type PageNotice = 'undone' | 'same' | 'tooLate' | 'afterEnd' | 'beside' | 'notOffered';

/** One request, with all that its page shows. */
export type RequestPage = {
  /** Id of the Task. */
  id: string;
  view: ShownView;
  buttons: readonly AnswerButton[];
  /** An answer that ends it waits until it can be undone no more. */
  isEnding: boolean;
  /** The day from which the next try counts, YYYY-MM-DD, where it is still ahead. */
  nextTry?: string | undefined;
  lastAnswer: LastAnswer | undefined;
  /** The consent lets this partner ask for the name before it says yes. */
  mayCheckName: boolean;
  /** The name, where a helper has just asked for it. */
  checkedName?: string | undefined;
  /** People come with a ticket. Then the page never tells who they are. */
  hasTickets: boolean;
  /** The ticket that the person brings: a few signs that can be said over a counter. */
  ticket?: string | undefined;
  /** The records are of treatment for substance use (42 CFR Part 2). */
  isPartTwo: boolean;
};

/** What every part of a page needs. */
export type PageContext = {
  texts: PartnerTexts;
  clinic: Clinic;
  /** The token of the partner's link, which every address has. */
  token: string;
  /** What each form brings along, so that no other site can send one. */
  formKey: string;
  /** Makes the key by which a form that is sent twice is one. */
  newKey: () => string;
  notice?: PageNotice | undefined;
};

/** What was typed into a form that was not taken. */
export type Typed = {
  fields: Readonly<Record<string, unknown>>;
  problems: readonly { field: string; rule: string }[];
};

/** Writes a text about the clinic: with its phone, or without where it has none. */
export const clinicText = (withPhone: string, alone: string, { name, phone }: Clinic): string =>
  fill(phone === undefined ? alone : withPhone, {
    clinic: name,
    phone: phone ?? '',
  });

/** Names the kind of help in the language of the page. */
export function helpText({ words }: PartnerTexts, category: string): string {
  const names: Readonly<Record<string, string>> = words.help;
  return names[category] ?? words.help['sdoh-category-unspecified'];
}

/** Makes the short number by which people tell requests apart on the phone. */
export const numberOf = (id: string): string => id.slice(0, 6).toUpperCase();

/** Makes the address of the list of requests, or of a page below it. */
export const pathOf = ({ token }: PageContext, ...parts: readonly string[]): string =>
  ['', 'p', token, 'requests', ...parts].join('/');
