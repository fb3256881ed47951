import {
  answerRequest,
  type FhirAnswer,
  type FhirServer,
  outcomeAnswer,
  written,
} from '@loopwell/fhir/server';
import { type Request, type Response, Router } from 'express';
import { altered, type Fault, Faults, strikeAtOnce } from './faults.ts';

export type FhirServerOptions = FhirServer & {
  /** Whether a bearer is accepted. When left out, all requests are. */
  authorize?: ((bearer: string | undefined) => boolean) | undefined;
};

/** Creates a small FHIR R4 server with faults on demand. */
export function fhirServer(options: FhirServerOptions): { router: Router; faults: Faults } {
  const faults = new Faults();
  const router = Router({ caseSensitive: true, strict: true });
  router.use(async (request, response) => {
    const fault = faults.strike(request);
    if (fault && strikeAtOnce(fault, response)) return;
    const bearer = /^Bearer (.+)$/.exec(request.get('authorization') ?? '')?.[1];
    const isOpen = request.path === '/metadata';
    if (!isOpen && options.authorize && !options.authorize(bearer)) {
      response.set('www-authenticate', 'Bearer');
      return send(response, outcomeAnswer(401, 'login'));
    }
    if (fault?.effect === 'alter')
      request.body = altered(fault, request.body as Record<string, unknown>);
    const answer = answerRequest(asFhirRequest(request), options);
    if (fault?.effect === 'store-then-cut') return void response.socket?.destroy();
    if (fault?.effect === 'store-then-hang') return;
    send(response, fault ? bend(fault, answer) : answer);
  });
  return { router, faults };
}

const asFhirRequest = (request: Request) => ({
  method: request.method,
  path: request.path,
  parameters: new URLSearchParams(request.originalUrl.split('?')[1] ?? ''),
  header: (name: string) => request.get(name),
  body: request.body as unknown,
});

function send(response: Response, answer: FhirAnswer): void {
  response.status(answer.status).set(answer.headers ?? {});
  response.type('application/fhir+json').send(written(answer.body ?? {}));
}

type Link = { relation: string; url: string };

function bend(fault: Fault, answer: FhirAnswer): FhirAnswer {
  if (fault.effect === 'unshowable') return unshown(fault, answer);
  if (fault.effect !== 'repeat-next' && fault.effect !== 'foreign-next') return answer;
  const bundle = answer.body as { link?: Link[] } | undefined;
  if (!bundle?.link) return answer;
  const self = bundle.link.find((link) => link.relation === 'self')?.url ?? '';
  const url = fault.effect === 'foreign-next' ? 'http://169.254.169.254/latest/meta-data' : self;
  const others = bundle.link.filter((link) => link.relation !== 'next');
  return { ...answer, body: { ...bundle, link: [...others, { relation: 'next', url }] } };
}

type PageEntry = { resource?: { id?: string; resourceType?: string } };

/**
 * Returns an error in place of a page with a bad resource. Real servers do so when they check a
 * resource while they write it: one without a status fails the page.
 */
function unshown({ ids = [] }: Fault, answer: FhirAnswer): FhirAnswer {
  const { entry: entries = [] } = (answer.body ?? {}) as { entry?: PageEntry[] };
  const bad = entries.find(({ resource }) => ids.includes(resource?.id ?? ''))?.resource;
  if (bad?.resourceType === undefined) return answer;
  const location = [`/f:${bad.resourceType}/f:status`];
  const issue = [{ severity: 'fatal', code: 'required', location }];
  return { status: 500, body: { resourceType: 'OperationOutcome', issue } };
}
