import { type Html, html, type Principal } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import type { Tx } from '@loopwell/store';
import { findSubject } from '../find-subject.ts';
import { personSections } from '../people/sections.ts';
import type { RenderSection } from '../person-section.ts';
import { type PersonFacts, readPersonFacts } from '../read/person-facts.ts';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import { requireShown } from '../shown-people.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { aboutOf, nameOf } from './people-table.ts';

/** A person beside a list: who it is, and the sections of their page. */
export type PersonBeside = { person: PersonFacts; sections: readonly RenderSection[] };

/**
 * Reads the person beside a list, and records that they are shown; undefined where there is none
 * whom the reader may see.
 */
export async function readBeside(
  tx: Tx,
  human: string | undefined,
  { page, ...context }: { deps: ReviewDeps; principal: Principal; page: string },
): Promise<PersonBeside | undefined> {
  if (human === undefined) return undefined;
  try {
    const subject = await findSubject(tx, human);
    await requireShown(tx, { principal: context.principal, page }, subject.patients);
    const facts = await readPersonFacts(tx, [subject.person], todayOf(context.deps));
    const person = facts.get(subject.person);
    if (!person) return undefined;
    const sections: RenderSection[] = [];
    for (const { read } of personSections) {
      const section = await read(tx, subject, { ...context, query: {} });
      if (section) sections.push(section);
    }
    return { person, sections };
  } catch (error) {
    if (error instanceof AppError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

/** Renders a person beside a list. */
export function personBeside({ person, sections }: PersonBeside, texts: ReviewTexts): Html {
  const { peopleLists: words, formats } = texts;
  const born = person.birthDate && texts.person.born(formats.shortDay(person.birthDate));
  return html`<h2>${nameOf({ person }, texts)}</h2>
<p class="hint">${born && `${born} · `}${aboutOf({ person }, texts)}</p>
<p><a href="/people/${person.human}">${words.openPage}</a></p>
${sections.map((section) => html`<section>${section(texts)}</section>`)}`;
}
