import type { App } from '@loopwell/http';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import type { ReachChoice } from '@loopwell/sdoh';
import { findSubject } from '../find-subject.ts';
import type { ReviewDeps } from '../reviewer.ts';
import { requireShown } from '../shown-people.ts';
import { phoneText } from './phone-text.ts';
import { parseReach, type ReachBody } from './reach-body.ts';
import { type ReachView, readReach } from './reach-view.ts';
import { recordReach, resolveKeepOut } from './record-reach.ts';

const either = { kind: 'person-or-service', role: 'reviewer' } as const;
const path = '/api/v1/people/:personId/reach';

/** Adds the API of how a person wants to be reached. */
export function addReachApi(app: App, deps: ReviewDeps): void {
  app.route('get', path, either, async (request, response, principal) => {
    const view = await deps.tx(async (tx) => {
      const subject = await findSubject(tx, String(request.params.personId));
      await requireShown(tx, { principal, page: path }, subject.patients);
      return readReach(tx, subject, deps.clock.now());
    });
    response.json(reachJson(view));
  });
  app.route('put', path, either, async (request, response, principal) => {
    const change = parseReach(request.body as ReachBody, deps.clock.now());
    const id = String(request.params.personId);
    response.json(reachJson(await recordReach(deps, principal, id, change)));
  });
  const keepOuts = '/api/v1/people/:personId/keep-outs/:keepOutId/partners';
  app.route('put', keepOuts, either, async (request, response, principal) => {
    const { partners } = request.body as { partners: string[] };
    const person = String(request.params.personId);
    const of = { person, keepOut: String(request.params.keepOutId) };
    response.json(reachJson(await resolveKeepOut(deps, principal, of, partners)));
  });
}

function reachJson(view: ReachView): components['schemas']['Reach'] {
  const { person, recorded, standing, next, keepOuts } = view;
  return {
    person,
    standing,
    recorded: recorded
      ? {
          id: recorded.id,
          choice: choiceJson(recorded.choice),
          answeredAt: recorded.answeredAt.toISOString(),
          askedBy: recorded.askedBy,
          askedAlone: recorded.askedAlone,
        }
      : null,
    askAgain: next.isDue
      ? { due: true, why: next.why }
      : { due: false, from: next.from.toISOString() },
    keepOuts: keepOuts.map(({ id, words, partners }) => ({
      id,
      words,
      partners: partners === undefined ? null : [...partners],
    })),
  };
}

/** Writes a choice as the API takes it: the number with its extension in one text. */
function choiceJson({ phone, ...others }: ReachChoice): components['schemas']['ReachChoice'] {
  // A choice was stored as JSON, which has nothing that is undefined.
  const choice = others as Omit<components['schemas']['ReachChoice'], 'phone'>;
  return phone === undefined ? choice : { ...choice, phone: phoneText(phone) };
}
