import type { App, Principal } from '@loopwell/http';
import { AppError, newId } from '@loopwell/kit';
import { leftToTell, operator, type Tx } from '@loopwell/store';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import { readLeftToTell } from './told-section.ts';

const person = { kind: 'person', role: 'reviewer' } as const;
const list = '/partners/calls';

/** Adds the buttons by which somebody says that a person or a partner was told. DECISIONS D203. */
export function addTold(app: App, deps: ReviewDeps): void {
  app.route('post', `${list}/told-person`, person, async (request, response, principal) => {
    const id = idIn(request.body);
    await deps.tx(async (tx) => {
      const { yeses } = await readShown(tx, deps, principal);
      const yes = yeses.find((one) => String(one.id) === id);
      if (yes) await leftToTell.personTold(tx, yes.id, principal.id);
    });
    response.redirect(303, list);
  });
  app.route('post', `${list}/told-partner`, person, async (request, response, principal) => {
    const id = idIn(request.body);
    const batch = newId();
    const isTold = await deps.tx(async (tx) => {
      const { ends } = await readShown(tx, deps, principal);
      if (!ends.some(({ task }) => task === id)) return false;
      const rows = [{ stage: 'track', subject: id }];
      const by = { tenant: tx.tenant, principal: principal.id };
      await operator.retryRows(tx, { ...by, rows, reason: 'partner-told', batch });
      return true;
    });
    if (isTold) await deps.nudge([{ stage: 'track', batch }]);
    response.redirect(303, list);
  });
}

/** Reads what is left to tell, so that nobody ticks what they may not see. */
const readShown = (tx: Tx, deps: ReviewDeps, principal: Principal) =>
  readLeftToTell(tx, { principal, page: list }, todayOf(deps));

/** @throws AppError REQUEST_INVALID for a form that names nothing */
function idIn(body: unknown): string {
  const { id } = body as { id?: unknown };
  if (typeof id === 'string' && id !== '') return id;
  throw new AppError('REQUEST_INVALID', 'Choose who was told', { facts: { field: 'id' } });
}
