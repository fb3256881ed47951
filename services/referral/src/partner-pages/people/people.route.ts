import { html, type Request, type Response } from '@loopwell/http';
import { AppError, newId, timeZoneOf } from '@loopwell/kit';
import { readHelper } from '@loopwell/sdoh';
import { type NamedCode, type PeopleChange, partnerDoor, type Tx } from '@loopwell/store';
import type { HelperDoor, SignedInHelper } from '../shell/helper-door.ts';
import type { SignInDeps } from '../sign-in/sign-in.ts';
import { peoplePage } from './people-page.ts';
import { type PeopleProblem, peopleTexts } from './people-texts.ts';

type Deps = { door: HelperDoor; needsSecondCode: SignInDeps['needsSecondCode'] };

/** What came of a form. */
type Outcome =
  | { codes: readonly NamedCode[]; removed?: string }
  | { removed: string }
  | { problem: PeopleProblem };

/** Adds the page on which a director adds and removes people. DECISIONS D196. */
export function addPeoplePages(deps: Deps): void {
  const { door } = deps;
  door.get('/people', (_request, response, helper) => showPeople(door, response, helper));
  door.post('/people', async (request, response, helper) => {
    if (helper.role !== 'director') return showPeople(door, response, helper);
    const outcome = await door.db
      .tx((tx) => changePeople(tx, deps, helper, request))
      .catch(problemOf);
    return showPeople(door, response, helper, outcome);
  });
}

async function showPeople(
  door: HelperDoor,
  response: Response,
  helper: SignedInHelper,
  outcome?: Outcome,
): Promise<void> {
  if (helper.role !== 'director') {
    const body = html`<h1>${peopleTexts.title}</h1><p>${peopleTexts.directorsOnly}</p>`;
    return door.show(response, helper, { body, status: 403 });
  }
  const people = await partnerDoor.listHelpers(door.db, helper.partner);
  const { clock } = door;
  const now = clock.now();
  const view = { helper, people, timeZone: timeZoneOf(clock), now, form: newId(), ...outcome };
  const status = outcome && 'problem' in outcome ? 400 : 200;
  door.show(response, helper, { body: peoplePage(view), status });
}

/** Tells what a director can do about a refusal; everything else is thrown on. */
function problemOf(error: unknown): Outcome {
  if (!(error instanceof AppError)) throw error;
  if (error.code === 'CONFLICT') return { problem: 'twice' };
  if (error.code === 'NOT_FOUND') return { problem: 'nobody' };
  throw error;
}

async function changePeople(
  tx: Tx,
  deps: Deps,
  { partner, helper: id }: SignedInHelper,
  request: Request,
): Promise<Outcome> {
  const body = (request.body ?? {}) as Record<string, unknown>;
  const textOf = (name: string) => (typeof body[name] === 'string' ? String(body[name]) : '');
  const change: PeopleChange = { partner, by: `helper:${id}`, form: textOf('form') || newId() };
  const helper = textOf('helper');
  const act = textOf('act');
  if (act === 'add') return addPerson(tx, deps, change, textOf);
  if (act !== 'remove' && act !== 'removeAll') return { problem: 'act' };
  if (helper === '') return { problem: 'nobody' };
  if (helper === id) return { problem: 'yourself' };
  if (act === 'removeAll') {
    const codes = await partnerDoor.someoneLeft(tx, deps.door.secrets, { ...change, helper });
    return { codes };
  }
  const removed = await partnerDoor.removeOne(tx, { ...change, helper });
  return { removed: removed.name };
}

async function addPerson(
  tx: Tx,
  { door, needsSecondCode }: Deps,
  change: PeopleChange,
  textOf: (name: string) => string,
): Promise<Outcome> {
  const [name, address] = [textOf('name'), textOf('address')];
  const isDirector = textOf('director') === 'yes';
  const needsAddress = await needsSecondCode(tx, change.partner);
  const read = readHelper({ name, address, isDirector }, needsAddress);
  if ('problem' in read) return read;
  return { codes: [await partnerDoor.addWithCode(tx, door.secrets, { ...change, ...read })] };
}
