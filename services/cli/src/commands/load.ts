import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AppError } from '@loopwell/kit';
import {
  filesOf,
  type LoadProblem,
  readResources,
  type Sandbox,
  startSandbox,
} from '@loopwell/sandbox';
import { type Ended, followPlan, reportEnd } from '../run/follow-run.ts';
import { type RunOptions, withSite } from '../run/options.ts';
import { planOf } from '../run/run.ts';
import { type Environment, openSession, remembered, type Session } from '../run/session.ts';
import { categorized, type Uncategorized } from './categorized.ts';
import { folderOf } from './run.ts';

/** The EHR that serves the files, and its connection. */
const ehrName = 'files';

/** Stands in until the sandbox listens; nothing is asked there. */
const notYet = 'http://127.0.0.1/';

/** `loopwell load`: serves files from the sandbox EHR, then runs on them, with the options of `run`. */
export async function loadCommand(
  paths: readonly string[],
  given: RunOptions,
  environment: Environment,
): Promise<number> {
  const options = withSite(given, environment);
  planOf({ ...options, ehr: notYet });
  const files = filesOf(paths);
  if (files.length === 0)
    throw new AppError('CONFIG_INVALID', 'The folders hold no JSON or NDJSON files');
  const session = await openSession(folderOf(options, 'load'), environment, {
    fresh: options.fresh === true,
  });
  try {
    const sandbox = await openFiles(session);
    try {
      return await runOnFiles(session, sandbox, files, options);
    } finally {
      await sandbox.close();
    }
  } finally {
    await session.close();
  }
}

async function runOnFiles(
  session: Session,
  sandbox: Sandbox,
  files: readonly string[],
  options: RunOptions,
): Promise<number> {
  const problems = await readFiles(session, sandbox, files);
  const {
    ehrTokenFile: _file,
    ehrClientId: _id,
    ehrKey: _key,
    ehrKid: _kid,
    ehrTokenUrl: _url,
    ...rest
  } = options;
  if (_file ?? _id)
    session.tell('The sandbox EHR asks for no credentials: those given are not used.');
  const plan = {
    ...planOf({ ...rest, ehr: sandbox.ehrBase(ehrName) }),
    connectionId: ehrName,
    ownOrigins: [new URL(sandbox.address).origin],
  };
  const ended = await followPlan(session, plan);
  return reportEnd(session, withProblems(ended, problems), options);
}

/** @throws AppError CONFIG_INVALID when there is nothing that could be read */
async function readFiles(
  session: Session,
  sandbox: Sandbox,
  files: readonly string[],
): Promise<LoadProblem[]> {
  const problems: LoadProblem[] = [];
  const uncategorized = { kept: 0, left: 0, elsewhere: 0 };
  const { read, changed } = await sandbox.load(
    ehrName,
    categorized(
      readResources(files, (problem) => problems.push(problem)),
      uncategorized,
    ),
  );
  for (const { file, line, reason } of problems.slice(0, 20))
    session.tell(`${file}:${line}: ${reason}`);
  if (problems.length > 20)
    session.tell(`… and ${problems.length - 20} more that could not be read.`);
  if (read === 0)
    throw new AppError('CONFIG_INVALID', 'The files hold no FHIR resource that could be read');
  session.tell(
    `${read} resources are served from ${files.length} ${files.length === 1 ? 'file' : 'files'}; ${changed} of them are new or changed.`,
  );
  tellOf(session, uncategorized);
  return problems;
}

function tellOf(session: Session, { kept, left, elsewhere }: Uncategorized): void {
  const have = (count: number, what: string) =>
    `${count} ${count === 1 ? 'Observation has' : 'Observations have'} ${what}`;
  if (kept > 0)
    session.tell(
      `${have(kept, 'no category of screenings')} and a question of one: served as survey.`,
    );
  if (elsewhere > 0)
    session.tell(
      `${have(elsewhere, 'a question of a screening')} under a category of something else, and will not be read.`,
    );
  if (left > 0)
    session.tell(
      `${have(left, 'no category')} and will not be read: EHRs are asked for survey, social-history and sdoh. \`loopwell code\` reads all.`,
    );
}

/** What could not be read of the files is quarantined like everything else that cannot be read. */
function withProblems(ended: Ended, problems: readonly LoadProblem[]): Ended {
  const [first] = problems;
  if (!first) return ended;
  const { findings } = ended;
  const entry = {
    code: 'unreadable-file-content',
    count: problems.length,
    example: `${basename(first.file)}:${first.line}`,
  };
  const totals = { ...findings.totals, quarantine: [...findings.totals.quarantine, entry] };
  return {
    ...ended,
    findings: {
      ...findings,
      totals,
      left: [
        ...findings.left,
        `${entry.count} quarantined: ${entry.code}, for example ${entry.example}`,
      ],
    },
  };
}

/** The sandbox keeps what was loaded and written back in the data directory, and its address from one run to the next. */
async function openFiles(session: Session): Promise<Sandbox> {
  const dir = join(session.folder, 'sandbox');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const { port } = remembered(dir, 'port.json', () => ({ port: 0 }));
  const open = (at: number) =>
    startSandbox({ port: at, host: '127.0.0.1', dir, ehrs: [{ name: ehrName }], partners: [] });
  const sandbox = await open(port).catch((error: unknown) => {
    if (port === 0 || !(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'))
      throw error;
    session.tell(`Port ${port} is taken: the files are served on another one from now on.`);
    return open(0);
  });
  writeFileSync(
    join(dir, 'port.json'),
    JSON.stringify({ port: Number(new URL(sandbox.address).port) }),
    { mode: 0o600 },
  );
  return sandbox;
}
