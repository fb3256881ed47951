import type { App, Principal, Views } from '@loopwell/http';
import { type ListedState, listedReferrals, peopleInDanger, type Tx } from '@loopwell/store';
import { listAskOf } from './ask.ts';
import { listState, partnerNames } from './lists.ts';
import { type Detail, personNames, reviewGates } from './read.ts';
import { readRecords } from './record.ts';
import { momentOf, type ReviewDeps } from './reviewer.ts';
import { standsWords } from './stands.ts';
import { listWords, needWords, recordNote, troubleWords } from './words.ts';

const person = { kind: 'person', role: 'reviewer' } as const;

type Query = Readonly<Record<string, unknown>>;

/** What a page of one of the other lists shows. */
export async function listData(
  tx: Tx,
  principal: Principal,
  query: Query,
  state: ListedState,
  deps: ReviewDeps,
) {
  const moment = momentOf(deps);
  const ask = listAskOf(query, state, moment);
  const page = await listState(tx, principal.tenant, ask);
  const people = [...page.items.map((one) => one.person.id), ...(ask.person ? [ask.person] : [])];
  const names = await personNames(tx, people);
  const partners = await partnerNames(tx, principal.tenant);
  const records = await readRecords(tx, deps, page.rows);
  const rows = page.rows.map((row, index) => ({
    row,
    tasks: page.tasks.get(row.id) ?? [],
    // What is out is marked where nobody can read any more whether the person may be helped: then the partner reads nothing.
    note:
      row.state === 'partner' && records.get(row.person)?.standing === 'unclear'
        ? recordNote({ standing: 'unclear', age: 'adult' })
        : undefined,
    seeFirst: page.items[index]?.seeFirst === true,
  }));
  const stands = ({ row, tasks }: (typeof rows)[number], instant: (at: Date) => string) =>
    standsWords(row, tasks, { partners, instant });
  const personFirst = await isSeenFirst(tx, principal, ask.person);
  const said = {
    state,
    ...(ask.category ? { category: ask.category } : {}),
    ...(ask.person ? { person: ask.person } : {}),
  };
  return {
    ...page,
    rows,
    names,
    ask,
    personFirst,
    stands,
    listWords,
    need: needWords,
    state,
    link: `/review?${new URLSearchParams(said)}`,
  };
}

/** Whether the one person who is shown is to be seen first: nothing of theirs may be on the list. */
export const isSeenFirst = async (
  tx: Tx,
  { tenant }: Principal,
  person: string | undefined,
): Promise<boolean> =>
  person !== undefined && (await peopleInDanger(tx, tenant, [person])).has(person);

/** Where one referral stands, and what keeps it there, for its own page. */
export async function standingData(tx: Tx, tenant: string, { row, tasks }: Detail) {
  const partners = await partnerNames(tx, tenant);
  const isWork =
    row.state === 'waiting' && reviewGates.some((gate) => gate === (row.gate ?? 'review'));
  return {
    partners,
    stands: (instant: (at: Date) => string) => standsWords(row, tasks, { partners, instant }),
    trouble: await listedReferrals.troubleOf(tx, row.id),
    troubleWords,
    backTo: isWork
      ? `/review?gate=${row.gate ?? 'review'}`
      : `/review?state=${row.state === 'waiting' ? row.gate : row.state}`,
  };
}

/** Finds a person by the Patient id of the chart, which never goes into an address. */
export function addFinding(app: App, deps: ReviewDeps, views: Views): void {
  app.route('post', '/review/find', person, async (request, response, principal) => {
    const patient = String(
      (request.body as { patient?: unknown } | undefined)?.patient ?? '',
    ).trim();
    const id = patient.replace(/^Patient\//, '');
    const { found, names, first } = await deps.tx(async (tx) => {
      const people = /^[A-Za-z0-9.-]{1,64}$/.test(id)
        ? await listedReferrals.peopleByPatient(tx, principal.tenant, id)
        : [];
      return {
        found: people,
        names: await personNames(tx, people),
        first: await peopleInDanger(tx, principal.tenant, people),
      };
    });
    if (found.length === 1) return response.redirect(303, `/review?state=all&person=${found[0]}`);
    const data = { found, names, first, patient };
    views(response, {
      template: 'found',
      title: 'Find a person',
      data,
      principal,
      current: '/review',
      status: found.length === 0 ? 404 : 200,
    });
  });
}
