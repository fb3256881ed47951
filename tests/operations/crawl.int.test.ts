import type { fhir4 } from '@loopwell/fhir';
import { access, partnerAccess, partnerDoor } from '@loopwell/store';
import { queueUrl, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PartnerName, type PersonName, people } from './approved-people.ts';
import { type Answer, type Ask, tenant } from './every-door.ts';
import { type Address, openWithPartners, type PartnersData } from './partners-data.ts';

/**
 * Every route, by every kind of bearer, for data of theirs, of another partner, of a Task that has
 * ended, and for data that is missing: nobody learns anything that is not theirs.
 */

type Caller = { name: string; headers: () => Promise<Record<string, string>> };

const missing = '00000000-0000-5000-8000-00000000dead';
let data: PartnersData;
let callers: Caller[];
/** A link of the shelter that has ended. */
let endedLink: string;

beforeAll(async () => {
  const scratch = await testDatabase();
  data = await openWithPartners(scratch, queueUrl(scratch.url));
  const ended = await endedBearer();
  const shelter = { partner: 'shelter-organization', by: 'person:mai' };
  endedLink = await data.doors.db.tx((tx) => partnerDoor.linkOf(tx, shelter.partner));
  await data.doors.db.tx((tx) => partnerDoor.changeLink(tx, shelter));
  const service = await data.doors.bearer('service', ['GET /nowhere']);
  const cookie = () => data.doors.cookie('nobody');
  callers = [
    { name: 'pantry', headers: async () => bearer('read-pantry') },
    { name: 'shelter', headers: async () => bearer('read-shelter') },
    { name: 'a partner whose bearer has ended', headers: async () => ended },
    { name: 'a bearer that nobody gave', headers: async () => bearer('garbage') },
    { name: 'a bearer that partners know us by', headers: async () => bearer('send-pantry') },
    { name: 'nobody', headers: async () => ({}) },
    { name: 'a service without the route', headers: async () => service },
    { name: 'a person without the role', headers: cookie },
  ];
}, 60_000);
afterAll(() => data?.close());

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

/** Makes a bearer of the pantry that has ended. */
async function endedBearer(): Promise<Record<string, string>> {
  const secret = 'read-pantry-before';
  const belongsTo = [{ address: 'https://old.example/fhir', partner: 'pantry-organization' }];
  const principal = 'partner:pantry-organization';
  const kind = 'partner' as const;
  await data.doors.db.tx(async (tx) => {
    await partnerAccess.grantPartnerAccess(tx, { tenant, secret, principal, belongsTo });
    const owner = { tenant, kind, principal, roles: [], routes: [] };
    await access.grantAccess(tx, owner, { secret, ttlMs: -1_000 });
  });
  return bearer(secret);
}

/**
 * Gives what a caller can tell two answers apart by. The id and the time of a request differ
 * always, and so does what a caller wrote itself.
 */
function tellTale({ status, headers, text }: Answer, sent = ''): string {
  const { date: _date, 'x-request-id': _id, ...rest } = headers;
  if (sent === '') return JSON.stringify([status, rest, text]);
  const { 'content-length': _length, ...ofList } = rest;
  return JSON.stringify([status, ofList, text]).replaceAll(sent, '<sent>');
}

const isPartner = (name: string): name is PartnerName => name === 'pantry' || name === 'shelter';
const theirs: Record<PartnerName, PersonName> = { pantry: 'ada', shelter: 'bo' };

/** Lists words that a caller must not see. `sent` is what the caller wrote itself. */
function secretsFor(caller: string, sent = ''): string[] {
  const hidden = people.filter((name) => !(isPartner(caller) && theirs[caller] === name));
  const visible = isPartner(caller) ? data.canaries[theirs[caller]].words : [];
  const words = hidden.flatMap((name) => data.canaries[name].words);
  return words.filter((word) => !visible.includes(word) && !sent.includes(word));
}

/** Names the secrets that stand in an answer, its headers included. */
function leaksIn(answer: Answer, secrets: readonly string[]): string[] {
  const all = `${JSON.stringify(answer.headers)} ${answer.text}`;
  return secrets.filter((secret) => all.includes(secret));
}

