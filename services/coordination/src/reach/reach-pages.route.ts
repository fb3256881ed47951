import { type App, bodyCheck, type Pages, type Principal, type Response } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { uuid } from '../decide/form-data.ts';
import { findSubject } from '../find-subject.ts';
import { personNames } from '../person-names.ts';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import { requireShown, requireVisible } from '../shown-people.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { chartContacts } from './chart-contacts.ts';
import { parseReach, type ReachBody } from './reach-body.ts';
import { type ReachRefusal, refusalOf } from './reach-errors.ts';
import { bodyOfTyped, type ReachTyped, typedOfChoice, typedReach } from './reach-form.ts';
import { reachFormPage } from './reach-form-page.ts';
import { patientOf, readReach } from './reach-view.ts';
import { recordReach, resolveKeepOut } from './record-reach.ts';

const person = { kind: 'person', role: 'reviewer' } as const;
const path = '/people/:personId/reach';

const sentence = 'The answer is not as the form has it; nothing was recorded';
const check = bodyCheck<ReachBody>(contracts.coordination, 'ReachChange', sentence);

type Shown = { deps: ReviewDeps; pages: Pages<ReviewTexts> };

/** Adds the form about how to reach a person, and the one about whom to keep out. */
export function addReachPages(app: App, deps: ReviewDeps, pages: Pages<ReviewTexts>): void {
  const shown = { deps, pages };
  app.route('get', path, person, async (request, response, principal) => {
    await showForm(shown, response, principal, { id: String(request.params.personId) });
  });
  app.route('post', path, person, async (request, response, principal) => {
    const id = String(request.params.personId);
    const typed = typedReach((request.body ?? {}) as Record<string, unknown>);
    try {
      const change = parseReach(check(bodyOfTyped(typed)), deps.clock.now());
      await recordReach(deps, principal, id, change);
    } catch (error) {
      await showForm(shown, response, principal, { id, typed, refusal: refusalOf(error) });
      return;
    }
    response.redirect(303, `/people/${id}#reach`);
  });
  app.route(
    'post',
    '/people/:personId/keep-outs/:keepOutId',
    person,
    async (request, response, principal) => {
      const { meant, partners = [] } = (request.body ?? {}) as Record<string, unknown>;
      const id = String(request.params.personId);
      const keepOut = requireKeepOutId(String(request.params.keepOutId));
      await deps.tx(async (tx) => {
        const { patients } = await findSubject(tx, id);
        await requireVisible(tx, principal, patients, 'There is no such person');
      });
      const chosen = meant === 'none' ? [] : [partners].flat().map(String);
      // Nothing that is ticked is no answer: it would let everything go out.
      if (meant === 'none' || chosen.length > 0)
        await resolveKeepOut(deps, principal, { person: id, keepOut }, chosen);
      response.redirect(303, `/people/${id}#reach`);
    },
  );
}

type Again = { id: string; typed?: ReachTyped; refusal?: ReachRefusal };

async function showForm(
  { deps, pages }: Shown,
  response: Response,
  principal: Principal,
  { id, typed, refusal }: Again,
): Promise<void> {
  const today = todayOf(deps);
  const view = await deps.tx(async (tx) => {
    const subject = await findSubject(tx, id);
    await requireShown(tx, { principal, page: path }, subject.patients);
    const reach = await readReach(tx, subject, deps.clock.now());
    const names = await personNames(tx, subject.patients, today);
    const inChart = await chartContacts(tx, subject.patients, today);
    return { subject, reach, name: names.get(patientOf(subject))?.name ?? '', inChart };
  });
  const { recorded, keepOuts } = view.reach;
  const stored = typedOfChoice(recorded);
  // A second save replaces the answer that is shown beside what was typed.
  const latest = refusal?.outcome === 'stale' ? { instead: stored.instead } : {};
  const shownTyped = { ...(typed ?? stored), ...latest };
  pages.show(response, (texts) => ({
    title: texts.reach.title,
    body: reachFormPage(
      {
        ...{ person: view.subject.person, name: view.name, typed: shownTyped },
        ...{ refusal, keepOuts, inChart: view.inChart },
      },
      texts,
    ),
    principal,
    current: '/review',
    status: statusOf(refusal),
  }));
}

const statusOf = (refusal: ReachRefusal | undefined): number => {
  if (refusal === undefined) return 200;
  return refusal.outcome === 'stale' ? 409 : 400;
};

/** Gives the id of a keep-out as it stands in an address, if it may be one. */
function requireKeepOutId(id: string): string {
  if (uuid.test(id)) return id;
  throw new AppError('NOT_FOUND', 'There is no such place or person to keep out');
}
