import { addressOf, attributes, type Html, html, type Part } from '@loopwell/http';
import { daysBetween, type ListRow, type RowNeed } from '../read/list-rows.ts';
import type { ReviewTexts } from '../texts/en.ts';

/** What the rows of a list show beside the people. */
export type PeopleTable = {
  rows: readonly ListRow[];
  /** The rows have boxes to choose people by. */
  canChoose: boolean;
  chosen: readonly string[];
  /** The person who is shown beside the list. */
  open: string | undefined;
  /** The address of a person beside the list, or of their page. */
  addressOf: (human: string) => string;
  /** Words about one need, where the list is about what was sent. */
  noteOf?: ((need: RowNeed) => string | undefined) | undefined;
  /** What rows have in place of needs and reasons, where the list shows neither. */
  detail?: { title: string; cell: (row: ListRow) => Part } | undefined;
  /** The main action of one row, on lists where nobody is chosen with others. */
  actionOf?: ((row: ListRow) => Html) | undefined;
  today: string;
};

/** Renders people as rows: the name, the needs, the reason in one line, and how long they wait. */
export function peopleTable(view: PeopleTable, texts: ReviewTexts): Html {
  const { peopleLists: words } = texts;
  const head = view.canChoose && html`<th scope="col">${words.choose}</th>`;
  return html`<table class="people">
  <thead><tr>${head}<th scope="col">${words.person}</th><th scope="col">${view.detail?.title ?? words.needs}</th><th scope="col" class="number">${words.waits}</th></tr></thead>
  <tbody>${view.rows.map((row) => personRow(row, view, texts))}</tbody>
</table>`;
}

function personRow(row: ListRow, view: PeopleTable, texts: ReviewTexts): Html {
  const { human } = row.person;
  const isOpen = view.open === human;
  const marks = attributes({
    id: `p-${human}`,
    'data-person': human,
    class: isOpen ? 'open' : undefined,
  });
  return html`<tr ${marks}>${view.canChoose && html`<td class="pick">${chooseBox(row, view, texts)}</td>`}
    <th scope="row">${nameCell(row, view, texts)}</th>
    <td class="why">${whyCell(row, view, texts)}</td>
    <td class="number">${texts.peopleLists.days(daysBetween(row.since, view.today))}</td></tr>
`;
}

function whyCell(row: ListRow, view: PeopleTable, texts: ReviewTexts): Html {
  const { detail, actionOf } = view;
  const cell = detail ? html`<p>${detail.cell(row)}</p>` : needsCell(row, view, texts);
  return html`${cell}${actionOf?.(row)}`;
}

function chooseBox(row: ListRow, view: PeopleTable, texts: ReviewTexts): Html | undefined {
  if (row.alone !== undefined || row.needs.length === 0) return undefined;
  const { human } = row.person;
  const box = attributes({
    type: 'checkbox',
    name: 'person',
    value: human,
    checked: view.chosen.includes(human),
    'aria-label': texts.peopleLists.chooseOne(nameOf(row, texts)),
  });
  return html`<input ${box}>`;
}

/** Gives the name of a row's person. */
export const nameOf = ({ person }: Pick<ListRow, 'person'>, texts: ReviewTexts): string =>
  person.name ?? texts.peopleLists.noName;

function nameCell(row: ListRow, view: PeopleTable, texts: ReviewTexts): Html {
  const { peopleLists: words } = texts;
  const { human } = row.person;
  const current = view.open === human ? 'true' : undefined;
  const link = attributes({ href: view.addressOf(human), 'aria-current': current });
  const mark =
    row.seeFirst && html`<strong class="first" data-see-first>${words.seeFirst}</strong> `;
  return html`${mark}<a ${link}>${nameOf(row, texts)}</a> <small>${aboutOf(row, texts)}</small>`;
}

/** Writes age, language and interpreter in one line. */
export function aboutOf({ person }: Pick<ListRow, 'person'>, { peopleLists }: ReviewTexts): string {
  const { age, language, needsInterpreter } = person;
  const languageName = language?.text ?? peopleLists.languageOf(language?.code);
  return peopleLists.about(age, languageName, needsInterpreter);
}

function needsCell(row: ListRow, view: PeopleTable, texts: ReviewTexts): Html {
  const chips = row.needs.filter(({ isHidden }) => !isHidden);
  const list = chips.map((need) => {
    const note = view.noteOf?.(need);
    const words = note === undefined ? '' : ` · ${note}`;
    return html`<li data-need="${need.category}">${texts.need(need.category)}${words}</li>`;
  });
  const warn = row.alone !== undefined && row.alone !== 'seeFirst' && aloneWords(row, view, texts);
  // The page of the person says the rest; a row has one line.
  const concern = row.concern && texts.standing.record[row.concern].row.split(/[:,]/)[0];
  return html`${list.length > 0 && html`<ul class="chips">${list}</ul>`}
    <p>${concern && html`<span class="wait">${concern}</span> · `}${warn && html`<span class="wait">${warn}</span> · `}${reasonLine(row, view.today, texts)}</p>`;
}

function aloneWords(row: ListRow, { today }: PeopleTable, { peopleLists }: ReviewTexts): string {
  if (row.alone === 'signedNo') return signedNoWords(row, today, peopleLists) ?? '';
  if (row.alone === 'old') return peopleLists.askAgain(peopleLists.day(lastDay(row), today));
  return row.alone === undefined ? '' : peopleLists.alone[row.alone];
}

/** Says on which day somebody signed a no; undefined where they did not. */
export function signedNoWords(
  { signedNo }: ListRow,
  today: string,
  words: ReviewTexts['peopleLists'],
): string | undefined {
  if (signedNo === undefined) return undefined;
  return words.signedNo(signedNo ? words.day(signedNo.slice(0, 10), today) : undefined);
}

const lastDay = (row: ListRow): string => answerDays(row).at(-1) ?? row.since;

const answerDays = ({ needs }: ListRow): string[] =>
  needs.flatMap(({ answers }) => answers.map(({ day }) => day)).sort();

/** Writes what the person answered in one line: of each need the newest telling answer. */
export function reasonLine(row: ListRow, today: string, { peopleLists }: ReviewTexts): string {
  const reasons = new Map<string, string>();
  for (const need of row.needs) {
    const newest = newestReason(need, peopleLists);
    if (newest && !reasons.has(newest.phrase)) reasons.set(newest.phrase, newest.day);
  }
  const written = [...reasons].map(([phrase, day]) =>
    peopleLists.reasonOn(phrase, day === '' ? '' : peopleLists.day(day, today)),
  );
  return written.slice(0, 3).join(' · ');
}

/** Finds the newest answer of a need that says something to a reader. */
function newestReason(
  { answers, isHidden }: RowNeed,
  { reason }: ReviewTexts['peopleLists'],
): { phrase: string; day: string } | undefined {
  if (isHidden) return undefined;
  const reasons: { phrase: string; day: string }[] = [];
  for (const { question, answer, day } of answers) {
    const phrase = reason(question, answer);
    if (phrase !== undefined) reasons.push({ phrase, day });
  }
  return reasons.sort((a, b) => b.day.localeCompare(a.day))[0];
}

/** Gives the address of a list with one person beside it, at the person's row. */
export const besideAddress = (here: string, human: string): string => {
  const { pathname, searchParams } = new URL(here, 'http://localhost');
  const query = { ...Object.fromEntries(searchParams), person: human };
  return `${addressOf(pathname, query)}#p-${human}`;
};
