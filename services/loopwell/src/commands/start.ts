import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { AppError, newSecret } from '@loopwell/kit';
import { emptyScript, makePeople, partnersBundle, sandboxPartners, type SandboxOptions, type Script } from '@loopwell/sandbox';
import { access } from '@loopwell/store';
import { exportJWK, generateKeyPair } from 'jose';
import type { Composition } from '../run/compose.ts';
import { partnerRows, type PartnerTokens } from '../run/partners-file.ts';
import { accountsOf, followRun, openRun, organisation, report, type RunPlan } from '../run/run.ts';
import { differences } from '../run/script.ts';
import { type Environment, openSession, remembered, type Session } from '../run/session.ts';
import { folderOf } from './run.ts';
import { watch } from '../terminal/watch.ts';

export type StartOptions = { once: boolean; fresh: boolean; json: boolean; people: number; port?: number; timeout: number; dataDir?: string };

/** `start`: everything on one machine, on people who do not exist, with partners that accept, decline, go silent, finish. */
export async function startCommand(options: StartOptions, environment: Environment): Promise<number> {
  if (!Number.isInteger(options.people) || options.people < 1 || options.people > 100_000) throw new AppError('REQUEST_INVALID', '--people takes a number from 1 to 100000');
  const session = await openSession(folderOf(options, 'start'), environment, { fresh: options.fresh });
  try {
    const sandbox = await openSandbox(session, options.people);
    try {
      return await play(session, sandbox, options);
    } finally {
      sandbox.child.kill('SIGTERM');
    }
  } finally {
    await session.close();
  }
}

async function play(session: Session, sandbox: SandboxProcess, options: StartOptions): Promise<number> {
  const started = Date.now();
  const composition = await openRun(session, planOf(sandbox, options));
  const view = watch(composition.db, organisation, session.signal);
  try {
    await sayWhere(session, composition, sandbox);
    await followRun(session, composition, { ...runOptions(options), once: options.once, settle: 4_000 });
    view.stop();
    const result = { ...(await accountsOf(composition)), durationMs: Date.now() - started };
    if (!options.once) return 0;
    report(result, options.json);
    const wrong = differences(sandbox.script, result);
    for (const line of wrong) session.tell(`Not as scripted: ${line}`);
    if (wrong.length === 0) session.tell('Everything ended as scripted.');
    return wrong.length === 0 ? 0 : 1;
  } finally {
    view.stop();
    await composition.close();
  }
}

async function sayWhere(session: Session, composition: Composition, sandbox: SandboxProcess): Promise<void> {
  const granted = { organisation, kind: 'sign-in' as const, principal: 'person:first-operator', roles: ['admin', 'reviewer', 'operator'], routes: [] };
  const secret = await composition.db.tx((tx) => access.grantAccess(tx, granted, { ttlMs: 3_600_000 }));
  session.tell(`Console: ${composition.address}/sign-in?token=${secret} (one-time link, good for an hour)`);
  session.tell(`Review:  ${composition.address}/review`);
  session.tell(`Sandbox EHR: ${sandbox.address}/ehr/clinic/fhir  Partners: ${sandbox.address}/partners/<name>/fhir`);
}

function runOptions(options: StartOptions): RunPlan['options'] {
  return {
    ehrScopes: 'system/*.rs',
    ehrKind: 'plain-r4',
    approve: 'unambiguous',
    agreedByConsent: false,
    send: true,
    writeBack: true,
    allowPrivateNetworks: true,
    acceptBy: silenceMs,
    settle: 4_000,
    once: options.once,
    timeout: options.timeout,
    json: options.json,
    ...(options.port === undefined ? {} : { port: options.port }),
  };
}

function planOf(sandbox: SandboxProcess, options: StartOptions): RunPlan {
  const base = `${sandbox.address}/ehr/clinic/fhir`;
  const partners = partnerRows(partnersBundle((name) => `${sandbox.address}/partners/${name}/fhir`), organisation);
  return {
    ehrBase: base,
    connectionId: 'clinic',
    partners,
    tokens: sandbox.tokens,
    options: { ...runOptions(options), ehr: base, ehrClientId: 'loopwell', ehrKey: sandbox.keyFile },
    fast: true,
  };
}

