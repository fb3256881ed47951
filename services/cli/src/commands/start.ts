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
import { exitStatus, report } from '../run/result.ts';
import { type RunPlan, tenant } from '../run/run.ts';
import { openSandbox, type SandboxProcess } from '../run/sandbox-process.ts';
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
};

/** `loopwell start`: runs everything on one machine, on made-up people, with sandbox partners of every behavior. */
export const startCommand: CommandDefinition = {
  name: 'start',
  description:
    'the whole journey on made-up people, on embedded storage, with a sandbox EHR and sandbox partners',
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
  ],
  run: start,
};

async function start(options: StartOptions, environment: Environment): Promise<number> {
  const session = await openSession(dataFolderOf(options, 'start'), environment, {
    startOver: options.startOver,
  });
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
  const ended = await followPlan(session, planOf(sandbox, options), async () => {
    session.tell(
      `Sandbox EHR: ${sandbox.address}/ehr/clinic/fhir   Partners: ${sandbox.address}/partners/<name>/fhir`,
    );
  }).finally(() => watching.abort());
  if (options.once) return compareWithScript(session, sandbox, ended, options);
  if (options.json) report(ended.findings, ended.durationMs, true, session.tell);
  return exitStatus.ok;
}

/** 0 when everything ended as the sandbox's script says it must, 1 otherwise. */
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
  for (const one of waited) session.tell(`${one}.`);
  const wrong = differences(sandbox.script, findings.totals);
  for (const line of wrong) session.tell(`Not as scripted: ${line}`);
  if (wrong.length === 0) session.tell('Everything ended as scripted.');
  return wrong.length === 0 ? exitStatus.ok : exitStatus.couldNotRun;
}

/**
 * Long enough that a partner that answers is never taken for silent on a slow machine (it answers within a second on an
 * idle one), short enough that the end of a silent one is seen in a demonstration.
 */
const silenceMs = 20_000;

function planOf(sandbox: SandboxProcess, options: StartOptions): RunPlan {
  const base = `${sandbox.address}/ehr/clinic/fhir`;
  return {
    ehrBase: base,
    connectionId: 'clinic',
    partners: partnerRows(sandbox.directory, tenant),
    tokens: sandbox.tokens,
    patients: [],
    fast: true,
    ownOrigins: [new URL(sandbox.address).origin],
    options: {
      ehr: base,
      ehrClientId: 'loopwell',
      ehrKey: sandbox.keyFile,
      ehrKind: 'plain-r4',
      ehrAlias: [],
      approve: 'unambiguous',
      agreedByConsent: false,
      consentValidFor: 365,
      siteName: 'Loopwell',
      contactFromChart: false,
      minorAge: 18,
      readAfterEnd: 30 * 86_400_000,
      send: true,
      writeBack: true,
      allowPrivateNetworks: false,
      host: options.host,
      acceptBy: { ms: silenceMs },
      decideBy: { businessDays: 2 },
      // Only while a partner holds a Task: the silent one has to be found out before this is the end.
      settle: silenceMs + 40_000,
      once: options.once,
      timeout: options.timeout,
      json: options.json,
      ...withoutUndefined({
        port: options.port,
        timeZone: options.timeZone,
        identifierSystem: options.identifierSystem,
      }),
    },
  };
}
