import { AppError, type Clock, errorRecord, type Log, systemClock } from '@loopwell/kit';
import type { Express, NextFunction, Request, Response } from 'express';
import { type BodyRules, readBody, textOf } from './body.ts';
import { type Door, doorOf } from './door.ts';
import { answerError, RequestProblems, retryAfterSeconds } from './errors.ts';
import { expressApp } from './express/express-app.ts';
import { type Checks, publicFiles, readyAnswers, sendPublic } from './health.ts';
import { answerLateForm, type LateForms } from './late-forms.ts';
import { type FindAccess, type Guard, type Principal, principalFinder } from './principal.ts';

export type Handler = (
  request: Request,
  response: Response,
  principal: Principal,
) => Promise<void> | void;
export type SignedHandler = (
  request: Request,
  response: Response,
  body: string,
) => Promise<void> | void;
export type Method = 'get' | 'post' | 'put' | 'delete';

/** Rules of a route for people who are not signed in here. */
export type OpenRules = BodyRules & {
  /** Answers a caller of whom no body is taken. It returns whether the body is to be read. */
  admits?: (request: Request, response: Response) => Promise<boolean>;
};

export type App = {
  express: Express;
  log: Log;
  /** Adds a route with its guard; a route cannot be added without one. */
  route: (
    method: Method,
    path: string,
    guard: Exclude<Guard, { kind: 'open' }>,
    handler: Handler,
    rules?: BodyRules,
  ) => void;
  /** Adds a route for people who are not signed in: health, the sign-in page, the style sheet. */
  open: (
    method: Method,
    path: string,
    handler: (request: Request, response: Response) => Promise<void> | void,
    rules?: OpenRules,
  ) => void;
  /**
   * Adds a route for a server that signs what it posts. The handler gets the body as a text of so
   * many bytes at most, and checks the signature before it believes a word.
   */
  signed: (path: string, limit: number, handler: SignedHandler) => void;
  /** Refuses a request without a credential that is known at this door. */
  recognize: (request: Request, door: Door) => Promise<void>;
  /** The contracts of the API. Each checks the requests and answers that it describes. */
  contracts: Contract[];
  /** The clock by which pages write ages, and the time zone in which they write times. */
  clock: Clock;
  /**
   * Reads how many people each list of the side menu has, by address, as the viewer may see them.
   * It is asked for each page that shows the menu, after the page's own work is committed.
   */
  readMenuCounts?: (principal: Principal) => Promise<ReadonlyMap<string, number>>;
  /** `METHOD path` of every route that was declared with its guard. */
  declared: ReadonlySet<string>;
};

/**
 * Checks a request against one description. Returns the described route, or undefined when it
 * describes no such request.
 */
export type Contract = (request: Request, response: Response) => Promise<string | undefined>;

export type AppOptions = {
  log: Log;
  findAccess: FindAccess;
  /** The clock of deadlines in the site's time zone; the machine's when left out. */
  clock?: Clock | undefined;
  /**
   * Addresses or networks of proxies in front of us. `X-Forwarded-For` from any other sender is
   * ignored.
   */
  trustedProxies?: readonly string[] | undefined;
  /**
   * Keeps forms that arrive after their sender's session has locked. Without it they are refused.
   */
  lateForms?: LateForms | undefined;
  /** Readiness checks. Each answers with a sentence when it is not ready. */
  readiness: Checks;
  /** Checks that do not affect readiness. Each may answer with a remark. */
  notes?: Checks;
};

/**
 * Creates an Express app with the rules of all our services: strict headers, addresses that can be
 * read in one way only, a guard on every route before its body is read, the contract, and errors in
 * the caller's format.
 */
export function createApp(options: AppOptions): App {
  const app = expressApp(options.trustedProxies ?? []);
  const principals = principalFinder(options.findAccess);
  const declared = new Set<string>();
  const declare = (method: Method, path: string): string => {
    const name = `${method.toUpperCase()} ${path}`;
    declared.add(name);
    return name;
  };
  const result: App = {
    express: app,
    log: options.log,
    clock: options.clock ?? systemClock,
    declared,
    recognize: principals.recognize,
    contracts: [],
    route(method, path, guard, handler, rules) {
      const name = declare(method, path);
      const door = doorOfRoute(path);
      app[method](path, async (request, response, next) => {
        // No contract of the API describes HEAD. Other doors answer it as GET.
        if (request.method === 'HEAD' && door === 'api') return next('route');
        const principal = await principals
          .require(request, guard, name)
          .catch((refusal) =>
            door === 'page'
              ? answerLateForm(options.lateForms, refusal, request, response)
              : Promise.reject(refusal),
          );
        if (!principal) return;
        await readBody(request, response, door, rules);
        if (path.startsWith('/api/')) await keepContract(result.contracts, request, response, path);
        await handler(request, response, principal);
      });
    },
    open(method, path, handler, rules) {
      declare(method, path);
      app[method](path, async (request, response) => {
        if (rules?.admits && !(await rules.admits(request, response))) return;
        await readBody(request, response, doorOfRoute(path), rules);
        await handler(request, response);
      });
    },
    signed(path, limit, handler) {
      declare('post', path);
      app.post(path, async (request, response) => {
        await handler(request, response, await textOf(request, response, limit));
      });
    },
  };
  addHealth(result, options.readiness, options.notes ?? {});
  return result;
}

