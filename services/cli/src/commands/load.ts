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
import type { CommandDefinition } from '../command-line/definition.ts';
import type { Environment } from '../command-line/environment.ts';
import { exitStatusHelp } from '../command-line/shared-options.ts';
import {
  addSurveyCategory,
  type UncategorizedCounts,
} from '../input-files/observation-categories.ts';
import { type Ended, followPlan, reportEnd } from '../run/follow-run.ts';
import { withSite } from '../run/option-checks.ts';
import { type RunOptions, runOptions } from '../run/options.ts';
import { planOf } from '../run/run.ts';
import { dataFolderOf, openSession, remembered, type Session } from '../run/session.ts';
import { countOf } from '../terminal/text-lines.ts';

/** Id of the connection to the EHR that serves the files. */
const connectionId = 'files';

/** A placeholder for the EHR's base until it listens. Nothing is asked there. */
const notYet = 'http://127.0.0.1/';

/** `loopwell load`: serves files as an EHR, then runs on them, with the options of `run`. */
export const loadCommand: CommandDefinition = {
  name: 'load',
  description: 'serve files as an EHR, then run on them',
  arguments: [
    {
      name: '<files...>',
      description: 'Bundle or NDJSON files, gzipped or not, or folders of them',
    },
  ],
  options: runOptions,
  helpText: exitStatusHelp,
  run: loadFiles,
};

async function loadFiles(
  paths: readonly string[],
  siteOptions: RunOptions,
  environment: Environment,
): Promise<number> {
  const options = withSite(siteOptions, environment);
  planOf({ ...options, ehr: notYet });
  const files = filesOf(paths);
  if (files.length === 0)
    throw new AppError('CONFIG_INVALID', 'The folders hold no JSON or NDJSON files');
  const session = await openSession(dataFolderOf(options, 'load'), environment, {
    startOver: options.startOver === true,
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
  const problems = await serveResources(session, fileEhr, files);
  if (options.ehrTokenFile ?? options.ehrClientId)
    session.tell(
      'Files are served without credentials: the ones on the command line are not used.',
    );
  const plan = {
    ...planOf({ ...withoutCredentials(options), ehr: fileEhr.base }),
    connectionId,
    ownOrigins: [new URL(fileEhr.base).origin],
  };
  const ended = await followPlan(session, plan);
  return reportEnd(session, withProblems(ended, problems), options);
}

function withoutCredentials(options: RunOptions): RunOptions {
  const others = { ...options };
  delete others.ehrTokenFile;
  delete others.ehrClientId;
  delete others.ehrKey;
  delete others.ehrKid;
  delete others.ehrTokenUrl;
  return others;
}

/** The number of problems that are shown one by one. The rest is only counted. */
const shownProblems = 20;

/**
 * Loads the resources of the files into the EHR that serves them.
 * @returns what could not be read
 * @throws AppError CONFIG_INVALID when nothing could be read
 */
async function serveResources(
  session: Session,
  fileEhr: FileEhr,
  files: readonly string[],
): Promise<LoadProblem[]> {
  const problems: LoadProblem[] = [];
  const counts = { servedAsSurvey: 0, withoutCategory: 0, inOtherCategory: 0 };
  const resources = readResources(files, (problem) => problems.push(problem));
  const { read, changed } = await fileEhr.load(addSurveyCategory(resources, counts));
  for (const { file, line, reason } of problems.slice(0, shownProblems))
    session.tell(`${file}:${line}: ${reason}`);
  if (problems.length > shownProblems)
    session.tell(`… and ${problems.length - shownProblems} more that could not be read.`);
  if (read === 0)
    throw new AppError('CONFIG_INVALID', 'The files hold no FHIR resource that could be read');
  session.tell(
    `${read} resources are served from ${countOf(files.length, 'file')}; ${changed} of ` +
      'them are new or changed.',
  );
  for (const sentence of uncategorizedSentences(counts)) session.tell(sentence);
  return problems;
}

function uncategorizedSentences(counts: UncategorizedCounts): string[] {
  const { servedAsSurvey, inOtherCategory, withoutCategory } = counts;
  const sentences: string[] = [];
  if (servedAsSurvey > 0)
    sentences.push(
      `${observationsHave(servedAsSurvey)} no category of screenings and a question of ` +
        'one: served as survey.',
    );
  if (inOtherCategory > 0)
    sentences.push(
      `${observationsHave(inOtherCategory)} a question of a screening under a category of ` +
        'something else, and will not be read.',
    );
  if (withoutCategory > 0)
    sentences.push(
      `${observationsHave(withoutCategory)} no category and will not be read: EHRs are asked for survey, social-history and sdoh. \`loopwell code\` reads all.`,
    );
  return sentences;
}

const observationsHave = (count: number): string =>
  countOf(count, 'Observation has', 'Observations have');

/**
 * Adds unreadable file content to the findings. It counts as quarantined, like other content that
 * could not be read.
 */
function withProblems(ended: Ended, problems: readonly LoadProblem[]): Ended {
  const [first] = problems;
  if (!first) return ended;
  const count = problems.length;
  const code = 'unreadable-file-content';
  const example = `${basename(first.file)}:${first.line}`;
  const { totals, left } = ended.findings;
  const findings = {
    ...ended.findings,
    totals: { ...totals, quarantine: [...totals.quarantine, { code, count, example }] },
    left: [...left, `${count} quarantined: ${code}, for example ${example}`],
  };
  return { ...ended, findings };
}

/**
 * Opens the EHR that serves the files. The data directory keeps its resources, loaded or written
 * back, and its port, so that the address stays the same for the next run.
 */
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
