import type { DutyPerson } from '@loopwell/sdoh';
import type { OnDutyChange, StoredList } from './on-duty-list.ts';

/** The texts of one person in the form, as they are sent and shown. A secret is never shown. */
export type PersonTexts = { name: string; email: string; url: string; secret: string };

/** The texts of the form. */
export type OnDutyTexts = { version: string; phone: string; people: PersonTexts[] };

/** The texts of one person's fields, in their order. */
export const personFields = ['name', 'email', 'url', 'secret'] as const;

/** Rows for more people that the form offers, and rows at most. */
const [moreRows, mostRows] = [2, 22];

const textOf = (field: unknown): string => (typeof field === 'string' ? field.trim() : '');

const isEmpty = (person: PersonTexts): boolean =>
  personFields.every((field) => person[field] === '');

/** Reads the texts of a form that was sent. */
export function textsOfForm(body: Readonly<Record<string, unknown>>): OnDutyTexts {
  const people: PersonTexts[] = [];
  for (let row = 0; row < mostRows && `name${row}` in body; row += 1)
    people.push({
      name: textOf(body[`name${row}`]),
      email: textOf(body[`email${row}`]),
      url: textOf(body[`url${row}`]),
      secret: textOf(body[`secret${row}`]),
    });
  return { version: textOf(body.version), phone: textOf(body.phone), people };
}

/** Writes the stored list as the texts of a form, with empty rows for more people. */
export function textsOfList({ version, phone, people }: StoredList): OnDutyTexts {
  const rows = people.map(({ name, email = '', webhook }) => ({
    ...{ name, email },
    ...{ url: webhook?.url ?? '', secret: '' },
  }));
  return { version: String(version), phone: phone ?? '', people: withEmptyRows(rows) };
}

/** Adds empty rows, so that there are some whatever was typed. */
export function withEmptyRows(people: readonly PersonTexts[]): PersonTexts[] {
  const filled = people.filter((person) => !isEmpty(person));
  const empty = { name: '', email: '', url: '', secret: '' };
  const more = Array.from({ length: moreRows }, () => empty);
  return [...filled, ...more].slice(0, mostRows);
}

/** Returns the change that a form says. Empty rows are left out, by which people are removed. */
export function changeOfTexts(texts: OnDutyTexts): OnDutyChange {
  const filled = texts.people.filter((person) => !isEmpty(person));
  return {
    version: /^\d{1,9}$/.test(texts.version) ? Number(texts.version) : -1,
    phone: texts.phone,
    people: filled.map(personOfTexts),
  };
}

function personOfTexts({ name, email, url, secret }: PersonTexts): DutyPerson {
  const person: DutyPerson = { name };
  if (email !== '') person.email = email;
  if (url !== '' || secret !== '') person.webhook = { url };
  if (secret !== '' && person.webhook) person.webhook.secret = secret;
  return person;
}

/** Returns the name of the form's field at a path of the API's request. */
export function fieldAt(path: string): string {
  const match = /^\/body\/people\/(\d+)\/(?:webhook\/)?(\w+)$/.exec(path);
  return match ? `${match[2]}${match[1]}` : path.replace('/body/', '');
}
