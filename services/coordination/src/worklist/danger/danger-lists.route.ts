import { type App, html, type Pages } from '@loopwell/http';
import { readDutyNotice } from '../../on-duty/duty-notice.ts';
import { unprinted } from '../../pages/parts.ts';
import type { ReviewDeps } from '../../reviewer.ts';
import type { ReviewTexts } from '../../texts/en.ts';
import { personBeside, readBeside } from '../person-beside.ts';
import { dangerListPage } from './danger-list-page.ts';
import { type DangerList, dangerLists, readDangerList } from './read-danger-list.ts';

const person = { kind: 'person', role: 'reviewer' } as const;

const titles = {
  'see-first': 'seeFirst',
  'call-today': 'callToday',
  appointments: 'appointments',
} as const satisfies Record<DangerList, keyof ReviewTexts['safety']>;

/** Adds the lists of people to see first and to call today, and of their next visits. */
export function addDangerLists(app: App, deps: ReviewDeps, pages: Pages<ReviewTexts>): void {
  for (const list of dangerLists)
    app.route('get', `/${list}`, person, async (request, response, principal) => {
      const reading = { deps, principal };
      const { view, notice, beside } = await deps.tx(async (tx) => {
        const view = await readDangerList(tx, list, reading, request.query);
        const page = `/${list}`;
        const beside = await readBeside(tx, view.chosen, { ...reading, page });
        return { view, beside, notice: await readDutyNotice(tx) };
      });
      pages.show(response, (texts) => ({
        title: texts.safety[titles[list]],
        body: unprinted(
          html`${notice(texts)}${dangerListPage(view, beside && personBeside(beside, texts), texts)}`,
        ),
        principal,
        current: `/${list}`,
      }));
    });
}
