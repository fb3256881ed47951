import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { AppError, newSecret } from '@loopwell/kit';
import { emptyScript, makePeople, type SandboxOptions, type Script, sandboxPartners } from '@loopwell/sandbox';
import { exportJWK, generateKeyPair } from 'jose';
import type { PartnerTokens } from './partners-file.ts';
import { remembered, type Session } from './session.ts';

/** The sandbox of `start`, in a process of its own, with the population that is made once for a data directory. */
export type SandboxProcess = { address: string; child: ChildProcess; script: Script; tokens: PartnerTokens; keyFile: string };

/** Starts the sandbox as a process of its own, with the population of this data directory: made once, then kept. */
export async function openSandbox(session: Session, people: number): Promise<SandboxProcess> {
  const folder = join(session.folder, 'sandbox');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const made = existsSync(join(folder, 'ehr-clinic.ndjson'));
  const population = join(folder, 'population.ndjson');
  const seed = remembered(folder, 'seed.json', () => ({ seed: 20_261_124, people, today: new Date().toISOString() }));
  const script = emptyScript();
  const resources = [...makePeople({ ...seed, today: new Date(seed.today) }, script)];
  if (!made) writeFileSync(population, `${resources.map((one) => JSON.stringify(one)).join('\n')}\n`);
  const secrets = remembered(folder, 'bearers.json', () =>
    Object.fromEntries(sandboxPartners.map((one) => [one.name, { send: newSecret(16), read: newSecret(16) }])),
  );
  const { keyFile, jwks } = await keysOf(folder);
  const port = remembered(folder, 'port.json', () => ({ port: 0 })).port || (await freePort());
  writeFileSync(join(folder, 'port.json'), JSON.stringify({ port }));
  const options: SandboxOptions = {
    port,
    host: '127.0.0.1',
    dir: folder,
    ehrs: [{ name: 'clinic', smart: { clientId: 'loopwell', jwks, tokenSeconds: 300 } }],
    partners: sandboxPartners.map((one) => ({
      name: one.name,
      behaviour: one.behaviour,
      stepMs: 700,
      sendToken: secrets[one.name]?.send,
      readToken: secrets[one.name]?.read,
    })),
    ...(made ? {} : { files: [population] }),
  };
  const file = join(folder, 'options.json');
  writeFileSync(file, JSON.stringify(options), { mode: 0o600 });
  if (seed.people !== people) session.tell(`This data directory has ${seed.people} people; --fresh makes others.`);
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
  const child = spawn(process.execPath, [main], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { SANDBOX_OPTIONS: optionsFile },
    detached: true,
  });
  if (!child.stdout) throw new AppError('INTERNAL', 'The sandbox has no output');
  const line = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), once(child, 'exit').then(() => undefined)]);
  if (!line)
    throw new AppError('CONFIG_INVALID', 'The sandbox did not start; its port may be in use by something else, then start with --fresh');
  return { child, address: (JSON.parse(String(line[0])) as { address: string }).address };
}
