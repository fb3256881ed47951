import { withoutUndefined } from '@loopwell/fhir';
import { AppError } from '@loopwell/kit';
import type { CommandDefinition } from '../command-line/definition.ts';
import type { Environment } from '../command-line/environment.ts';
import { parseWholeNumber } from '../command-line/option-parsers.ts';
import {
  identifierSystemOption,
  jsonTotalsOption,
  listenOptions,
  timeoutOption,
  timeZoneOption,
} from '../command-line/shared-options.ts';
import { partnerRows } from '../input-files/partners-file.ts';
import { differences } from '../run/expected-totals.ts';
import { type Ended, followPlan } from '../run/follow-run.ts';
import type { RunOptions } from '../run/options.ts';
import { exitStatus, report } from '../run/result.ts';
import { type RunPlan, tenant } from '../run/run.ts';
import type { SandboxProcess } from '../run/sandbox-process.ts';
import { dataFolderOf, openSession, type Session } from '../run/session.ts';

type StartOptions = {
  once: boolean;
  startOver: boolean;
  json: boolean;
  people: number;
  host: string;
  port?: number;
  timeout: number;
  dataDir?: string;
  timeZone?: string;
  identifierSystem?: string;
  play?: string;
};

/**
 * `loopwell start`: runs everything on one machine, on made-up people, with sandbox partners of
 * every behavior.
 */
export const startCommand: CommandDefinition = {
  name: 'start',
  description:
    'the whole journey on made-up people, on embedded storage, with a sandbox EHR and sandbox ' +
    'partners',
  options: [
    {
      flags: '--once',
      description:
        'end when the sandbox has played to the end: 0 when all ended as scripted, 1 otherwise',
      default: false,
    },
    { flags: '--fresh', description: 'start over', default: false, key: 'startOver' },
    jsonTotalsOption,
    {
      flags: '--people <n>',
      description: 'how many people to make up',
      parse: parseWholeNumber,
      default: 200,
    },
    ...listenOptions,
    timeoutOption,
    timeZoneOption,
    identifierSystemOption,
    {
      flags: '--data-dir <folder>',
      description: 'where everything is kept (default: .loopwell/start)',
    },
    {
      flags: '--play <partner>',
      description: 'play a partner at the hub yourself: nobody else answers its referrals',
      parse: parsePlayed,
    },
  ],
  run: start,
};

const played = ['county-transit'];

function parsePlayed(name: string): string {
  if (played.includes(name)) return name;
  throw new AppError('REQUEST_INVALID', `--play takes a partner at the hub: ${played.join(', ')}`);
}

async function start(options: StartOptions, environment: Environment): Promise<number> {
  // Loaded here: no other command may need the sandbox.
  const { openSandbox } = await import('../run/sandbox-process.ts');
  const session = await openSession(dataFolderOf(options, 'start'), environment, {
    startOver: options.startOver,
  });
  try {
    const sandbox = await openSandbox(session, options);
    try {
      return await play(session, sandbox, options);
    } finally {
      sandbox.child.kill('SIGTERM');
    }
  } finally {
    await session.close();
  }
}

async function play(
  session: Session,
  sandbox: SandboxProcess,
  options: StartOptions,
): Promise<number> {
  const watching = new AbortController();
  sandbox.child.once('exit', () => {
    if (!watching.signal.aborted && !session.signal.aborted)
      session.tell('The sandbox has ended unexpectedly: stop this run and start it again.');
  });
  const ended = await followPlan(session, planOf(sandbox, options), async (host) => {
    await nameAddress(sandbox, '/admin/hub', { base: `${host.address}/fhir` });
    await nameAddress(sandbox, '/outbox/loopwell', { address: host.address });
    session.tell(
      `Sandbox EHR: ${sandbox.address}/ehr/clinic/fhir   Partners: ` +
        `${sandbox.address}/partners/<name>/fhir   Messages: ${sandbox.address}/outbox`,
    );
    if (options.play) sayPlayed(session, sandbox, host.address, options.play);
  }).finally(() => watching.abort());
  if (options.once) return compareWithScript(session, sandbox, ended, options);
  if (options.json) report(ended.findings, ended.durationMs, true, session.tell);
  return exitStatus.ok;
}

