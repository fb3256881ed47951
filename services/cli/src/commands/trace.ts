import { AppError } from '@loopwell/kit';
import { timelineOf } from '@loopwell/store';
import { withDatabase } from '../run/data-directory.ts';
import { tenant } from '../run/run.ts';
import type { Environment } from '../run/session.ts';

const print = (text: string) => process.stdout.write(`${text}\n`);

/** `loopwell trace`: one timeline; ids, codes and times only. */
export async function traceCommand(
  id: string,
  options: { dataDir?: string; json: boolean },
  environment: Environment,
): Promise<number> {
  return withDatabase(options, environment, async (db) => {
    const timeline = await db.tx((tx) => timelineOf(tx, tenant, id));
    if (timeline.length === 0)
      throw new AppError('NOT_FOUND', 'No Encounter, Condition or Task with this id is known here');
    if (options.json) print(JSON.stringify({ id, timeline }));
    else
      for (const one of timeline)
        print(`${one.at.toISOString()}  ${one.stage.padEnd(10)}  ${one.what}  ${one.who}`);
    return 0;
  });
}
