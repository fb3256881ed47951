import { createLog, readConfig } from '@loopwell/kit';
import type { z } from 'zod';
import { type Host, openHost } from './host.ts';
import {
  environmentOf,
  type HostEnvironment,
  hosted,
  portName,
  type ServiceModule,
} from './module.ts';
import { serve } from './serve.ts';
import { secretFiles, siteOfEnvironment } from './shared-config.ts';

/** Runs one service as the whole process, from the environment that its `main.ts` hands over. */
export async function runService<Fields extends z.ZodRawShape, Settings>(
  module: ServiceModule<Fields, Settings>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  await serve(() => openService(module, environment));
}

async function openService<Fields extends z.ZodRawShape, Settings>(
  module: ServiceModule<Fields, Settings>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Host> {
  const read = readConfig(environmentOf(module), environment, secretFiles);
  // The schema is made of the fields of both; TypeScript cannot follow a name that is made at run
  // time.
  const config = read as HostEnvironment & z.output<z.ZodObject<Fields>>;
  const port = Number(read[portName(module.name)]);
  const log = createLog({ service: module.name, level: config.LOOPWELL_LOG });
  return openHost({
    services: [hosted(module, module.settingsOf(config))],
    tenant: config.LOOPWELL_TENANT,
    database: {
      url: config.DATABASE_URL,
      max: config.DATABASE_POOL,
      applicationName: `loopwell-${module.name}`,
    },
    migrates: false,
    queue: { url: config.QUEUE_URL },
    listen: { host: config.LOOPWELL_HOST, port },
    publicUrl: config.PUBLIC_URL,
    trustedProxies: config.TRUSTED_PROXIES,
    site: siteOfEnvironment(config),
    identifierSystem: config.IDENTIFIER_SYSTEM,
    secretKey: config.LOOPWELL_SECRET_KEY,
    privateOrigins: config.PRIVATE_ORIGINS,
    timing: { reconcileMs: config.RECONCILE_MS },
    log,
    tell: (sentence) => log.warn(sentence),
  });
}