/** Says what a person needs who plays a partner: see docs/partner.md. */
function sayPlayed(session: Session, sandbox: SandboxProcess, address: string, name: string): void {
  const bearer = sandbox.tokens[`hub:${name}`]?.read;
  session.tell(`You play ${name}. Copy these two lines into another terminal:`);
  session.tell(`BASE=${address}/fhir`);
  session.tell(`READ=${bearer}`);
}

/** Tells the sandbox where its partners find their Tasks, and where its peers call back. */
async function nameAddress(sandbox: SandboxProcess, path: string, where: object): Promise<void> {
  await fetch(sandbox.address + path, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(where),
    signal: AbortSignal.timeout(10_000),
  });
}

/**
 * Compares the totals with the ones that the script of the sandbox expects.
 * @returns the exit status: 0 when everything ended as scripted, 1 otherwise
 */
function compareWithScript(
  session: Session,
  sandbox: SandboxProcess,
  { end, findings, durationMs, waited }: Ended,
  options: StartOptions,
): number {
  report(findings, durationMs, options.json, session.tell);
  if (end === 'stopped')
    throw new AppError('CONFLICT', 'Stopped before the sandbox had played to the end');
  if (end === 'timeout') session.tell('The timeout came before everything was at rest.');
  for (const sentence of waited) session.tell(`${sentence}.`);
  const mismatches = differences(sandbox.script, findings.totals);
  for (const mismatch of mismatches) session.tell(`Not as scripted: ${mismatch}`);
  if (mismatches.length > 0) return exitStatus.couldNotRun;
  session.tell('Everything ended as scripted.');
  return exitStatus.ok;
}

/**
 * Milliseconds after which a partner of the sandbox counts as silent. A partner that answers does
 * so within a second on an idle machine, so a slow one has enough time; and a demonstration still
 * shows the end of a silent one.
 */
const silenceMs = 20_000;

/** Returns the options of a run on the sandbox. */
function runOptionsOf(sandbox: SandboxProcess, base: string, options: StartOptions): RunOptions {
  const { once, timeout, json, host, port, timeZone, identifierSystem, play } = options;
  return {
    ...sandboxOptions,
    // The sandbox's clinic is in Minnesota.
    timeZone: 'America/Chicago',
    ...withoutUndefined({ port, timeZone, identifierSystem }),
    // A person who plays a partner reads first.
    acceptBy: play === undefined ? { ms: silenceMs } : { businessDays: 2 },
    ehr: base,
    ehrKey: sandbox.keyFile,
    smtpUrl: sandbox.mailUrl,
    mailFrom: 'loopwell@clinic.example',
    textGateway: sandbox.textGateway,
    textFrom: '+16125550199',
    host,
    once,
    timeout,
    json,
  };
}

const sandboxOptions = {
  ehrClientId: 'loopwell',
  ehrKind: 'plain-r4',
  ehrAlias: [],
  approve: 'unambiguous',
  agreedByConsent: false,
  send: true,
  writeBack: true,
  allowPrivateNetworks: false,
  // It counts only while a partner holds a Task, and must be longer than a silent partner is waited
  // for.
  settle: silenceMs + 40_000,
} as const satisfies Partial<RunOptions>;

function planOf(sandbox: SandboxProcess, options: StartOptions): RunPlan {
  const { address, directory, tokens } = sandbox;
  const base = `${address}/ehr/clinic/fhir`;
  return {
    ehrBase: base,
    connectionId: 'clinic',
    partners: partnerRows(directory, tenant),
    tokens,
    patients: [],
    fast: true,
    isSandbox: true,
    bounceSecret: sandbox.bounceSecret,
    ownOrigins: [new URL(address).origin],
    options: runOptionsOf(sandbox, base, options),
  };
}
