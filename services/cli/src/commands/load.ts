import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  type FileEhr,
  filesOf,
  type LoadProblem,
  readResources,
  serveFiles,
} from '@loopwell/intake';
import { AppError } from '@loopwell/kit';
import { categorized, type Uncategorized } from '../input-files/observation-categories.ts';
import { type Ended, followPlan, reportEnd } from '../run/follow-run.ts';
import { type RunOptions, withSite } from '../run/options.ts';
import { planOf } from '../run/run.ts';
import { type Environment, openSession, remembered, type Session } from '../run/session.ts';
import { folderOf } from './run.ts';

/** The connection of the EHR that serves the files. */
const connectionId = 'files';

/** Stands in until that EHR listens; nothing is asked there. */
const notYet = 'http://127.0.0.1/';

/** `loopwell load`: serves files as an EHR, then runs on them, with the options of `run`. */
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
    const fileEhr = await openFiles(session);
    try {
      return await runOnFiles(session, fileEhr, files, options);
    } finally {
      await fileEhr.close();
    }
  } finally {
    await session.close();
  }
}

async function runOnFiles(
  session: Session,
  fileEhr: FileEhr,
  files: readonly string[],
  options: RunOptions,
): Promise<number> {
  const problems = await readFiles(session, fileEhr, files);
  const {
    ehrTokenFile: _file,
    ehrClientId: _id,
    ehrKey: _key,
    ehrKid: _kid,
    ehrTokenUrl: _url,
    ...rest
  } = options;
  if (_file ?? _id) session.tell('Files are served without credentials: those given are not used.');
  const plan = {
    ...planOf({ ...rest, ehr: fileEhr.base }),
    connectionId,
    ownOrigins: [new URL(fileEhr.base).origin],
  };
  const ended = await followPlan(session, plan);
  return reportEnd(session, withProblems(ended, problems), options);
}

/** @throws AppError CONFIG_INVALID when there is nothing that could be read */
async function readFiles(
  session: Session,
  fileEhr: FileEhr,
  files: readonly string[],
): Promise<LoadProblem[]> {
  const problems: LoadProblem[] = [];
  const uncategorized = { kept: 0, left: 0, elsewhere: 0 };
  const { read, changed } = await fileEhr.load(
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

/** What was loaded and written back is kept in the data directory, and so is the address from one run to the next. */
async function openFiles(session: Session): Promise<FileEhr> {
  const folder = join(session.folder, 'files');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { port } = remembered(folder, 'port.json', () => ({ port: 0 }));
  const fileEhr = await serveFiles(folder, port).catch((error: unknown) => {
    if (port === 0 || !isPortTaken(error)) throw error;
    session.tell(`Port ${port} is taken: the files are served on another one from now on.`);
    return serveFiles(folder, 0);
  });
  writeFileSync(join(folder, 'port.json'), JSON.stringify({ port: fileEhr.port }), { mode: 0o600 });
  return fileEhr;
}

const isPortTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
