import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { withoutUndefined } from '@loopwell/fhir';
import { itemsOf } from '@loopwell/fhir/files';
import { type Incoming, ResourceStore, storeResources } from '@loopwell/fhir/server';
import { AppError } from '@loopwell/kit';
import express from 'express';
import type { JSONWebKeySet } from 'jose';
import type { Fault, Faults } from './faults.ts';
import { fhirServer } from './fhir-server.ts';
import { HubPartner, type HubPartnerOptions } from './hub-partner.ts';
import { addOutbox, outboxSecrets } from './outbox/outbox.ts';
import { type Behavior, Partner } from './partner.ts';
import { smartServer } from './smart.ts';

export type SandboxOptions = {
  port: number;
  host: string;
  /** The folder of the journals. Without it nothing is kept. */
  dir?: string | undefined;
  ehrs: readonly {
    name: string;
    smart?:
      | { clientId: string; jwks: JSONWebKeySet; tokenSeconds: number; grants?: string }
      | undefined;
    token?: string | undefined;
    refuseTypes?: readonly string[];
  }[];
  partners: readonly {
    name: string;
    behavior: Behavior;
    stepMs: number;
    sendToken?: string | undefined;
    readToken?: string | undefined;
  }[];
  /** Partners that work at the hub that `PUT /admin/hub` names. */
  hubPartners?: readonly HubPartnerOptions[] | undefined;
  /** Files of resources, one on each line, that the first EHR serves. */
  files?: readonly string[];
};

export type Sandbox = {
  address: string;
  ehrBase: (name: string) => string;
  partnerBase: (name: string) => string;
  /** Address of the mail server that catches mail; `GET /outbox/mail` lists it. */
  mailUrl: string;
  /** The text gateway, as `TEXT_GATEWAY` takes it; `GET /outbox/text` lists what it took. */
  textGateway: string;
  /** The bearer of its bounces, as `MAIL_BOUNCE_SECRET` takes it. */
  bounceSecret: string;
  /** Stores resources in an EHR. A resource with the same content keeps its version. */
  load: (
    name: string,
    resources: AsyncIterable<Incoming> | Iterable<Incoming>,
  ) => Promise<{ read: number; changed: number }>;
  close: () => Promise<void>;
};

type Server = { store: ResourceStore; faults: Faults; partner?: Partner; expireAll?: () => void };

/** Starts fake EHRs and fake partners over real HTTP. It is never for production. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('case sensitive routing', true);
  app.set('strict routing', true);
  app.use(express.json({ limit: '64mb', type: ['application/json', 'application/fhir+json'] }));
  const requests: string[] = [];
  app.use((request, _response, next) => {
    if (!request.path.startsWith('/admin/') && requests.length < 50_000)
      requests.push(`${request.method} ${request.originalUrl}`);
    next();
  });
  app.get('/admin/requests', (_request, response) => void response.json(requests));
  let address = '';
  const servers = new Map<string, Server>();
  const storeOf = (kind: string, name: string) =>
    new ResourceStore(options.dir && join(options.dir, `${kind}-${name}.ndjson`));
  for (const ehr of options.ehrs)
    addEhr(app, ehr, storeOf('ehr', ehr.name), () => `${address}/ehr/${ehr.name}/fhir`, servers);
  for (const partner of options.partners)
    addPartner(
      app,
      partner,
      storeOf('partner', partner.name),
      () => `${address}/partners/${partner.name}/fhir`,
      servers,
    );
  addAdmin(app, servers);
  const hubPartners = (options.hubPartners ?? []).map((partner) => new HubPartner(partner));
  addHub(app, hubPartners);
  const outbox = await addOutbox(app, options.host);
  const server = await new Promise<import('node:http').Server>((resolve, reject) => {
    const listening = app.listen(options.port, options.host, (error?: Error) =>
      error ? reject(error) : resolve(listening),
    );
  });
  const bound = server.address();
  address = `http://${options.host}:${typeof bound === 'object' && bound ? bound.port : options.port}`;
  const timer = setInterval(() => {
    for (const opened of servers.values()) opened.partner?.tick().catch(() => {});
  }, 100);
  const load: Sandbox['load'] = (name, resources) => {
    const store = servers.get(`ehr/${name}`)?.store;
    if (!store) throw new AppError('NOT_FOUND', 'The sandbox has no such EHR');
    return storeResources(store, resources);
  };
  const [first] = options.ehrs;
  if (first) for (const file of options.files ?? []) await load(first.name, resourcesIn(file));
  return {
    address,
    ehrBase: (name) => `${address}/ehr/${name}/fhir`,
    partnerBase: (name) => `${address}/partners/${name}/fhir`,
    mailUrl: outbox.mailUrl,
    textGateway: textGatewayAt(address),
    bounceSecret: outboxSecrets.bounceSecret,
    load,
    async close() {
      clearInterval(timer);
      for (const partner of hubPartners) partner.close();
      await outbox.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      for (const opened of servers.values()) opened.store.close();
    },
  };
}

/** Writes the address of the text gateway with its kind and its secret. */
const textGatewayAt = (address: string): string =>
  `plain+${address.replace('//', `//sandbox:${outboxSecrets.textSecret}@`)}/outbox/text/send`;

