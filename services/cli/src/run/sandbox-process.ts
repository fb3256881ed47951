import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { fhir4 } from '@loopwell/fhir';
import { withoutUndefined } from '@loopwell/fhir';
import { AppError, newSecret } from '@loopwell/kit';
import {
  emptyScript,
  makePeople,
  partnersBundle,
  type SandboxOptions,
  type Script,
  sandboxPartners,
} from '@loopwell/sandbox';
import { exportJWK, generateKeyPair } from 'jose';
import type { PartnerTokens } from '../input-files/partners-file.ts';
import { freePort } from '../lifecycle/free-port.ts';
import { remembered, type Session } from './session.ts';

/** Where the sandbox is, and the mail server and the text gateway that catch messages. */
type Peers = { address: string; mailUrl: string; textGateway: string; bounceSecret: string };

/** The sandbox of `start` in its own process, with the population of a data directory. */
export type SandboxProcess = Peers & {
  child: ChildProcess;
  script: Script;
  /** The directory of its partners. */
  directory: fhir4.Bundle;
  tokens: PartnerTokens;
  keyFile: string;
};

/**
 * Starts the sandbox as its own process, with the population of this data directory, which is made
 * once and then kept.
 *
 * @param plan `play`: the partner at the hub that a person plays
 */
export async function openSandbox(
  session: Session,
  { people, play }: { people: number; play?: string },
): Promise<SandboxProcess> {
  const folder = join(session.folder, 'sandbox');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { script, files, peopleMade } = preparePopulation(folder, people);
  if (peopleMade !== people)
    session.tell(`This data directory has ${peopleMade} people; --fresh makes others.`);
  const bearers = remembered(folder, 'bearers.json', makeBearers);
  const { keyFile, jwks } = await prepareKeys(folder);
  const { child, peers } = await spawnAtItsPort(folder, (port) => ({
    port,
    host: '127.0.0.1',
    dir: folder,
    ehrs: [{ name: 'clinic', smart: { clientId: 'loopwell', jwks, tokenSeconds: 300 } }],
    partners: partnersWith(bearers),
    hubPartners: hubPartnersWith(bearers, play),
    ...withoutUndefined({ files }),
  }));
  const { address } = peers;
  const baseOf = (partner: string) => `${address}/partners/${partner}/fhir`;
  const tokens = Object.fromEntries(
    sandboxPartners.map(({ name, worksAtHub }) => {
      const { send, read } = bearers[name] ?? {};
      return worksAtHub ? [`hub:${name}`, { read }] : [baseOf(name), { send, read }];
    }),
  ) as PartnerTokens;
  const directory = partnersBundle(baseOf, { withHub: true });
  return { ...peers, child, script, directory, tokens, keyFile };
}

/**
 * Makes the people, the same ones each time for a data directory. `files` are for a sandbox that
 * does not have them yet.
 */
function preparePopulation(folder: string, people: number) {
  const isStored = existsSync(join(folder, 'ehr-clinic.ndjson'));
  const seed = remembered(folder, 'seed.json', () => ({
    seed: 20_261_124,
    people,
    today: new Date().toISOString(),
  }));
  const script = emptyScript();
  const resources = [...makePeople({ ...seed, today: new Date(seed.today) }, script)];
  if (isStored) return { script, peopleMade: seed.people };
  const populationFile = join(folder, 'population.ndjson');
  const lines = resources.map((resource) => `${JSON.stringify(resource)}\n`);
  writeFileSync(populationFile, lines.join(''));
  return { script, files: [populationFile], peopleMade: seed.people };
}

/** Milliseconds between two steps of a partner. */
const stepMs = 700;

type HubPartners = SandboxOptions['hubPartners'];

type Bearers = Record<string, { send: string; read: string }>;

function makeBearers(): Bearers {
  const bearers: Bearers = {};
  for (const { name } of sandboxPartners)
    bearers[name] = { send: newSecret(16), read: newSecret(16) };
  return bearers;
}

