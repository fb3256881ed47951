import { resolve } from 'node:path';
import { followPlan, reportEnd } from '../run/follow-run.ts';
import { checkCredentialFiles, type RunOptions, withSite } from '../run/options.ts';
import { planOf } from '../run/run.ts';
import { defaultFolder, type Environment, openSession } from '../run/session.ts';

export const folderOf = (options: { dataDir?: string }, command: string): string =>
  options.dataDir ? resolve(options.dataDir) : defaultFolder(command);

/** `loopwell run`: the journey against somebody's servers. */
export async function runCommand(given: RunOptions, environment: Environment): Promise<number> {
  const options = withSite(given, environment);
  const plan = planOf(options);
  await checkCredentialFiles(options);
  const session = await openSession(folderOf(options, 'run'), environment, {
    fresh: options.fresh === true,
  });
  try {
    return reportEnd(session, await followPlan(session, plan), options);
  } finally {
    await session.close();
  }
}