/**
 * Yields the resources of a population file.
 * @throws AppError CONFIG_INVALID for a line without a resource, because we write these files
 */
async function* resourcesIn(file: string): AsyncIterable<Incoming> {
  for await (const fileItem of itemsOf(createReadStream(file))) {
    if (fileItem.kind !== 'resource')
      throw new AppError('CONFIG_INVALID', 'A population file holds something else than resources');
    yield fileItem.value;
  }
}

function addEhr(
  app: express.Express,
  ehr: SandboxOptions['ehrs'][number],
  store: ResourceStore,
  base: () => string,
  servers: Map<string, Server>,
): void {
  const smart = ehr.smart && smartServer({ ...ehr.smart, tokenUrl: () => `${base()}/token` });
  if (smart) app.use(`/ehr/${ehr.name}/fhir`, smart.router);
  const authorize =
    smart?.authorize ??
    (ehr.token === undefined ? undefined : (bearer: string | undefined) => bearer === ehr.token);
  const refuse = (resource: Record<string, unknown>) =>
    ehr.refuseTypes?.includes(String(resource.resourceType)) ? 'not-supported' : undefined;
  const { router, faults } = fhirServer({ store, base, authorize, refuse });
  app.use(`/ehr/${ehr.name}/fhir`, router);
  servers.set(`ehr/${ehr.name}`, {
    store,
    faults,
    ...withoutUndefined({ expireAll: smart ? smart.expireAll : undefined }),
  });
}

function addPartner(
  app: express.Express,
  options: SandboxOptions['partners'][number],
  store: ResourceStore,
  base: () => string,
  servers: Map<string, Server>,
): void {
  const partner = new Partner(store, options);
  const authorize =
    options.sendToken === undefined
      ? undefined
      : (bearer: string | undefined) => bearer === options.sendToken;
  const { router, faults } = fhirServer({ store, base, authorize });
  app.use(`/partners/${options.name}/fhir`, router);
  servers.set(`partners/${options.name}`, { store, faults, partner });
}

/** Adds the route that says where the hub is, once. */
function addHub(app: express.Express, partners: readonly HubPartner[]): void {
  let isWorking = false;
  app.put('/admin/hub', (request, response) => {
    const { base } = request.body as { base: string };
    if (!isWorking) for (const partner of partners) void partner.workAt(base);
    isWorking = true;
    response.json({ partners: partners.length });
  });
}

/** Adds routes for tests and curious people: counts, whole stores, faults on demand. */
function addAdmin(app: express.Express, servers: Map<string, Server>): void {
  const find = (kind: unknown, name: unknown) => servers.get(`${String(kind)}/${String(name)}`);
  app.get('/admin/:kind/:name/counts', (request, response) => {
    const server = find(request.params.kind, request.params.name);
    response.json(
      server
        ? {
            types: server.store.types(),
            creates: server.store.creates(),
            reads: server.partner?.reads,
          }
        : {},
    );
  });
  app.get('/admin/:kind/:name/dump/:type', (request, response) => {
    response.json(
      find(request.params.kind, request.params.name)?.store.all(request.params.type) ?? [],
    );
  });
  app.put('/admin/:kind/:name/faults', (request, response) => {
    const server = find(request.params.kind, request.params.name);
    const faults = (request.body as { faults?: Fault[]; expireTokens?: boolean }).faults ?? [];
    server?.faults.set(faults);
    if ((request.body as { expireTokens?: boolean }).expireTokens) server?.expireAll?.();
    response.json({ armed: faults.length });
  });
  app.post('/admin/ehr/:name/put', (request, response) => {
    const store = find('ehr', request.params.name)?.store;
    response.json([request.body as Incoming | Incoming[]].flat().map((one) => store?.put(one)));
  });
}