/** Sends requests, a few at a time, and gives what is wrong with each answer. */
async function crawl<T>(steps: readonly T[], look: (step: T) => Promise<string[]>) {
  const wrong: string[] = [];
  const left = [...steps];
  const walk = async () => {
    for (let step = left.pop(); step !== undefined; step = left.pop())
      wrong.push(...(await look(step)));
  };
  await Promise.all(Array.from({ length: 8 }, walk));
  return wrong.sort().slice(0, 40);
}

/** Two values of a parameter: data of another, and what is missing. */
type Sample = readonly [another: () => string, missing: string];

/** Values of the parameters of each route. A route with a parameter must be named here. */
const samples: Readonly<Record<string, Sample>> = {
  '/api/v1/trace/:id': [() => data.traces.bo, missing],
  '/api/v1/holds/:scope': [() => 'partner:shelter-organization', `partner:${missing}`],
  '/api/v1/reviews/:referralId': [() => data.referrals.bo, missing],
  '/api/v1/referrals/:referralId/answers': [() => data.referrals.bo, missing],
  '/api/v1/referrals/:referralId/answers/:answerId/words': [() => data.referrals.bo, missing],
  '/api/v1/referrals/:referralId/help': [() => data.referrals.bo, missing],
  '/api/v1/referrals/:referralId/close': [() => data.referrals.bo, missing],
  '/api/v1/referrals/:referralId/partner': [() => data.referrals.bo, missing],
  '/api/v1/referrals/:referralId/list': [() => data.referrals.bo, missing],
  '/api/v1/referrals/:referralId/list/said': [() => data.referrals.bo, missing],
  '/partners/calls/:partnerId': [() => 'shelter-organization', missing],
  '/partners/calls/:partnerId/sheet': [() => 'shelter-organization', missing],
  '/api/v1/referrals/:referralId/send-anyway': [() => data.referrals.bo, missing],
  '/review/:referralId/send-anyway': [() => data.referrals.bo, missing],
  '/review/:referralId/close': [() => data.referrals.bo, missing],
  '/review/:referralId/partner': [() => data.referrals.bo, missing],
  '/review/:referralId/list': [() => data.referrals.bo, missing],
  '/review/:referralId/list/said': [() => data.referrals.bo, missing],
  '/api/v1/people/:personId/death': [() => data.canaries.bo.person, missing],
  '/people/:personId/death': [() => data.canaries.bo.person, missing],
  '/api/v1/screenings/:screeningId/seen': [() => data.referrals.bo, missing],
  '/api/v1/patients/:patientId/person': [() => data.canaries.bo.person, missing],
  '/api/v1/legal-demands/:demandId/steps': [() => data.referrals.bo, missing],
  '/disclosures/demands/:demandId/steps': [() => data.referrals.bo, missing],
  '/people/:personId/restriction': [() => data.canaries.bo.person, missing],
  '/api/v1/people/:personId/restriction': [() => data.canaries.bo.person, missing],
  '/api/v1/people/:personId/taken': [() => data.canaries.bo.person, missing],
  '/people/:personId/taken': [() => data.canaries.bo.person, missing],
  '/people/:personId': [() => data.canaries.bo.person, missing],
  '/people/:personId/see-first': [() => data.canaries.bo.person, missing],
  '/people/:personId/opened': [() => data.canaries.bo.person, missing],
  '/people/:personId/contact-override': [() => data.canaries.bo.person, missing],
  '/people/:personId/appointment': [() => data.canaries.bo.person, missing],
  '/api/v1/people/:personId/noes': [() => data.canaries.bo.person, missing],
  '/api/v1/people/:personId/tries': [() => data.canaries.bo.person, missing],
  '/people/:personId/noes': [() => data.canaries.bo.person, missing],
  '/people/:personId/tries': [() => data.canaries.bo.person, missing],
  '/api/v1/people/:personId/noes/:noId/brought-up': [() => data.canaries.bo.person, missing],
  '/api/v1/people/:personId/tries/:tryId': [() => data.canaries.bo.person, missing],
  '/people/:personId/noes/:noId/brought-up': [() => data.canaries.bo.person, missing],
  '/people/:personId/tries/:tryId': [() => data.canaries.bo.person, missing],
  '/api/v1/people/:personId/work': [() => data.canaries.bo.person, missing],
  '/api/v1/people/:personId/owner': [() => data.canaries.bo.person, missing],
  '/api/v1/people/:personId/next-step': [() => data.canaries.bo.person, missing],
  '/api/v1/people/:personId/next-step/done': [() => data.canaries.bo.person, missing],
  '/api/v1/people/:personId/notes': [() => data.canaries.bo.person, missing],
  '/api/v1/people/:personId/needs': [() => data.canaries.bo.person, missing],
  '/people/:personId/needs': [() => data.canaries.bo.person, missing],
  '/api/v1/people/:personId/household': [() => data.canaries.bo.person, missing],
  '/api/v1/people/:personId/guardian': [() => data.canaries.bo.person, missing],
  '/people/:personId/household': [() => data.canaries.bo.person, missing],
  '/people/:personId/copy': [() => data.canaries.bo.person, missing],
  '/people/:personId/print': [() => data.canaries.bo.person, missing],
  '/api/v1/covers/:coverId': [() => data.canaries.bo.person, missing],
  '/people/:personId/owner': [() => data.canaries.bo.person, missing],
  '/people/:personId/next-step': [() => data.canaries.bo.person, missing],
  '/people/:personId/next-step/done': [() => data.canaries.bo.person, missing],
  '/people/:personId/notes': [() => data.canaries.bo.person, missing],
  '/people/:personId/reach': [() => data.canaries.bo.person, missing],
  '/people/:personId/keep-outs/:keepOutId': [() => data.canaries.bo.person, missing],
  '/api/v1/people/:personId/reach': [() => data.canaries.bo.person, missing],
  '/api/v1/people/:personId/keep-outs/:keepOutId/partners': [
    () => data.canaries.bo.person,
    missing,
  ],
  '/api/v1/reviews/:referralId/must-by': [() => data.referrals.bo, missing],
  '/people/:personId/must-by': [() => data.canaries.bo.person, missing],
  '/review/:referralId': [() => data.referrals.bo, missing],
  '/api/v1/connections/:id': [() => 'clinic', missing],
  '/api/v1/connections/:id/pause': [() => 'clinic', missing],
  '/api/v1/connections/:id/resume': [() => 'clinic', missing],
  '/api/v1/connections/:id/concept-map': [() => 'clinic', missing],
  '/api/v1/connections/:id/choices': [() => 'clinic', missing],
  '/partners/:partnerId': [() => 'shelter-organization', missing],
  '/partners/:partnerId/people': [() => 'shelter-organization', missing],
  // A link of another partner that has ended, and one that never was.
  '/p/:token': [() => endedLink, 'bcdfghjkmnpqr'],
  '/p/:token/sign-in': [() => endedLink, 'bcdfghjkmnpqr'],
  '/p/:token/second-code': [() => endedLink, 'bcdfghjkmnpqr'],
  '/p/:token/sign-out': [() => endedLink, 'bcdfghjkmnpqr'],
  '/p/:token/people': [() => endedLink, 'bcdfghjkmnpqr'],
  '/p/:token/what-we-keep': [() => endedLink, 'bcdfghjkmnpqr'],
  '/p/:token/requests': [() => endedLink, 'bcdfghjkmnpqr'],
  '/p/:token/requests/:task': [() => endedLink, 'bcdfghjkmnpqr'],
  '/p/:token/requests/:task/:form': [() => endedLink, 'bcdfghjkmnpqr'],
  '/p/:token/requests/:task/answers': [() => endedLink, 'bcdfghjkmnpqr'],
  '/p/:token/requests/:task/name': [() => endedLink, 'bcdfghjkmnpqr'],
  '/p/:token/requests/:task/undo': [() => endedLink, 'bcdfghjkmnpqr'],
};

