import type { fhir4 } from '@loopwell/fhir';
import type { App, Handler, Principal } from '@loopwell/http';
import { AppError, type Clock, newId } from '@loopwell/kit';
import type { Nudge, NudgeFunction } from '@loopwell/pipeline';
import { type Database, type HubTask, hubTasks, type Reader, type Tx } from '@loopwell/store';
import type { ReferralSettings } from '../settings.ts';
import { lockFollowed } from '../track/accept-answers.ts';
import { answerTask, type Put } from './answer-task.ts';
import { appendTaskReads } from './log-disclosure.ts';
import { etagOf, showTask } from './show-task.ts';
import { taskBundle } from './task-bundle.ts';
import { readTaskQuery, type TaskQuery } from './task-parameters.ts';

export type TaskRouteDeps = {
  db: Database;
  settings: ReferralSettings;
  clock: Clock;
  nudge: NudgeFunction;
};

/**
 * Adds read, search and update of Task for partners, by their bearer. A Task that is not theirs
 * looks like a missing one. DECISIONS D142.
 */
export function addTaskRoutes(app: App, deps: TaskRouteDeps): void {
  const { db, settings } = deps;
  app.route(
    'get',
    '/fhir/Task',
    {
      kind: 'partner',
    },
    async (request, response, principal) => {
      const isStrict = /\bhandling=strict\b/.test(request.get('prefer') ?? '');
      const query = readTaskQuery(searchOf(request.originalUrl), isStrict);
      const page = await db.tx((tx) => searchPage(tx, readerOf(tx, principal), query));
      sendJson(response, taskBundle(page, query, settings.publicBase));
    },
  );
  app.route(
    'get',
    '/fhir/Task/:id',
    {
      kind: 'partner',
    },
    async (request, response, principal) => {
      const id = String(request.params.id);
      const task = await db.tx((tx) => readTask(tx, readerOf(tx, principal), id));
      sendTask(response, task);
    },
  );
  app.route(
    'put',
    '/fhir/Task/:id',
    {
      kind: 'partner',
    },
    async (request, response, principal) => {
      const id = String(request.params.id);
      const put = {
        sent: request.body as unknown,
        ifMatch: request.get('if-match'),
      };
      const { task, nudges } = await db.tx((tx) =>
        updateTask(
          tx,
          readerOf(tx, principal),
          {
            id,
            put,
          },
          deps,
        ),
      );
      await deps.nudge(nudges);
      sendTask(response, task);
    },
  );
}

const searchOf = (url: string): URLSearchParams => new URL(url, 'http://localhost').searchParams;

/** Gives the partners that a bearer belongs to. A bearer of none reads nothing. */
function readerOf({ tenant }: Tx, principal: Principal): Reader {
  const partners = principal.tenant === tenant ? (principal.partners ?? []) : [];
  return {
    tenant,
    partners,
  };
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Finds a Task, or answers as for any resource that is missing. */
async function requireTask(tx: Tx, { partners }: Reader, id: string): Promise<HubTask> {
  const task = uuid.test(id) ? await hubTasks.readHubTask(tx, partners, id) : undefined;
  if (task) return task;
  throw new AppError('NOT_FOUND', 'No such resource, or none that a Task of yours reaches');
}

/**
 * Reads a Task and records that. It looks last whether the grant still stands, so that nothing is
 * shown by one that ended during the read.
 */
async function readTask(tx: Tx, reader: Reader, id: string): Promise<HubTask> {
  await appendTaskReads(tx, [await requireTask(tx, reader, id)]);
  return requireTask(tx, reader, id);
}

/** Takes an answer, and gives the Task as it is then. */
async function updateTask(
  tx: Tx,
  reader: Reader,
  { id, put }: { id: string; put: Put },
  { clock, settings }: TaskRouteDeps,
): Promise<{ task: HubTask; nudges: readonly Nudge[] }> {
  await requireTask(tx, reader, id);
  // Two answers about one Task come one after the other, and each is judged on what it finds.
  await lockFollowed(tx, [id], newId());
  const current = await requireTask(tx, reader, id);
  const nudges = await answerTask(
    tx,
    {
      reader,
      base: settings.publicBase,
      clock,
    },
    current,
    put,
  );
  // A Task that it has ended may be unreadable from now on. The answer to its own change is not.
  return {
    task: await hubTasks.readChangedTask(tx, current),
    nudges,
  };
}

/**
 * Reads one page, and one Task more where there is another page. A Task whose grant ended meanwhile
 * is left out.
 */
async function searchPage(
  tx: Tx,
  { partners }: Reader,
  { owners, statuses, ids, from, before, after, count }: TaskQuery,
): Promise<HubTask[]> {
  const asked = owners ? partners.filter((partner) => owners.includes(partner)) : partners;
  const search = {
    partners: asked,
    statuses,
    ids,
    from,
    before,
    after,
    limit: count + 1,
  };
  const matches = await hubTasks.searchHubTasks(tx, search);
  await appendTaskReads(tx, matches.slice(0, count));
  const readable = await hubTasks.readableNow(tx, asked, matches);
  return matches.filter((task) => readable.has(task.id));
}

type Answer = Parameters<Handler>[1];

function sendTask(response: Answer, task: HubTask): void {
  response.set('etag', etagOf(task));
  sendJson(response, showTask(task));
}

const sendJson = (response: Answer, resource: fhir4.Resource): void =>
  void response.type('application/fhir+json').send(JSON.stringify(resource));