const doorOfRoute = (path: string): Door => {
  if (path.startsWith('/api/') || path === '/metrics') return 'api';
  return path.startsWith('/fhir/') ? 'fhir' : 'page';
};

/**
 * Refuses a request below `/api/` unless a contract describes exactly this route (deny by default),
 * even when Express has found one.
 */
async function keepContract(
  contracts: readonly Contract[],
  request: Request,
  response: Response,
  path: string,
): Promise<void> {
  for (const contract of contracts) {
    const described = await contract(request, response);
    if (described === path) return;
    if (described !== undefined) break;
  }
  throw nothingHere();
}

const nothingHere = () => new AppError('NOT_FOUND', 'There is nothing at this address');

/** Adds `/live`, `/ready`, and the files that the sign-in page needs. */
function addHealth(app: App, readiness: Checks, notes: Checks): void {
  app.open('get', '/live', (_request, response) => void response.json({ status: 'live' }));
  const answerReady = readyAnswers(readiness, notes);
  app.open('get', '/ready', async (_request, response) => {
    const { status, body } = await answerReady();
    if (status === 503) response.set('retry-after', String(retryAfterSeconds));
    response.status(status).json(body);
  });
  for (const name of publicFiles)
    app.open('get', `/${name}`, (_request, response) => sendPublic(name, response));
}

/**
 * Adds the last handlers of an app: they answer what no route answered, and every error, in the
 * format of the path.
 * @throws AppError INTERNAL when a route was added behind our back, without a guard
 */
export function finish(app: App, log: Log): void {
  refuseUnguarded(app);
  refuseOtherMethods(app);
  app.express.use(async (request: Request) => {
    await recognizeFirst(app, request);
    throw nothingHere();
  });
  app.express.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const status = answerError(error, request, response);
    if (status < 500) return;
    log.error('A request failed', error, {
      request: String(response.locals.requestId),
      code: errorRecord(error).code,
    });
  });
}

type Layer = { route?: { path: unknown; methods: Record<string, boolean> }; handle: unknown };

const isRouter = (handle: unknown): boolean => typeof handle === 'function' && 'stack' in handle;

/** Refuses to start an app that has a route without a declared guard (deny by default). */
function refuseUnguarded(app: App): void {
  const layers = app.express.router.stack as unknown as readonly Layer[];
  for (const { route, handle } of layers) {
    if (!route && isRouter(handle))
      throw new AppError('INTERNAL', 'A router was mounted whose routes declare no guard');
    if (!route) continue;
    for (const method of Object.keys(route.methods)) {
      const name = `${method.toUpperCase()} ${String(route.path)}`;
      if (!app.declared.has(name))
        throw new AppError('INTERNAL', 'A route declares no guard', { facts: { route: name } });
    }
  }
}

/**
 * Refuses unknown callers below the API and FHIR, so that they do not learn which addresses exist.
 */
async function recognizeFirst(app: App, request: Request): Promise<void> {
  const path = request.path.toLowerCase();
  if (path.startsWith('/api') || path.startsWith('/fhir'))
    await app.recognize(request, doorOf(request));
}

/**
 * Answers every known address with 405 for each method that it does not have, OPTIONS and HEAD
 * included.
 */
function refuseOtherMethods(app: App): void {
  const methods = new Map<string, string[]>();
  for (const name of app.declared) {
    const [method = '', path = ''] = name.split(' ');
    const hasHead = method === 'GET' && doorOfRoute(path) !== 'api';
    methods.set(path, [...(methods.get(path) ?? []), method, ...(hasHead ? ['HEAD'] : [])]);
  }
  // `/review/decisions` goes before `/review/:referralId`, which would take it for a referral.
  const parameters = (path: string) => path.split('/:').length;
  const exactFirst = [...methods].sort(([a], [b]) => parameters(a) - parameters(b));
  for (const [path, allowed] of exactFirst) {
    app.express.all(path, async (request: Request) => {
      await recognizeFirst(app, request);
      const headers = { allow: allowed.join(', ') };
      throw new RequestProblems(
        'This address does not take this method',
        [{ path: '/method', rule: 'method' }],
        { status: 405, headers },
      );
    });
  }
}