/** Routes of the hub, which have a crawl of their own. */
const hubRoutes = ['/fhir/:type', '/fhir/:type/:id', '/fhir/Task', '/fhir/Task/:id'];
const hubWrites = ['/fhir/Procedure', '/fhir/Procedure/:id'];

/** Addresses that are open to everybody. */
const openRoutes = [
  ...['/live', '/ready', '/style.css', '/icon.svg', '/sign-in', '/fhir/metadata'],
  ...['/p/:token', '/p/:token/what-we-keep', '/p/:token/requests'],
  ...['/p/:token/requests/:task', '/p/:token/requests/:task/:form'],
];
/** Addresses that are open to everybody who has signed in. */
const anyPerson = (path: string) =>
  ['/', '/sign-out', '/kept-form'].includes(path) || /^\/docs\b/.test(path);

type Route = { path: string; methods: string[] };

/** Lists every path that is served, with its methods and some that it does not have. */
function routes(): Route[] {
  const methods = new Map<string, string[]>();
  for (const name of data.doors.routes) {
    const [method = '', path = ''] = name.split(' ');
    methods.set(path, [...(methods.get(path) ?? ['HEAD', 'OPTIONS', 'PATCH']), method]);
  }
  return [...methods].map(([path, names]) => ({ path, methods: names }));
}

