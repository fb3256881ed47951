import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * HAPI FHIR 8.8 with the settings that it comes with: its JPA server over H2 in memory. Maven brings
 * its jars once, and Java runs `hapi/HapiPartner.java` with them.
 */
const source = fileURLToPath(new URL('hapi', import.meta.url));
const cache = fileURLToPath(new URL('../../node_modules/.cache/hapi-8.8.0', import.meta.url));
const has = (command: string, flag: string) =>
  spawnSync(command, [flag], { stdio: 'ignore' }).status === 0;

/** Tells why HAPI cannot be started here; undefined where it can. */
export function whyNoHapi(): string | undefined {
  if (!has('javac', '-version')) return 'there is no Java compiler';
  return existsSync(`${cache}/ready`) || has('mvn', '-v') ? undefined : 'there is no Maven';
}

/** Brings the jars, if they are not here yet. */
function bringJars(): void {
  if (existsSync(`${cache}/ready`)) return;
  const output = [`-DoutputDirectory=${cache}/lib`, '-DincludeScope=runtime'];
  const goal = ['dependency:copy-dependencies', ...output];
  const built = spawnSync('mvn', ['-q', '-B', '-f', `${source}/pom.xml`, ...goal], {
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`Maven cannot bring HAPI: ${built.stdout.slice(0, 500)}`);
  mkdirSync(`${cache}/ready`);
}

/** Starts HAPI on a free port, and waits until it says its base. */
export async function startHapi(): Promise<{ base: string; close: () => Promise<void> }> {
  bringJars();
  const flags = ['-Xmx1g', '-XX:TieredStopAtLevel=1', '-cp', `${cache}/lib/*`];
  const child = spawn('java', [...flags, `${source}/HapiPartner.java`], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const base = await saidBase(child);
  return {
    base,
    async close() {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.stdin?.end();
      await ended;
    },
  };
}

/** Waits for the line that says the base. A process that ends before says why. */
function saidBase(child: ChildProcess): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      const base = /^ready (http\S+)$/m.exec(output)?.[1];
      if (base !== undefined) resolve(base);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('close', () => reject(new Error(`HAPI ended: ${output.slice(-2_000)}`)));
  });
}
