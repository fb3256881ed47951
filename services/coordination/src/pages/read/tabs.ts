import type { Principal } from '@loopwell/http';
import { reviews, type Tx } from '@loopwell/store';
import { reviewGates } from '../../read/review-view.ts';
import type { WorklistView } from '../../read/worklist-query.ts';
import type { TabsView } from '../navigation.ts';

export type Counted = Omit<TabsView, 'current'> & {
  /** Counts the needs of one tab by category. */
  needsIn: (view: WorklistView) => { category: string; count: number }[];
};

type Counts = Awaited<ReturnType<typeof reviews.worklistCounts>>;

const sumOf = (counts: Counts): number => counts.reduce((sum, { count }) => sum + count, 0);

const inView = (counts: Counts, view: WorklistView): Counts =>
  view === 'postponed'
    ? counts.filter(({ postponed }) => postponed)
    : counts.filter(({ postponed, gate }) => !postponed && gate === view);

/** Counts the referrals of each tab, and the needs of a tab. */
export async function countTabs(tx: Tx, { tenant }: Principal, today: string): Promise<Counted> {
  const counts = await reviews.worklistCounts(tx, tenant, reviewGates, today);
  const attention = await reviews.countAttention(tx, tenant);
  const countIn = (view: WorklistView) => sumOf(inView(counts, view));
  return {
    counts: {
      saidNo: countIn('saidNo'),
      review: countIn('review'),
      withoutHelp: countIn('withoutHelp'),
      agreement: countIn('agreement'),
      consent: countIn('consent'),
      noServiceCode: countIn('noServiceCode'),
      postponed: countIn('postponed'),
      // People with an answer about safety are on the list See first.
      screenings: attention.all - attention.danger,
    },
    needsIn: (view) => countNeeds(inView(counts, view)),
  };
}

function countNeeds(counts: Counts): { category: string; count: number }[] {
  const byNeed = Map.groupBy(counts, ({ category }) => category);
  return [...byNeed]
    .map(([category, ofNeed]) => ({ category, count: sumOf(ofNeed) }))
    .sort((a, b) => (a.category < b.category ? -1 : 1));
}
