import { type App, type Html, html, type Pages, type Principal } from '@loopwell/http';
import type { ListedRow } from '@loopwell/store';
import { findSubject } from '../find-subject.ts';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import { requireShown } from '../shown-people.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { standingSentence } from '../texts/standing-sentence.ts';
import { type Paper, readPaper } from './read-paper.ts';

const person = { kind: 'person', role: 'reviewer' } as const;

/** Adds the copy for the chart and the one page to print of a person. */
export function addPaperPages(app: App, deps: ReviewDeps, pages: Pages<ReviewTexts>): void {
  const read = (principal: Principal, page: string, id: string): Promise<Paper> =>
    deps.tx(async (tx) => {
      const subject = await findSubject(tx, id);
      await requireShown(tx, { principal, page }, subject.patients);
      return readPaper(tx, subject, { tenant: principal.tenant, today: todayOf(deps) });
    });
  const add = (
    path: string,
    title: 'copyTitle' | 'printTitle',
    render: (paper: Paper, texts: ReviewTexts) => Html,
  ) =>
    app.route('get', path, person, async (request, response, principal) => {
      const paper = await read(principal, path, String(request.params.personId));
      pages.show(response, (texts) => ({
        title: texts.paper[title],
        body: render(paper, texts),
        principal,
        current: '/review',
      }));
    });
  add('/people/:personId/copy', 'copyTitle', copyPage);
  add('/people/:personId/print', 'printTitle', printPage);
}

/** Writes a need and where it stands: "Food insecurity: with Hillside since Nov 20, 9:02 am". */
function needLine(need: ListedRow, { attempts, partners }: Paper, texts: ReviewTexts): string {
  const standing = standingSentence(need, attempts.get(need.id) ?? [], { partners, texts });
  return `${texts.need(need.category)}: ${standing}`;
}

function householdLine({ household }: Paper, { household: words, formats }: ReviewTexts): string {
  if (household === undefined) return '';
  const ages = (JSON.parse(household.ages) as number[]).join(', ');
  return words.lives(household.size, ages, formats.shortDay(household.said_on));
}

function copyPage(paper: Paper, texts: ReviewTexts): Html {
  const { paper: words } = texts;
  const needs = paper.needs.map((need) => `- ${needLine(need, paper, texts)}`);
  const lines = [words.copyHead, ...(needs.length > 0 ? needs : [words.noNeeds])];
  const household = householdLine(paper, texts);
  if (household !== '') lines.push(household);
  return html`<p><a href="/people/${paper.person}">${words.back}</a></p>
<p class="hint">${words.copyHint}</p>
<pre class="copy" tabindex="0" aria-label="${words.copyTitle}">${lines.join('\n')}</pre>`;
}

function printPage(paper: Paper, texts: ReviewTexts): Html {
  const { paper: words, formats } = texts;
  const { profile, needs } = paper;
  const [language] = profile?.languages ?? [];
  const born = profile?.birthDate && texts.person.born(formats.shortDay(profile.birthDate));
  const about = [profile?.name, born, language?.text ?? language?.code];
  const items = needs.map((need) => html`<li>${needLine(need, paper, texts)}</li>\n`);
  return html`<p class="unprinted"><a href="/people/${paper.person}">${words.back}</a> · ${words.printHint}</p>
<p><strong>${about.filter(Boolean).join(' · ')}</strong></p>
<h2>${texts.personPage.needs}</h2>
${items.length > 0 ? html`<ul>${items}</ul>` : html`<p>${words.noNeeds}</p>`}
<p>${householdLine(paper, texts)}</p>`;
}
