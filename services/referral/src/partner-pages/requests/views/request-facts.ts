import { type Fact, facts, type Html, html, type Part } from '@loopwell/http';
import type { ShownPerson } from '@loopwell/sdoh';
import type { PartnerTexts } from '../../texts/languages.ts';
import {
  type Clinic,
  clinicText,
  numberOf,
  type PageContext,
  type RequestPage,
  type ShownView,
} from './page-model.ts';

/** Renders what a partner may know of a request. The date of a court comes before all else. */
export function requestFacts({ id, view, ticket }: RequestPage, context: PageContext): Html {
  const { texts, clinic } = context;
  const { request } = texts.words;
  const court = view.isLegal && byFact(view, texts);
  const by = !view.isLegal && byFact(view, texts);
  const asked = view.stage === 'asked';
  const list: (Fact | undefined | false)[] = [
    court,
    ticketFact(ticket, texts),
    ...personFacts(view.person, context),
    householdFact(view, texts),
    asked && { term: request.lives, detail: request.inYourArea },
    by,
    { term: request.sentBy, detail: senderText(clinic) },
    { term: request.number, detail: numberOf(id) },
  ];
  return facts(list, 'facts');
}

function ticketFact(ticket: string | undefined, { words }: PartnerTexts): Fact | undefined {
  if (ticket === undefined) return undefined;
  const { ticket: term, bringsTicket } = words.request;
  return { term, detail: html`<strong>${ticket}</strong><br>${bringsTicket}` };
}

function byFact({ mustBy, isLegal }: ShownView, { words, dates }: PartnerTexts): Fact | undefined {
  if (mustBy === undefined) return undefined;
  const { courtDate, neededBy } = words.request;
  return {
    term: isLegal ? courtDate : neededBy,
    detail: html`<strong>${dates.day(mustBy)}</strong>`,
  };
}

function householdFact({ householdSize }: ShownView, { words, dates }: PartnerTexts) {
  if (householdSize === undefined) return undefined;
  const { household, people } = words.request;
  return {
    term: household,
    detail: dates.counted(householdSize, people),
  };
}

const senderText = ({ name, phone }: Clinic): Part =>
  phone === undefined ? name : html`${name}, ${phoneLink(phone)}`;

function personFacts(
  person: ShownPerson | undefined,
  { texts, clinic }: PageContext,
): (Fact | undefined)[] {
  if (!person) return [];
  const { request } = texts.words;
  const { firstName, lastName, address } = person;
  const throughClinic = clinicText(request.throughClinic, request.throughClinicAlone, clinic);
  return [
    firstName ? { term: request.firstName, detail: firstName } : undefined,
    { term: request.reachBy, detail: contactText(person, texts) ?? throughClinic },
    lastName ? { term: request.lastName, detail: lastName } : undefined,
    languageFact(person, texts),
    address && { term: request.address, detail: address.map((line) => html`${line}<br>`) },
  ];
}

function contactText({ contact, care }: ShownPerson, { words }: PartnerTexts): Part | undefined {
  if (!contact) return undefined;
  const { way, address } = contact;
  const hours = care?.hours && html`<br>${words.care.hours.replace('{hours}', care.hours)}`;
  return html`<strong>${words.request[way]}</strong> ${addressText(way, address)}${hours}`;
}

/** Links to a call or an e-mail. A text has no link: a tap would call. */
function addressText(way: 'phone' | 'sms' | 'email', address: string): Part {
  if (way === 'email') return html`<a href="${`mailto:${address}`}">${address}</a>`;
  return way === 'phone' ? phoneLink(address) : phoneText(address);
}

/** Writes a number of the United States as people do. */
const phoneText = (number: string): string =>
  number.replace(/^\+1(\d{3})(\d{3})(\d{4})/, '$1-$2-$3');

function phoneLink(number: string): Part {
  const dialed = number.replace(/ext.*$/i, '').replaceAll(/[^\d+]/g, '');
  return dialed === '' ? number : html`<a href="${`tel:${dialed}`}">${phoneText(number)}</a>`;
}

function languageFact(person: ShownPerson, { words }: PartnerTexts): Fact | undefined {
  const { language, needsInterpreter } = person;
  const { language: term, needsInterpreter: needs } = words.request;
  const name = language && languageName(language, words.languages);
  if (!needsInterpreter) return name ? { term, detail: name } : undefined;
  return { term, detail: name ? html`${name} · <strong>${needs}</strong>` : needs };
}

function languageName(
  { code = '', text }: NonNullable<ShownPerson['language']>,
  names: Readonly<Record<string, string>>,
): string {
  const [tag = ''] = code.toLowerCase().split('-');
  return names[tag] ?? text ?? code;
}
