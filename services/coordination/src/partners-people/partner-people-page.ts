import { type Column, column, type Html, headerColumn, html, notice, table } from '@loopwell/http';
import type { DoorEvent, NamedCode, PartnerHelper } from '@loopwell/store';
import { type PartnerPeopleTexts, peopleProblems } from './partner-people.en.ts';
import { peopleForms } from './people-forms.ts';

/** What the page about the people of a partner shows. */
export type PartnerPeopleView = {
  partner: string;
  name: string;
  /** The number that the directory has. */
  phone: string | undefined;
  people: readonly PartnerHelper[];
  events: readonly DoorEvent[];
  /** What each form brings along: sent twice, it counts once. */
  formKey: string;
  /** Codes that were made just now. */
  codes?: readonly NamedCode[];
  done?: string;
  problem?: keyof typeof peopleProblems;
};

/** Renders the people of a partner, what staff can do about them, and what happened at their door. */
export function partnerPeoplePage(view: PartnerPeopleView, texts: PartnerPeopleTexts): Html {
  const { people } = view;
  return html`${notices(view, texts)}
<p>${texts.intro}</p>
${people.length === 0 ? notice('wait', texts.none) : peopleTable(people, texts)}
${peopleForms(view, texts)}
<h2>${texts.happened}</h2>
${eventTable(view.events, texts)}`;
}

function notices(view: PartnerPeopleView, texts: PartnerPeopleTexts): Html {
  const { problem, codes = [], done } = view;
  return html`${problem && notice('problem', peopleProblems[problem])}
${done !== undefined && notice('done', done)}
${codes.map(({ name, code }) => codeNotice(name, code, texts))}
${wrongCodes(view, texts)}`;
}

const codeNotice = (name: string, code: string, texts: PartnerPeopleTexts): Html =>
  notice(
    'done',
    html`${texts.codeOf(name)}: <strong class="whole">${code.slice(0, 4)} ${code.slice(4)}</strong>. ${texts.readCode}`,
  );

function wrongCodes({ events }: PartnerPeopleView, texts: PartnerPeopleTexts): Html | false {
  const isMany = events.some(({ kind }) => kind === 'many-wrong-codes');
  const count = events.filter(({ kind }) => kind === 'wrong-code').length;
  return isMany && notice('alert', texts.manyWrong(count));
}

const peopleTable = (people: readonly PartnerHelper[], texts: PartnerPeopleTexts): Html =>
  table(people, peopleColumns(texts), { text: texts.people, isHint: true });

function peopleColumns({ formats, ...texts }: PartnerPeopleTexts): Column<PartnerHelper>[] {
  return [
    headerColumn(texts.name, ({ name }) => name),
    column(texts.role, ({ role }) => texts.roles[role]),
    column(texts.lastSignIn, ({ lastSignIn: at }) => (at ? formats.instant(at) : texts.never)),
    column(texts.codeEnds, ({ codeEndsAt: at }) => (at ? formats.instant(at) : texts.noCode)),
    column(texts.oneTime, ({ second }) => second?.address ?? texts.nowhere),
  ];
}

function eventTable(events: readonly DoorEvent[], texts: PartnerPeopleTexts): Html {
  if (events.length === 0) return html`<p>${texts.nothing}</p>`;
  return table(events, [
    headerColumn(texts.when, ({ at }) => texts.formats.instant(at)),
    column(texts.what, ({ kind }) => texts.kinds[kind]),
    column(texts.who, ({ helperName }) => helperName ?? texts.nowhere),
    column(texts.by, (event) => byText(event, texts)),
    column(texts.calledFirst, ({ called, spokeWith }) =>
      called ? `${called}, ${spokeWith ?? ''}` : texts.nowhere,
    ),
  ]);
}

function byText({ by, byName }: DoorEvent, texts: PartnerPeopleTexts): string {
  if (byName !== null) return byName;
  if (by.startsWith('browser:')) return texts.browser;
  return by.startsWith('system:') ? texts.system : by.replace(/^person:/, '');
}
