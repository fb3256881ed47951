import { checkCredentialFiles } from '../input-files/credential-files.ts';
import { followPlan, reportEnd } from '../run/follow-run.ts';
import { type RunOptions, withSite } from '../run/options.ts';
import { planOf } from '../run/run.ts';
import { dataFolderOf, type Environment, openSession } from '../run/session.ts';

/** `loopwell run`: the journey against servers of the site. */
export async function runCommand(
  runOptions: RunOptions,
  environment: Environment,
): Promise<number> {
  const options = withSite(runOptions, environment);
  const plan = planOf(options);
  await checkCredentialFiles(options);
  const session = await openSession(dataFolderOf(options, 'run'), environment, {
    fresh: options.fresh === true,
  });
  try {
    return reportEnd(session, await followPlan(session, plan), options);
  } finally {
    await session.close();
  }
}
