import { retention } from '@loopwell/store';
import type { CommandDefinition } from '../../command-line/definition.ts';
import type { Environment } from '../../command-line/environment.ts';
import { jsonOption, lookIntoHelp, lookIntoOption } from '../../command-line/shared-options.ts';
import { withDatabase } from '../../run/data-directory.ts';
import { printLine } from '../../terminal/standard-streams.ts';

/** `loopwell retention`: lists what the retention of the site will delete, before it does. */
export const retentionCommand: CommandDefinition = {
  name: 'retention',
  description: 'what the retention of the site will delete, and when; the next 500',
  options: [lookIntoOption, { ...jsonOption, description: 'one JSON object a line' }],
  helpText: lookIntoHelp,
  run: showNotices,
};

async function showNotices(
  options: { dataDir?: string; json: boolean },
  environment: Environment,
): Promise<number> {
  return withDatabase(options, environment, async (db) => {
    const notices = await retention.listNotices(db, 500);
    for (const { kind, subject, noticedAt, actsAt } of notices) {
      const person = kind === 'person' ? subject : null;
      const row = { kind, person, noticedAt, actsAt };
      const what = person === null ? 'the oldest views of people' : `person ${person}`;
      const line = `${actsAt.toISOString()}  ${what}, listed since ${noticedAt.toISOString()}`;
      printLine(options.json ? JSON.stringify(row) : line);
    }
    if (notices.length === 0) process.stderr.write('Nothing is to be deleted.\n');
    return 0;
  });
}
