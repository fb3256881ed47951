import { resolve } from 'node:path';
import { readResources, startSandbox } from '@loopwell/sandbox';
import { AppError } from '@loopwell/kit';
import type { RunOptions } from '../run/options.ts';
import { accountsOf, followRun, openRun, planOf, report, type RunPlan } from '../run/run.ts';
import { defaultFolder, type Environment, openSession, type Session } from '../run/session.ts';

/** `loopwell run`: the journey against somebody's servers. */
export async function runCommand(options: RunOptions, environment: Environment): Promise<number> {
  const plan = planOf(options);
  const session = await openSession(folderOf(options, 'run'), environment, { fresh: false });
  return runToEnd(session, plan);
}

export const folderOf = (options: { dataDir?: string }, command: string): string => (options.dataDir ? resolve(options.dataDir) : defaultFolder(command));

async function runToEnd(session: Session, plan: RunPlan): Promise<number> {
  const started = Date.now();
  try {
    const composition = await openRun(session, plan);
    try {
      session.tell(`Loopwell is working at ${composition.address}.`);
      await followRun(session, composition, plan.options);
      const result = await accountsOf(composition);
      return report({ ...result, durationMs: Date.now() - started }, plan.options.json);
    } finally {
      await composition.close();
    }
  } finally {
    await session.close();
  }
}

/** `loopwell load`: serves files from the sandbox EHR, then runs on them. */
export async function loadCommand(files: readonly string[], options: RunOptions, environment: Environment): Promise<number> {
  const session = await openSession(folderOf(options, 'load'), environment, { fresh: false });
  const sandbox = await startSandbox({ port: 0, host: '127.0.0.1', ehrs: [{ name: 'files' }], partners: [] });
  try {
    const problems: string[] = [];
    const count = await sandbox.load(
      'files',
      readResources(files, (problem) => problems.push(`${problem.file}:${problem.line}: ${problem.reason}`)),
    );
    for (const problem of problems.slice(0, 20)) session.tell(problem);
    if (problems.length > 20) session.tell(`… and ${problems.length - 20} more lines that could not be read.`);
    if (count === 0) throw new AppError('CONFIG_INVALID', 'The files hold no FHIR resource that could be read');
    session.tell(`${count} resources are served from ${files.length} ${files.length === 1 ? 'file' : 'files'}.`);
    // The sandbox is ours: its address is named by this command.
    const plan = planOf({ ...options, ehr: sandbox.ehrBase('files'), allowPrivateNetworks: true, once: true });
    const status = await runToEnd(session, { ...plan, connectionId: 'files' });
    return problems.length > 0 && status === 0 ? 3 : status;
  } catch (error) {
    await session.close();
    throw error;
  } finally {
    await sandbox.close();
  }
}
