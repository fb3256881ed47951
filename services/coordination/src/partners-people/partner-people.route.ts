import { type App, createPages, type Pages, type Principal, type Response } from '@loopwell/http';
import { AppError, newId } from '@loopwell/kit';
import { readHelper } from '@loopwell/sdoh';
import {
  type Database,
  type NamedCode,
  type PeopleChange,
  partnerDoor,
  partnerProfiles,
  type Secrets,
  type Tx,
} from '@loopwell/store';
import {
  type PartnerPeopleTexts,
  partnerPeopleTexts,
  type peopleProblems,
} from './partner-people.en.ts';
import { type PartnerPeopleView, partnerPeoplePage } from './partner-people-page.ts';

/** What the page about the people of a partner needs. */
export type PartnerPeopleDeps = {
  db: Database;
  /** Makes codes; undefined in a process that has no key. */
  secrets: Secrets | undefined;
};

const reviewer = { kind: 'person', role: 'reviewer' } as const;
const path = '/partners/:partnerId/people';

type Problem = keyof typeof peopleProblems;
/** What came of a form. */
type Outcome =
  | { problem: Problem }
  | { codes: readonly NamedCode[] }
  | { done: string }
  | { isLinkChanged: true };

/**
 * Adds the page by which staff give codes to the people of a partner, after they have called the
 * number of the directory. DECISIONS D196.
 */
export function addPartnerPeople(app: App, deps: PartnerPeopleDeps): void {
  const pages = createPages(app, { en: partnerPeopleTexts });
  app.route('get', path, reviewer, async (request, response, principal) => {
    const partner = String(request.params.partnerId);
    const view = await deps.db.tx((tx) => readPeople(tx, partner));
    show(pages, response, principal, view);
  });
  app.route('post', path, reviewer, async (request, response, principal) => {
    const partner = String(request.params.partnerId);
    const body = (request.body ?? {}) as Record<string, unknown>;
    const textOf = (name: string) => (typeof body[name] === 'string' ? String(body[name]) : '');
    const { outcome, view } = await deps.db.tx(async (tx) => {
      const before = await readPeople(tx, partner);
      const asked = {
        by: principal.id,
        phone: before.phone,
        textOf,
      };
      const outcome = await changePeople(tx, deps, partner, asked);
      return {
        outcome,
        view: await readPeople(tx, partner),
      };
    });
    show(pages, response, principal, view, outcome);
  });
}

function show(
  pages: Pages<PartnerPeopleTexts>,
  response: Response,
  principal: Principal,
  view: PartnerPeopleView,
  outcome?: Outcome,
): void {
  pages.show(response, (texts) => ({
    title: texts.title(view.name),
    body: partnerPeoplePage({ ...view, ...noticesOf(outcome, texts) }, texts),
    principal,
    current: '/partners',
    status: outcome && 'problem' in outcome ? 400 : 200,
  }));
}

function noticesOf(outcome: Outcome | undefined, texts: PartnerPeopleTexts) {
  if (outcome && 'isLinkChanged' in outcome) return { done: texts.linkChanged };
  return outcome && 'done' in outcome ? { done: texts.removed(outcome.done) } : outcome;
}

/** Reads the people of a partner of the directory. */
async function readPeople(tx: Tx, partner: string): Promise<PartnerPeopleView> {
  const stored = (await partnerProfiles.loadProfiles(tx)).get(partner);
  if (!stored) throw new AppError('NOT_FOUND', 'The directory has no such partner');
  return {
    partner,
    name: stored.name,
    phone: stored.profile().phone,
    people: await partnerDoor.listHelpers(tx, partner),
    events: await partnerDoor.listDoorEvents(tx, { partner, limit: 100 }),
    formKey: newId(),
  };
}

type Asked = { by: string; phone: string | undefined; textOf: (name: string) => string };

async function changePeople(
  tx: Tx,
  deps: PartnerPeopleDeps,
  partner: string,
  asked: Asked,
): Promise<Outcome> {
  const { by, textOf } = asked;
  const change: PeopleChange = {
    partner,
    by,
    form: textOf('form') || newId(),
  };
  switch (textOf('act')) {
    case 'remove': {
      const removed = await partnerDoor.removeOne(tx, { ...change, helper: textOf('helper') });
      return { done: removed.name };
    }
    case 'link':
      await partnerDoor.recordDoorEvent(tx, { ...change, kind: 'link-changed' });
      await partnerDoor.changeLink(tx, change);
      return { isLinkChanged: true };
    case 'add':
    case 'renew':
      return giveAfterCall(tx, deps, change, asked);
    default:
      throw new AppError('REQUEST_INVALID', 'Choose what to do', { facts: { field: 'act' } });
  }
}

/** Gives a code to somebody new, or a new one, if the partner was called before. */
async function giveAfterCall(
  tx: Tx,
  { secrets }: PartnerPeopleDeps,
  change: PeopleChange,
  { phone, textOf }: Asked,
): Promise<Outcome> {
  if (!secrets) return { problem: 'noKey' };
  const problem = calledProblem(phone, textOf);
  if (problem) return { problem };
  const called = {
    ...change,
    called: phone ?? '',
    spokeWith: textOf('spokeWith').trim(),
  };
  if (textOf('act') === 'renew') {
    const helper = textOf('helper');
    return { codes: [await partnerDoor.changeCode(tx, secrets, { ...called, helper })] };
  }
  const needsAddress = await partnerProfiles.needsSecondCode(tx, change.partner);
  const [name, address] = [textOf('name'), textOf('address')];
  const read = readHelper(
    { name, address, isDirector: textOf('director') === 'yes' },
    needsAddress,
  );
  if ('problem' in read) return read;
  return { codes: [await partnerDoor.addWithCode(tx, secrets, { ...called, ...read })] };
}

/** Says why no code is given: staff call the number of the directory first, whoever asks. */
function calledProblem(phone: string | undefined, textOf: Asked['textOf']): Problem | undefined {
  if (phone === undefined) return 'noNumber';
  if (textOf('number') !== phone) return 'number';
  const spokeWith = textOf('spokeWith').trim();
  const isCalled = textOf('called') === 'yes' && /\p{L}/u.test(spokeWith);
  return isCalled && spokeWith.length <= 100 ? undefined : 'called';
}
