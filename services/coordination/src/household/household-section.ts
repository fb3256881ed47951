import { button, fields, type Html, html, textField } from '@loopwell/http';
import { type HouseholdRow, work } from '@loopwell/store';
import { type PersonNames, personNames } from '../person-names.ts';
import { type PersonSection, type SectionFeedback, sectionNotice } from '../person-section.ts';
import { todayOf } from '../reviewer.ts';
import { showPeople } from '../shown-people.ts';
import type { ReviewTexts } from '../texts/en.ts';

const name = 'household';

type Relative = { kind: 'guardians' | 'children' | 'siblings'; patient: string };

type HouseholdView = {
  person: string;
  today: string;
  household: HouseholdRow | undefined;
  relatives: readonly Relative[];
  names: PersonNames;
  isDone: boolean;
  feedback: SectionFeedback | undefined;
};

/** Shows what a person said of their household, and the family by guardian and minor child. */
export const householdSection: PersonSection = {
  name,
  async read(tx, { person, patients }, context) {
    const { deps, principal, feedback } = context;
    const household = await work.householdOf(tx, patients);
    const family = (await work.familiesOf(tx, [person])).get(person);
    const kinds = ['guardians', 'children', 'siblings'] as const;
    const all = kinds.flatMap((kind) =>
      (family?.[kind] ?? []).map((patient) => ({ kind, patient })),
    );
    const related = new Set(all.map(({ patient }) => patient));
    const visible = await showPeople(tx, { principal, page: '/people/:personId' }, related);
    const relatives = all.filter(({ patient }) => visible.has(patient));
    const today = todayOf(deps);
    const names = await personNames(
      tx,
      relatives.map(({ patient }) => patient),
      today,
    );
    const section = feedback?.section === name ? feedback : undefined;
    const isDone = context.query.recorded === name;
    const view = { person, today, household, relatives, names, isDone, feedback: section };
    return (texts) => householdPart(view, texts);
  },
};

function householdPart(view: HouseholdView, texts: ReviewTexts): Html {
  const { household: words, formats } = texts;
  const { household, relatives, isDone, feedback } = view;
  const ages = household ? (JSON.parse(household.ages) as number[]).join(', ') : '';
  const sentence = household
    ? words.lives(household.size, ages, formats.shortDay(household.said_on))
    : words.notAsked;
  const family = relatives.map(
    ({ kind, patient }) =>
      html`<li>${words.kinds[kind]}: <a href="/people/${patient}">${view.names.get(patient)?.name ?? texts.person.notOnFile}</a></li>\n`,
  );
  const form = householdForm(view, texts);
  return html`<h2 id="household">${words.title}</h2>
${sectionNotice({ isDone, problem: feedback?.problem }, words.notices)}
<p>${sentence}</p>
${family.length > 0 && html`<ul>${family}</ul><p class="hint">${words.familyHint}</p>`}
${feedback ? form : html`<details><summary>${words.open}</summary>${form}</details>`}`;
}

function householdForm({ person, today, feedback }: HouseholdView, texts: ReviewTexts): Html {
  const { household: words } = texts;
  const { field, rule } = feedback?.problem.facts ?? {};
  const at = (of: string, label: string, otherwise = '') => ({
    id: `household-${of}`,
    name: of,
    label,
    text: feedback?.typed[of] ?? otherwise,
    error: field === of ? (words.problems[`${of} ${rule}`] ?? words.problems[of]) : undefined,
  });
  const size = textField({ ...at('size', words.size), maxlength: 3 });
  const ages = textField({ ...at('ages', words.ages), hint: words.agesHint, maxlength: 200 });
  const saidOn = textField({ ...at('saidOn', words.saidOn, today), type: 'date', max: today });
  const record = button({ label: words.record });
  return html`<form method="post" action="/people/${person}/household">${fields(size, ages, saidOn, record)}</form>`;
}