const isHub = (path: string) => [...hubRoutes, ...hubWrites].includes(path);

it('knows values for the parameters of every route', () => {
  const paths = routes().map((route) => route.path);
  const withParameters = paths.filter((path) => path.includes(':') && !isHub(path));
  expect(withParameters.filter((path) => !(path in samples))).toEqual([]);
  expect(Object.keys(samples).filter((path) => !paths.includes(path))).toEqual([]);
});

describe('the API and the pages', () => {
  type Step = { caller: Caller; method: string; path: string };

  const allowed = (name: string, { method, path }: Step, status: number): boolean => {
    if ([401, 403].includes(status)) return true;
    if (openRoutes.includes(path)) return true;
    const isPerson = name === 'a person without the role';
    if (isPerson && anyPerson(path)) return true;
    const isPage = !path.startsWith('/api/') && !path.startsWith('/fhir/');
    const toSignIn = method === 'GET' && isPage && !isPerson && status === 303;
    // The hub has a read of this form, which shows a partner nothing here.
    if (path.startsWith('/fhir/') && status === 404) return isPartner(name);
    // Methods that an address does not have are named to everybody on pages, and to callers who
    // are recognized elsewhere. Neither says whether there is any data.
    return toSignIn || status === 405;
  };

  const send = async ({ caller, method, path }: Step, value: string): Promise<Answer> => {
    const type = path.startsWith('/api/') ? 'json' : 'x-www-form-urlencoded';
    const body = ['POST', 'PUT', 'PATCH'].includes(method) ? '{}' : undefined;
    const content = body ? { 'content-type': `application/${type}` } : {};
    const headers = { ...(await caller.headers()), ...content };
    return data.doors.send(method, path.replaceAll(/:\w+/g, value), { headers, body });
  };

  const look = async (step: Step): Promise<string[]> => {
    const { caller, method, path } = step;
    const title = `${caller.name}: ${method} ${path}`;
    const [another, other] = samples[path] ?? [() => '', ''];
    const answer = await send(step, another());
    const wrong = leaksIn(answer, secretsFor('everybody')).map((word) => `${title} has ${word}`);
    if (!allowed(caller.name, step, answer.status)) wrong.push(`${title} is ${answer.status}`);
    if (path in samples && tellTale(await send(step, other)) !== tellTale(answer))
      wrong.push(`${title} tells another's from missing`);
    if (answer.headers['cache-control'] !== 'no-store' && !/\.(css|svg)$/.test(path))
      wrong.push(`${title} may be stored`);
    return wrong;
  };

  it('are shut to partners, to strangers, and to those without the right', async () => {
    const steps = callers.flatMap((caller) =>
      routes().flatMap(({ path, methods }) =>
        isHub(path) ? [] : methods.map((method) => ({ caller, method, path })),
      ),
    );
    expect(steps.length).toBeGreaterThan(1_000);
    expect(await crawl(steps, look)).toEqual([]);
    expect(data.doors.failures).toEqual([]);
  });

  it.each(['reviewer', 'operator', 'source', 'admin'])(
    'tell nothing in their refusals to a person who is %s',
    async (role) => {
      const headers = await data.doors.cookie(role);
      const readable = routes().filter(
        ({ path, methods }) => methods.includes('GET') && !isHub(path),
      );
      const wrong = await crawl(readable, async ({ path }) => {
        const values = samples[path] ? [samples[path][0](), samples[path][1]] : [''];
        const answers = await Promise.all(
          values.map((value) =>
            data.doors.send('GET', path.replaceAll(/:\w+/g, value), { headers }),
          ),
        );
        const refusals = answers.filter((answer) => answer.status >= 400);
        return refusals.flatMap((answer) =>
          leaksIn(answer, secretsFor('everybody')).map((word) => `${path} has ${word}`),
        );
      });
      expect(wrong).toEqual([]);
    },
  );
});