function partnersWith(bearers: Bearers): SandboxOptions['partners'] {
  return sandboxPartners.map(({ name, behavior }) => ({
    name,
    behavior,
    stepMs,
    sendToken: bearers[name]?.send,
    readToken: bearers[name]?.read,
  }));
}

/** Returns those who work at the hub, at the pace of the others. */
const hubPartnersWith = (bearers: Bearers, play: string | undefined): HubPartners =>
  sandboxPartners
    .filter(({ worksAtHub, name }) => worksAtHub && name !== play)
    .map(({ name }) => ({ name, stepMs, readToken: bearers[name]?.read ?? '' }));

/** Makes the key pair of our client at the EHR once for a data directory. */
async function prepareKeys(folder: string) {
  const keyFile = join(folder, 'client-key.json');
  const jwksFile = join(folder, 'client-jwks.json');
  if (!existsSync(keyFile) || !existsSync(jwksFile)) {
    const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true });
    const common = { kid: 'loopwell-sandbox', alg: 'ES384', use: 'sig' };
    const privateJwk = { ...(await exportJWK(privateKey)), ...common };
    const publicJwk = { ...(await exportJWK(publicKey)), ...common };
    writeFileSync(keyFile, JSON.stringify(privateJwk), { mode: 0o600 });
    writeFileSync(jwksFile, JSON.stringify({ keys: [publicJwk] }));
  }
  return { keyFile, jwks: remembered(folder, 'client-jwks.json', () => ({ keys: [] })) };
}

/**
 * Starts the sandbox at its port. Stored data names the sandbox by its address, so the port is
 * chosen once for a data directory. A free port may be taken in the meantime; the first start then
 * tries another.
 */
async function spawnAtItsPort(
  folder: string,
  optionsAt: (port: number) => SandboxOptions,
): Promise<{ child: ChildProcess; peers: Peers }> {
  const { port: chosen } = remembered(folder, 'port.json', () => ({ port: 0 }));
  const optionsFile = join(folder, 'options.json');
  for (let triesLeft = chosen ? 1 : 3; ; triesLeft -= 1) {
    const port = chosen || (await freePort());
    writeFileSync(optionsFile, JSON.stringify(optionsAt(port)), { mode: 0o600 });
    try {
      const sandbox = await spawnSandbox(folder, optionsFile, port);
      writeFileSync(join(folder, 'port.json'), JSON.stringify({ port }));
      return sandbox;
    } catch (error) {
      if (triesLeft === 1) throw error;
    }
  }
}

/**
 * Starts the sandbox process. Its standard input is our end of a pipe, so it ends when we die in
 * any way. Its errors are kept in a file.
 */
async function spawnSandbox(
  folder: string,
  optionsFile: string,
  port: number,
): Promise<{ child: ChildProcess; peers: Peers }> {
  const main = fileURLToPath(import.meta.resolve('@loopwell/sandbox/main'));
  const errorFile = join(folder, 'stderr.log');
  const errors = openSync(errorFile, 'w', 0o600);
  const child = spawn(process.execPath, [main], {
    stdio: ['pipe', 'pipe', errors],
    env: { SANDBOX_OPTIONS: optionsFile },
    detached: true,
  });
  closeSync(errors);
  if (!child.stdout) throw new AppError('INTERNAL', 'The sandbox has no output');
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(() => undefined),
  ]);
  if (!line) throw notStarted(errorFile, port);
  return { child, peers: JSON.parse(String(line[0])) as Peers };
}

function notStarted(errorFile: string, port: number): AppError {
  if (!readFileSync(errorFile, 'utf8').includes('EADDRINUSE'))
    return new AppError('CONFIG_INVALID', `The sandbox did not start; ${errorFile} says why`);
  const way = 'stop that, or start with --fresh, which finds another port and begins with new data';
  return new AppError(
    'CONFIG_INVALID',
    `Something else uses port ${port} of this data directory's sandbox: ${way}`,
  );
}
