import type { CommandDefinition } from '../command-line/definition.ts';
import type { Environment } from '../command-line/environment.ts';
import { parseWebAddress } from '../command-line/option-parsers.ts';
import { exitStatusHelp } from '../command-line/shared-options.ts';
import { checkCredentialFiles } from '../input-files/credential-files.ts';
import { followPlan, reportEnd } from '../run/follow-run.ts';
import { withSite } from '../run/option-checks.ts';
import { type RunOptions, runOptions } from '../run/options.ts';
import { planOf } from '../run/run.ts';
import { dataFolderOf, openSession } from '../run/session.ts';

/** `loopwell run`: runs the journey against servers of the site. */
export const runCommand: CommandDefinition = {
  name: 'run',
  description:
    'the journey against your servers; without --send and --write-back it discloses nothing',
  options: [
    {
      flags: '--ehr <base>',
      description: 'FHIR base of the EHR',
      parse: parseWebAddress,
      isRequired: true,
    },
    ...runOptions,
  ],
  helpText: exitStatusHelp,
  run: runOnServers,
};

async function runOnServers(siteOptions: RunOptions, environment: Environment): Promise<number> {
  const options = withSite(siteOptions, environment);
  const plan = planOf(options);
  await checkCredentialFiles(options);
  const session = await openSession(dataFolderOf(options, 'run'), environment, {
    startOver: options.startOver === true,
  });
  try {
    return reportEnd(session, await followPlan(session, plan), options);
  } finally {
    await session.close();
  }
}