describe('the hub', () => {
  type Capability = { type: string; interaction?: { code: string }[] };

  /** Lists the types that the hub says it has an interaction for. */
  async function typesWith(code: string): Promise<string[]> {
    const { text } = await data.doors.send('GET', '/fhir/metadata');
    const { rest } = JSON.parse(text) as { rest: { resource: Capability[] }[] };
    const resources = rest.flatMap(({ resource }) => resource);
    return resources
      .filter(({ interaction }) => interaction?.some((able) => able.code === code))
      .map(({ type }) => type);
  }

  const hubTypes = ['ServiceRequest', 'Patient', 'Condition', 'Consent', 'Organization'];
  const otherTypes = ['Device', 'Task', 'Procedure', 'Observation', 'Endpoint', 'Provenance'];
  const types = [...hubTypes, ...otherTypes];
  const grantedTo = (name: string): readonly Address[] =>
    isPartner(name) ? data.granted[name] : [];

  /** Lists every address of everybody. */
  const addresses = (): Address[] => [...new Set(people.flatMap((name) => data.addresses[name]))];

  /** Lists every id of everybody below every type. */
  const mixedUp = (): Address[] => {
    const ids = new Set(addresses().map((address) => address.split('/')[1]));
    return types.flatMap((type) => [...ids].map((id): Address => `${type}/${id}`));
  };

  /** Says what is wrong with any answer of the hub, whatever was asked. */
  function formOf(title: string, answer: Answer, isHead = false): string[] {
    const wrong: string[] = [];
    if (answer.type !== 'application/fhir+json') wrong.push(`${title} is ${answer.type}`);
    if (answer.headers['cache-control'] !== 'no-store') wrong.push(`${title} may be stored`);
    if (!isHead && !answer.text.includes('"resourceType"')) wrong.push(`${title} is no resource`);
    return wrong;
  }

  const ask = async (caller: Caller, method: string, address: string, more: Ask = {}) => {
    const headers = { ...(await caller.headers()), ...more.headers };
    return data.doors.send(method, `/fhir/${address}`, { ...more, headers });
  };

  it('shows each partner what is granted, and for the rest the same as for nothing', async () => {
    const readable = await typesWith('read');
    const nothing = new Map<string, Promise<string>>();
    /** Gives the answer for what is missing, which is asked for once. */
    const forMissing = (caller: Caller, method: string, type: string) => {
      const key = `${caller.name} ${method} ${type}`;
      const answer =
        nothing.get(key) ??
        ask(caller, method, `${type}/${missing}`).then((absent) => tellTale(absent));
      nothing.set(key, answer);
      return answer;
    };
    const reads = ['GET', 'HEAD', 'OPTIONS'];
    const steps = callers.flatMap((caller) => {
      const methods = isPartner(caller.name) ? [...reads, 'DELETE', 'PATCH'] : reads;
      const plain = methods.flatMap((method) =>
        addresses().map((address) => ({ caller, method, address })),
      );
      const mixed = isPartner(caller.name) ? mixedUp() : [];
      return [...plain, ...mixed.map((address) => ({ caller, method: 'GET', address }))];
    });
    const shown: string[] = [];
    const wrong = await crawl(steps, async ({ caller, method, address }) => {
      const title = `${caller.name}: ${method} ${address}`;
      const [type = ''] = address.split('/');
      const answer = await ask(caller, method, address);
      const secrets = secretsFor(caller.name);
      const leaks = leaksIn(answer, secrets).map((word) => `${title} has ${word}`);
      const problems = [...formOf(title, answer, method === 'HEAD'), ...leaks];
      const mayRead = grantedTo(caller.name).includes(address);
      const isRead = ['GET', 'HEAD'].includes(method);
      if (isRead && mayRead && readable.includes(type)) {
        if (answer.status !== 200) problems.push(`${title} is ${answer.status}`);
        shown.push(title);
      } else if (tellTale(answer) !== (await forMissing(caller, method, type)))
        problems.push(`${title} tells another's from missing: ${answer.status}`);
      return problems;
    });
    expect(wrong).toEqual([]);
    expect(shown.length).toBeGreaterThan(20);
    expect(data.doors.failures).toEqual([]);
  });

  /** Lists searches. `%` stands for an id that is another's, or nobody's. */
  const searches = [
    ...['', '?_count=1', '?_total=accurate', '?_summary=count', '?_lastUpdated=gt2020-01-01'],
    ...['?status=requested', '?_sort=-_lastUpdated', '?_include=*', '?_revinclude=*'],
    ...['?owner=Organization/%', '?owner=%', '?_id=%', '?patient=%', '?subject=%'],
    ...['?subject=Patient/%', '?patient=Patient/%', '?requester=%', '?based-on=%', '?focus=%'],
    ...[
      '?identifier=%',
      '?name=%',
      '?owner=Organization/%&_total=accurate',
      '?_has=%',
      '?part-of=%',
    ],
  ];

  const strict: Record<string, string> = { prefer: 'handling=strict' };

  /** Lists what another's data of a type, its person and its partner are called. */
  function anothersOf(caller: string, type: string): string[] {
    const another = caller === 'shelter' ? 'ada' : 'bo';
    const partner = caller === 'shelter' ? 'pantry' : 'shelter';
    const ofType = data.addresses[another].filter((address) => address.startsWith(`${type}/`));
    const ids = ofType.map((address) => address.split('/')[1] ?? '');
    const secret = secretsFor(caller);
    return [
      ...ids.filter((id) => secret.includes(id)).slice(0, 1),
      data.canaries[another].person,
      `${partner}-organization`,
    ];
  }

  it('lists to each partner its own alone, and counts no others', async () => {
    const searchable = await typesWith('search-type');
    const steps = callers.flatMap((caller) =>
      types.flatMap((type) =>
        (isPartner(caller.name) ? searches : searches.slice(-4)).map((search) => ({
          caller,
          type,
          search,
        })),
      ),
    );
    const wrong = await crawl(steps, async ({ caller, type, search }) => {
      const asked = (value: string) => `${type}${search.replace('%', encodeURIComponent(value))}`;
      const problems: string[] = [];
      const mayPrefer = isPartner(caller.name) && ['Task', 'Procedure', 'Patient'].includes(type);
      for (const headers of mayPrefer ? [{}, strict] : [{}]) {
        const nothing = await ask(caller, 'GET', asked(missing), { headers });
        for (const value of search.includes('%') ? anothersOf(caller.name, type) : ['']) {
          const title = `${caller.name}: GET ${asked(value)}`;
          const answer =
            value === '' ? nothing : await ask(caller, 'GET', asked(value), { headers });
          problems.push(...formOf(title, answer));
          const leaks = leaksIn(answer, secretsFor(caller.name, value));
          problems.push(...leaks.map((word) => `${title} has ${word}`));
          if (value && tellTale(answer, value) !== tellTale(nothing, missing))
            problems.push(`${title} tells another's from missing`);
          problems.push(...countsOf(title, answer, grantedOf(caller.name, type)));
        }
      }
      const plain = await ask(caller, 'GET', type);
      const isServed = searchable.includes(type) && isPartner(caller.name);
      if (isServed !== (plain.status === 200))
        problems.push(`${caller.name}: GET ${type} is ${plain.status}`);
      const granted = [...grantedOf(caller.name, type)].sort();
      if (isServed && listedIn(plain).sort().join() !== granted.join())
        problems.push(`${caller.name}: GET ${type} does not list what is granted`);
      return problems;
    });
    expect(wrong).toEqual([]);
    expect(data.doors.failures).toEqual([]);
  });

  const grantedOf = (name: string, type: string) =>
    grantedTo(name).filter((address) => address.startsWith(`${type}/`));

  /** Lists the addresses of the resources in a list. */
  function listedIn({ text }: Answer): Address[] {
    const { entry = [] } = JSON.parse(text) as fhir4.Bundle;
    const resources = entry.flatMap(({ resource }) => resource ?? []);
    return resources
      .filter(({ resourceType }) => resourceType !== 'OperationOutcome')
      .map(({ resourceType, id }): Address => `${resourceType}/${id}`);
  }

  /** Says what is wrong with a list: entries and counts beyond what is granted. */
  function countsOf(title: string, answer: Answer, granted: readonly Address[]): string[] {
    if (answer.status !== 200) return [];
    const { resourceType, total = 0 } = JSON.parse(answer.text) as fhir4.Bundle;
    if (resourceType !== 'Bundle') return [`${title} is no Bundle`];
    const others = listedIn(answer).filter((address) => !granted.includes(address));
    const wrong = others.map((address) => `${title} lists ${address}`);
    if (total > granted.length) wrong.push(`${title} counts ${total}`);
    return wrong;
  }

  const bodies = (type: string, id: string): Record<string, unknown>[] => [
    { resourceType: type, id, status: 'accepted', intent: 'order' },
    { resourceType: type, id },
    { resourceType: 'Basic', id },
  ];
  const conditions: Record<string, string>[] = [
    {},
    { 'if-match': 'W/"1"' },
    { 'if-match': '"999"' },
    { 'if-none-match': '*' },
  ];

  it("takes nothing for another's, and says the same as for what is missing", async () => {
    const steps = callers.flatMap((caller) =>
      ['PUT', 'POST'].flatMap((method) =>
        addresses().map((address) => ({ caller, method, address })),
      ),
    );
    const foreign = steps.filter(
      ({ caller, address }) => !grantedTo(caller.name).includes(address),
    );
    const nothing = new Map<string, Promise<Answer>>();
    const wrong = await crawl(foreign, async ({ caller, method, address }) => {
      const [type = '', id = ''] = address.split('/');
      const problems: string[] = [];
      for (const [index, more] of conditions.entries())
        for (const [kind, body] of bodies(type, id).entries()) {
          if (!isPartner(caller.name) && index + kind > 0) continue;
          const title = `${caller.name}: ${method} ${address} ${index} ${kind}`;
          const headers = { ...more, 'content-type': 'application/fhir+json' };
          const answer = await ask(caller, method, address, {
            headers,
            body: JSON.stringify(body),
          });
          const key = `${caller.name} ${method} ${type} ${index} ${kind}`;
          const blank = JSON.stringify(bodies(type, missing)[kind]);
          const first =
            nothing.get(key) ?? ask(caller, method, `${type}/${missing}`, { headers, body: blank });
          nothing.set(key, first);
          problems.push(...formOf(title, answer));
          problems.push(
            ...leaksIn(answer, secretsFor(caller.name)).map((word) => `${title} has ${word}`),
          );
          if (answer.status < 400) problems.push(`${title} is ${answer.status}`);
          if (tellTale(answer) !== tellTale(await first))
            problems.push(`${title} tells another's from missing: ${answer.status}`);
        }
      return problems;
    });
    expect(wrong).toEqual([]);
    expect(data.doors.failures).toEqual([]);
  });

  it("takes no resource that refers to another's, and says the same as for what is missing", async () => {
    const steps = callers.flatMap((caller) => types.map((type) => ({ caller, type })));
    const headers = { 'content-type': 'application/fhir+json' };
    const make = (type: string, subject: string, order: string) =>
      JSON.stringify({
        resourceType: type,
        status: 'completed',
        code: { text: 'Help' },
        subject: { reference: `Patient/${subject}` },
        basedOn: [{ reference: `ServiceRequest/${order}` }],
      });
    const orderOf = (name: PersonName) =>
      data.addresses[name].find((address) => address.startsWith('ServiceRequest/')) ?? '';
    const idsOf = (name: PersonName) =>
      [data.canaries[name].person, orderOf(name).split('/')[1] ?? ''] as const;
    const wrong = await crawl(steps, async ({ caller, type }) => {
      const post = (person: string, order: string) =>
        ask(caller, 'POST', type, { headers, body: make(type, person, order) });
      const [ownPerson, ownOrder] = idsOf(isPartner(caller.name) ? theirs[caller.name] : 'ada');
      const problems: string[] = [];
      for (const name of people) {
        if (isPartner(caller.name) && theirs[caller.name] === name) continue;
        const [person, order] = idsOf(name);
        const pairs = [
          [await post(person, order), await post(missing, missing)],
          [await post(ownPerson, order), await post(ownPerson, missing)],
          [await post(person, ownOrder), await post(missing, ownOrder)],
        ] as const;
        for (const [index, [answer, nothing]] of pairs.entries()) {
          const title = `${caller.name}: POST ${type} about ${name} ${index}`;
          const leaks = leaksIn(answer, secretsFor(caller.name));
          problems.push(...formOf(title, answer), ...leaks.map((word) => `${title} has ${word}`));
          if (answer.status < 400) problems.push(`${title} is ${answer.status}`);
          if (tellTale(answer) !== tellTale(nothing))
            problems.push(`${title} tells another's from missing`);
        }
      }
      return problems;
    });
    expect(wrong).toEqual([]);
  });
});
