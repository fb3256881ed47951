import { AppError } from '@loopwell/kit';
import { logViews, peopleOfTimeline, timelineOf } from '@loopwell/store';
import type { CommandDefinition } from '../command-line/definition.ts';
import type { Environment } from '../command-line/environment.ts';
import { requirePrincipal } from '../command-line/principal.ts';
import {
  byOption,
  jsonOption,
  lookIntoHelp,
  lookIntoOption,
} from '../command-line/shared-options.ts';
import { withDatabase } from '../run/data-directory.ts';
import { printLine } from '../terminal/standard-streams.ts';

/** `loopwell trace`: prints one timeline with ids, codes and times only, and records who looked. */
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
  options: [lookIntoOption, byOption('looks'), jsonOption],
  helpText: lookIntoHelp,
  run: showTimeline,
};

async function showTimeline(
  id: string,
  options: { dataDir?: string; by?: string; json: boolean },
  environment: Environment,
): Promise<number> {
  return withDatabase(options, environment, async (db) => {
    const timeline = await db.tx(async (tx) => {
      const people = await peopleOfTimeline(tx, tx.tenant, id);
      const principal = { id: requirePrincipal(options) };
      await logViews(tx, { principal, page: 'loopwell trace', people, what: 'person' });
      return timelineOf(tx, tx.tenant, id);
    });
    if (timeline.length === 0)
      throw new AppError('NOT_FOUND', 'No Encounter, Condition or Task with this id is known here');
    if (options.json) printLine(JSON.stringify({ id, timeline }));
    else
      for (const { at, stage, what, who } of timeline)
        printLine(`${at.toISOString()}  ${stage.padEnd(10)}  ${what}  ${who}`);
    return 0;
  });
}
