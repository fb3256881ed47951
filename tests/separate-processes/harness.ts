import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { newSecret, sleep } from '@loopwell/kit';
import {
  emptyScript,
  makePeople,
  type SandboxOptions,
  type Script,
  sandboxPartners,
} from '@loopwell/sandbox';
import { exportJWK, generateKeyPair } from 'jose';

/**
 * The world outside of the services: an EHR with people in it, and partners, in a process of its
 * own.
 */
export type SandboxWithPeople = {
  child: ChildProcess;
  address: string;
  script: Script;
  /** Private key of our client at the EHR, as a JWK. */
  keyText: string;
  /** Bearers by the name of the partner. */
  bearers: Record<string, { send: string; read: string }>;
};

export async function startSandboxWithPeople(folder: string): Promise<SandboxWithPeople> {
  const script = emptyScript();
  const bearers = Object.fromEntries(
    sandboxPartners.map(({ name }) => [name, { send: newSecret(16), read: newSecret(16) }]),
  );
  const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true });
  const shared = { kid: 'test', alg: 'ES384', use: 'sig' };
  const keyText = JSON.stringify({ ...(await exportJWK(privateKey)), ...shared });
  const population = join(folder, 'population.ndjson');
  const people = [...makePeople({ seed: 7, people: 14, today: new Date() }, script)];
  writeFileSync(population, people.map((one) => JSON.stringify(one)).join('\n'));
  const options: SandboxOptions = {
    port: 0,
    host: '127.0.0.1',
    ehrs: [
      {
        name: 'clinic',
        smart: {
          clientId: 'loopwell',
          jwks: { keys: [{ ...(await exportJWK(publicKey)), ...shared }] },
          tokenSeconds: 300,
        },
      },
    ],
    partners: sandboxPartners.map(({ name, behavior }) => ({
      name,
      behavior,
      stepMs: 300,
      sendToken: bearers[name]?.send,
      readToken: bearers[name]?.read,
    })),
    files: [population],
  };
  const file = join(folder, 'sandbox.json');
  writeFileSync(file, JSON.stringify(options));
  const main = fileURLToPath(import.meta.resolve('@loopwell/sandbox/main'));
  const child = spawn(process.execPath, [main], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { SANDBOX_OPTIONS: file },
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const { address } = JSON.parse(String(line)) as { address: string };
  return { child, address, script, keyText, bearers };
}

/** Looks again and again until something holds; says what it was when it never does. */
export async function until(
  holds: () => Promise<boolean>,
  what: string | (() => string),
  timeoutMs = 60_000,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > end)
      throw new Error(`It did not come to: ${typeof what === 'string' ? what : what()}`);
    await sleep(250);
  }
}
