import { type App, RequestProblems } from '@loopwell/http';
import { isSafetyCategory } from '@loopwell/sdoh';
import { type EquityFact, equityFacts } from '@loopwell/store';
import type { ReviewDeps } from '../reviewer.ts';

const auditor = { kind: 'person-or-service', role: 'auditor' } as const;

/** What a category is called that would tell an answer about safety. */
const withheld = 'withheld';

/** Writes facts of one need; a need about safety is not named. */
const factAnswer = (fact: EquityFact): EquityFact => ({
  ...fact,
  category: isSafetyCategory(fact.category) ? withheld : fact.category,
});

const monthOf = (month: unknown) => (month === undefined ? undefined : String(month));

/** Adds the facts about equity, one for each need, without names and ids. DECISIONS D170. */
export function addEquityFacts(app: App, deps: ReviewDeps): void {
  app.route('get', '/api/v1/equity-facts', auditor, async (request, response) => {
    const { from, to, limit = 500, cursor = '0' } = request.query;
    if (!/^\d{1,9}$/.test(String(cursor)))
      throw new RequestProblems('The cursor is not one that this list gave', [
        { path: '/query/cursor', rule: 'from-next' },
      ]);
    if (from !== undefined && to !== undefined && String(from) > String(to))
      throw new RequestProblems('This cannot be listed as it was asked', [
        { path: '/query/to', rule: 'must not be before from' },
      ]);
    const [most, offset] = [Number(limit), Number(cursor)];
    const ask = { from: monthOf(from), to: monthOf(to), limit: most + 1, offset };
    const facts = await deps.tx((tx) => equityFacts.listEquityFacts(tx, ask));
    const next = facts.length > most ? { next: String(offset + most) } : {};
    response.json({ items: facts.slice(0, most).map(factAnswer), ...next });
  });
}