/**
 * Long enough that a partner that answers is never taken for silent on a slow machine (it answers within a second on an
 * idle one), short enough that the end of a silent one is seen in a demonstration.
 */
const silenceMs = 20_000;

type SandboxProcess = { address: string; child: ChildProcess; script: Script; tokens: PartnerTokens; keyFile: string };

/** Starts the sandbox as a process of its own, with the population of this data directory: made once, then kept. */
async function openSandbox(session: Session, people: number): Promise<SandboxProcess> {
  const folder = join(session.folder, 'sandbox');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const made = existsSync(join(folder, 'ehr-clinic.ndjson'));
  const population = join(folder, 'population.ndjson');
  const seed = remembered(folder, 'seed.json', () => ({ seed: 20_261_124, people, today: new Date().toISOString() }));
  const script = emptyScript();
  const resources = [...makePeople({ ...seed, today: new Date(seed.today) }, script)];
  if (!made) writeFileSync(population, `${resources.map((one) => JSON.stringify(one)).join('\n')}\n`);
  const secrets = remembered(folder, 'bearers.json', () => Object.fromEntries(sandboxPartners.map((one) => [one.name, { send: newSecret(16), read: newSecret(16) }])));
  const { keyFile, jwks } = await keysOf(folder);
  const port = remembered(folder, 'port.json', () => ({ port: 0 })).port || (await freePort());
  writeFileSync(join(folder, 'port.json'), JSON.stringify({ port }));
  const options: SandboxOptions = {
    port,
    host: '127.0.0.1',
    dir: folder,
    ehrs: [{ name: 'clinic', smart: { clientId: 'loopwell', jwks, tokenSeconds: 300 } }],
    partners: sandboxPartners.map((one) => ({ name: one.name, behaviour: one.behaviour, stepMs: 700, sendToken: secrets[one.name]?.send, readToken: secrets[one.name]?.read })),
    ...(made ? {} : { files: [population] }),
  };
  const file = join(folder, 'options.json');
  writeFileSync(file, JSON.stringify(options), { mode: 0o600 });
  const { child, address } = await spawnSandbox(file);
  const tokens = Object.fromEntries(Object.entries(secrets).map(([name, one]) => [`${address}/partners/${name}/fhir`, one]));
  return { address, child, script, tokens, keyFile };
}

async function keysOf(folder: string) {
  const keyFile = join(folder, 'client-key.json');
  const known = existsSync(keyFile) && existsSync(join(folder, 'client-jwks.json'));
  if (!known) {
    const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true });
    const common = { kid: 'loopwell-sandbox', alg: 'ES384', use: 'sig' };
    writeFileSync(keyFile, JSON.stringify({ ...(await exportJWK(privateKey)), ...common }), { mode: 0o600 });
    writeFileSync(join(folder, 'client-jwks.json'), JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), ...common }] }));
  }
  return { keyFile, jwks: remembered(folder, 'client-jwks.json', () => ({ keys: [] })) };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Its standard input is our end of a pipe: when we die, however we die, it ends. */
async function spawnSandbox(optionsFile: string): Promise<{ child: ChildProcess; address: string }> {
  const main = fileURLToPath(import.meta.resolve('@loopwell/sandbox/main'));
  const child = spawn(process.execPath, [main], { stdio: ['pipe', 'pipe', 'ignore'], env: { SANDBOX_OPTIONS: optionsFile }, detached: true });
  if (!child.stdout) throw new AppError('INTERNAL', 'The sandbox has no output');
  const line = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), once(child, 'exit').then(() => undefined)]);
  if (!line) throw new AppError('CONFIG_INVALID', 'The sandbox did not start; its port may be in use by something else, then start with --fresh');
  return { child, address: (JSON.parse(String(line[0])) as { address: string }).address };
}
