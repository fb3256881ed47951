import { AppError } from '@loopwell/kit';
import { timelineOf } from '@loopwell/store';
import type { CommandDefinition } from '../command-line/definition.ts';
import type { Environment } from '../command-line/environment.ts';
import { jsonOption, lookIntoHelp, lookIntoOption } from '../command-line/shared-options.ts';
import { withDatabase } from '../run/data-directory.ts';
import { printLine } from '../terminal/standard-streams.ts';

/** `loopwell trace`: prints one timeline with ids, codes and times only. */
export const traceCommand: CommandDefinition = {
  name: 'trace',
  description:
    'one timeline: pulled, screened, coded, approved by whom, consent, sent, answered, written ' +
    'back',
  arguments: [
    {
      name: '<id>',
      description:
        "id of an Encounter, Condition or Task, ours, the EHR's or the partner's, with " +
        'or without its type',
    },
  ],
  options: [lookIntoOption, jsonOption],
  helpText: lookIntoHelp,
  run: showTimeline,
};

async function showTimeline(
  id: string,
  options: { dataDir?: string; json: boolean },
  environment: Environment,
): Promise<number> {
  return withDatabase(options, environment, async (db) => {
    const timeline = await db.tx((tx) => timelineOf(tx, tx.tenant, id));
    if (timeline.length === 0)
      throw new AppError('NOT_FOUND', 'No Encounter, Condition or Task with this id is known here');
    if (options.json) printLine(JSON.stringify({ id, timeline }));
    else
      for (const { at, stage, what, who } of timeline)
        printLine(`${at.toISOString()}  ${stage.padEnd(10)}  ${what}  ${who}`);
    return 0;
  });
}
