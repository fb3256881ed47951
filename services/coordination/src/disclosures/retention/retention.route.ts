import type { App, Pages } from '@loopwell/http';
import { erasures, type RetentionNotice, retention, type Tx } from '@loopwell/store';
import { personNames } from '../../person-names.ts';
import { type ReviewDeps, todayOf } from '../../reviewer.ts';
import { showPeople } from '../../shown-people.ts';
import type { ReviewTexts } from '../../texts/en.ts';
import { retentionPage } from './retention-page.ts';

/** How many notices and receipts are listed. */
const most = 500;

const read = async (tx: Tx) => ({
  notices: await retention.listNotices(tx, most),
  receipts: await erasures.listErasures(tx, most),
});

const peopleIn = (notices: readonly RetentionNotice[]): string[] =>
  notices.filter(({ kind }) => kind === 'person').map(({ subject }) => subject);

const noticeAnswer = ({ kind, subject, noticedAt, actsAt }: RetentionNotice) => ({
  kind,
  person: kind === 'person' ? subject : null,
  noticedAt: noticedAt.toISOString(),
  actsAt: actsAt.toISOString(),
});

/** Adds what the retention of the site will delete, and the receipts of erasures, for auditors. */
export function addRetention(app: App, deps: ReviewDeps, pages: Pages<ReviewTexts>): void {
  const either = { kind: 'person-or-service', role: 'auditor' } as const;
  app.route('get', '/api/v1/retention', either, async (_request, response, principal) => {
    const { notices, receipts } = await deps.tx(async (tx) => {
      const found = await read(tx);
      const people = peopleIn(found.notices);
      await showPeople(tx, { principal, page: '/api/v1/retention' }, people);
      return found;
    });
    const erased = receipts.map((receipt) => ({ ...receipt, at: receipt.at.toISOString() }));
    response.json({ notices: notices.map(noticeAnswer), erasures: erased });
  });
  const person = { kind: 'person', role: 'auditor' } as const;
  app.route('get', '/disclosures/retention', person, async (_request, response, principal) => {
    const view = await deps.tx(async (tx) => {
      const found = await read(tx);
      const showing = { principal, page: '/disclosures/retention' };
      const visible = await showPeople(tx, showing, peopleIn(found.notices));
      return { ...found, visible, names: await personNames(tx, [...visible], todayOf(deps)) };
    });
    pages.show(response, (texts) => ({
      title: texts.retention.title,
      body: retentionPage(view, texts),
      principal,
      current: '/disclosures',
    }));
  });
}
