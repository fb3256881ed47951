import { connections } from '@loopwell/store';
import { watch } from '../terminal/watch.ts';
import type { Composition } from './compose.ts';
import { sayAddresses } from './links.ts';
import { exitStatus, type Findings, readFindings, report } from './result.ts';
import { followRun, openRun, organisation, type RunPlan } from './run.ts';
import type { Session } from './session.ts';

export type Ended = { end: 'settled' | 'timeout' | 'stopped'; findings: Findings; durationMs: number };

/** Opens a plan, shows it as it goes, and reads what came of it when it has ended. Closes what it opened. */
export async function followPlan(
  session: Session,
  plan: RunPlan,
  onOpen: (composition: Composition) => Promise<void> = async () => {},
): Promise<Ended> {
  const started = Date.now();
  const composition = await openRun(session, plan);
  const view = watch(composition.db, organisation, session.screen, session.signal);
  try {
    await onOpen(composition);
    // A run that ends by itself would leave a link behind that opens nothing.
    if (!plan.options.once) await sayAddresses(composition, organisation, plan.options.publicUrl, session.tell);
    await sayWhatElseIsHere(session, composition, plan.ehrBase);
    const end = await followRun(session, composition, plan.options);
    view.stop();
    return { end, findings: await readFindings(composition.db, organisation), durationMs: Date.now() - started };
  } finally {
    view.stop();
    await composition.close();
  }
}

/** Accounts are those of the data directory: whoever runs on another EHR in it should know. */
async function sayWhatElseIsHere(session: Session, { db }: Composition, ehrBase: string): Promise<void> {
  const others = (await db.tx((tx) => connections.listConnections(tx, organisation))).filter((one) => one.base !== ehrBase);
  if (others.length === 0) return;
  const bases = others.map((one) => one.base).join(', ');
  session.tell(`This data directory also holds what earlier runs read from ${bases}; the accounts count it too (--fresh starts over).`);
}

/** Prints what came of a run; one that was cut short cannot end with 0. */
export function reportEnd(session: Session, { end, findings, durationMs }: Ended, options: { once: boolean; json: boolean }): number {
  const cutShort = options.once && end !== 'settled';
  if (cutShort)
    session.tell(end === 'timeout' ? 'The timeout came before everything was at rest.' : 'Stopped before everything was at rest.');
  const status = report(findings, durationMs, options.json, session.tell);
  if (!cutShort) return status;
  if (end === 'stopped') return exitStatus.couldNotRun;
  return status === exitStatus.ok ? exitStatus.leftovers : status;
}
