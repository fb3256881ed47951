import type { App } from '@loopwell/http';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import { work } from '@loopwell/store';
import { findSubject } from '../find-subject.ts';
import type { PersonForm } from '../person-section.ts';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import { requireShown } from '../shown-people.ts';
import {
  addCover,
  addNote,
  endCover,
  endStep,
  handOver,
  planStep,
  readWork,
  type WorkView,
} from './record-work.ts';
import { parseCover, parseNote, parseOwner, parseStep } from './work-body.ts';

type Answers = components['schemas'];

const either = { kind: 'person-or-service', role: 'reviewer' } as const;
const base = '/api/v1/people/:personId';
const recorded = { result: 'recorded' } as const;

/** Adds the API to say who looks after a person, what is next, and what the team should know. */
export function addWorkRoutes(app: App, deps: ReviewDeps): void {
  addApi(app, deps);
  addCoverApi(app, deps);
}

/** The forms of the section of a person's page about the work for them. */
export function workForms(deps: ReviewDeps): PersonForm[] {
  return [
    {
      path: '/people/:personId/owner',
      section: 'work',
      act: ({ take, owner, ...rest }, by, { personId = '' }) =>
        handOver(deps, by, personId, parseOwner({ ...rest, owner: take ?? owner })),
    },
    {
      path: '/people/:personId/next-step',
      section: 'work',
      act: (form, by, { personId = '' }) =>
        planStep(deps, by, personId, parseStep(form, todayOf(deps))),
    },
    {
      path: '/people/:personId/next-step/done',
      section: 'work',
      act: (_form, by, { personId = '' }) => endStep(deps, by, personId),
    },
    {
      path: '/people/:personId/notes',
      section: 'work',
      act: (form, by, { personId = '' }) => addNote(deps, by, personId, parseNote(form)),
    },
  ];
}

function addApi(app: App, deps: ReviewDeps): void {
  app.route('get', `${base}/work`, either, async (request, response, principal) => {
    const view = await deps.tx(async (tx) => {
      const subject = await findSubject(tx, String(request.params.personId));
      await requireShown(tx, { principal, page: `${base}/work` }, subject.patients);
      return readWork(tx, subject, deps);
    });
    response.json(shownWork(view) satisfies Answers['Work']);
  });
  app.route('put', `${base}/owner`, either, async (request, response, principal) => {
    await handOver(deps, principal, String(request.params.personId), parseOwner(request.body));
    response.json(recorded);
  });
  app.route('put', `${base}/next-step`, either, async (request, response, principal) => {
    const body = parseStep(request.body, todayOf(deps));
    await planStep(deps, principal, String(request.params.personId), body);
    response.json(recorded);
  });
  app.route('post', `${base}/next-step/done`, either, async (request, response, principal) => {
    await endStep(deps, principal, String(request.params.personId));
    response.json(recorded);
  });
  app.route('post', `${base}/notes`, either, async (request, response, principal) => {
    const body = parseNote(request.body);
    const id = await addNote(deps, principal, String(request.params.personId), body);
    response.status(201).json({ id });
  });
}

function addCoverApi(app: App, deps: ReviewDeps): void {
  const path = '/api/v1/covers';
  app.route('get', path, either, async (_request, response) => {
    const rows = await deps.tx((tx) => work.coversOn(tx, todayOf(deps)));
    const covers = rows.map(({ id, away, cover, until }) => ({ id, away, cover, until }));
    response.json({ covers } satisfies Answers['Covers']);
  });
  app.route('post', path, either, async (request, response, principal) => {
    const id = await addCover(deps, principal, parseCover(request.body, todayOf(deps)));
    response.status(201).json({ id });
  });
  app.route('delete', `${path}/:coverId`, either, async (request, response, principal) => {
    await endCover(deps, principal, String(request.params.coverId));
    response.status(204).end();
  });
}

const shownWork = ({ owners, cover, step, notes }: WorkView): Answers['Work'] => ({
  owner: owners[0]?.owner ?? null,
  cover: cover === undefined ? null : { cover: cover.cover, until: cover.until },
  handedOver: owners.map((row) => ({
    owner: row.owner,
    note: row.note,
    by: row.handed_by,
    at: row.handed_at.toISOString(),
  })),
  nextStep: step === undefined ? null : { step: step.step, on: step.due_on },
  notes: notes.map((note) => ({
    id: note.id,
    text: note.body,
    by: note.recorded_by,
    at: note.recorded_at.toISOString(),
  })),
});
