import type { App } from '@loopwell/http';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import { doesNoStand } from '@loopwell/sdoh';
import { contact, type NoRow } from '@loopwell/store';
import { findSubject } from '../find-subject.ts';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import { requireShown } from '../shown-people.ts';
import { parseBroughtUp, parseNo, parseTry, parseTryEnd } from './no-body.ts';
import { bringUp, recordNo } from './record-no.ts';
import { endTry, makeTry } from './record-try.ts';

type Answers = components['schemas'];

const either = { kind: 'person-or-service', role: 'reviewer' } as const;
const nosPath = '/api/v1/people/:personId/noes';
const triesPath = '/api/v1/people/:personId/tries';

/** Adds the ways to record and read a person's nos, and the tries to reach them. */
export function addNoRoutes(app: App, deps: ReviewDeps): void {
  app.route('post', nosPath, either, async (request, response, principal) => {
    const body = parseNo(request.body, todayOf(deps));
    const recorded = await recordNo(deps, principal, String(request.params.personId), body);
    response.status(recorded.result === 'recorded' ? 201 : 200).json(recorded);
  });
  app.route('get', nosPath, either, async (request, response, principal) => {
    const nos = await deps.tx(async (tx) => {
      const { patients } = await findSubject(tx, String(request.params.personId));
      await requireShown(tx, { principal, page: nosPath }, patients);
      const [patient = ''] = patients;
      return (await contact.personNos(tx, [patient])).get(patient) ?? [];
    });
    const today = todayOf(deps);
    response.json({ nos: nos.map((no) => shownNo(no, today)) } satisfies Answers['Nos']);
  });
  app.route('post', `${nosPath}/:noId/brought-up`, either, async (request, response, principal) => {
    const on = parseBroughtUp(request.body, todayOf(deps));
    const { personId: person, noId: no } = request.params;
    await bringUp(deps, principal, { person: String(person), no: String(no), on });
    response.json({ result: 'recorded' });
  });
  addTries(app, deps);
}

function addTries(app: App, deps: ReviewDeps): void {
  app.route('post', triesPath, either, async (request, response, principal) => {
    const body = parseTry(request.body);
    const made = await makeTry(deps, principal, String(request.params.personId), body);
    response.status(201).json(made);
  });
  app.route('post', `${triesPath}/:tryId`, either, async (request, response, principal) => {
    const body = parseTryEnd(request.body);
    const { personId: person, tryId: id } = request.params;
    await endTry(deps, principal, { person: String(person), id: String(id) }, body);
    response.json({ result: 'recorded' });
  });
}

const shownNo = (no: NoRow, today: string): Answers['No'] => ({
  id: no.id,
  kind: no.kind,
  category: no.category,
  partner: no.partner,
  until: no.until,
  saidOn: no.said_on,
  saidBy: no.said_by,
  saidTo: no.said_to,
  note: no.note,
  recordedBy: no.recorded_by,
  recordedAt: no.recorded_at.toISOString(),
  broughtUpOn: no.brought_up_on,
  stands: doesNoStand(contact.noOf(no), today),
});
