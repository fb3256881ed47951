import { AppError, errorRecord } from '@loopwell/kit';
import { endOnUncaught, type Host } from '@loopwell/service';
import { connections } from '@loopwell/store';
import { watch } from '../terminal/watch.ts';
import { sayAddresses } from './print-addresses.ts';
import { exitStatus, type Findings, readFindings, report } from './result.ts';
import { followRun, openRun, type RunPlan, tenant } from './run.ts';
import type { Session } from './session.ts';

/** `waited`: servers that were waited for at the end, each in a sentence. */
export type Ended = {
  end: 'settled' | 'timeout' | 'stopped';
  findings: Findings;
  durationMs: number;
  waited: readonly string[];
};

/** Opens a plan, shows it as it goes, and reads what came of it when it has ended. Closes what it opened. */
export async function followPlan(
  session: Session,
  plan: RunPlan,
  onOpen: (host: Host) => Promise<void> = async () => {},
): Promise<Ended> {
  const started = Date.now();
  const { once, timeout } = plan.options;
  const ending = endOf(session.signal, once ? timeout : undefined);
  const host = await openRun(session, plan, ending.signal).catch((error: unknown) => {
    ending.release();
    throw ending.reason() ? stoppedWhileOpening(error, ending.reason()) : error;
  });
  const release = endOnUncaught({
    noteEnd: host.noteEnd,
    say: (error) => process.stderr.write(`${lastWords(error)}\n`),
  });
  const view = watch(host.db, tenant, session.screen, session.signal);
  try {
    await onOpen(host);
    // A run that ends by itself would leave a link behind that opens nothing.
    if (!plan.options.once) await sayAddresses(host, tenant, plan.options.publicUrl, session.tell);
    await sayWhatElseIsHere(session, host, plan.ehrBase);
    const left = Math.max(0, timeout - (Date.now() - started));
    const end = await followRun(session, host, { ...plan.options, timeout: left });
    view.stop();
    const waited = end === 'settled' ? [] : host.waitsFor();
    return {
      end,
      findings: await readFindings(host.db, tenant),
      durationMs: Date.now() - started,
      waited,
    };
  } finally {
    view.stop();
    ending.release();
    await host.close();
    release();
  }
}

type Reason = 'timeout' | 'stopped';

/** Aborts when somebody stops us or when time is up, whichever comes first; from then on nobody waits for other servers. */
function endOf(stop: AbortSignal, timeoutMs: number | undefined) {
  const ending = new AbortController();
  let reason: Reason | undefined;
  const end = (why: Reason) => {
    reason ??= why;
    ending.abort();
  };
  const onStop = () => end('stopped');
  if (stop.aborted) onStop();
  stop.addEventListener('abort', onStop, { once: true });
  const timer = timeoutMs === undefined ? undefined : setTimeout(end, timeoutMs, 'timeout');
  return {
    signal: ending.signal,
    reason: () => reason,
    release: () => {
      clearTimeout(timer);
      stop.removeEventListener('abort', onStop);
    },
  };
}

/** Names the server whose answer was waited for. */
function stoppedWhileOpening(error: unknown, reason: Reason | undefined): unknown {
  const { origin } = errorRecord(error).facts;
  if (typeof origin !== 'string') return error;
  const when = reason === 'timeout' ? 'The timeout came' : 'Stopped';
  return new AppError('REMOTE_UNAVAILABLE', `${when} before the EHR had answered to the end`, {
    facts: { origin },
  });
}

function lastWords(error: unknown): string {
  const { code, facts } = errorRecord(error);
  return `A failure was handled nowhere (${String(facts.code ?? code)}); what was in hand goes on with the next run.`;
}

/** The totals cover the whole data directory, other EHRs that were read into it included: says so. */
async function sayWhatElseIsHere(session: Session, { db }: Host, ehrBase: string): Promise<void> {
  const others = (await db.tx((tx) => connections.listConnections(tx, tenant))).filter(
    (one) => one.base !== ehrBase,
  );
  if (others.length === 0) return;
  const bases = others.map((one) => one.base).join(', ');
  session.tell(
    `This data directory also holds what earlier runs read from ${bases}; the totals count it, too (--fresh starts over).`,
  );
}

/** Prints what came of a run; one that was cut short cannot end with 0. */
export function reportEnd(
  session: Session,
  { end, findings, durationMs, waited }: Ended,
  options: { once: boolean; json: boolean },
): number {
  const cutShort = options.once && end !== 'settled';
  if (cutShort)
    session.tell(
      end === 'timeout'
        ? 'The timeout came before everything was at rest.'
        : 'Stopped before everything was at rest.',
    );
  for (const one of waited) session.tell(`${one}.`);
  const status = report(findings, durationMs, options.json, session.tell);
  if (!cutShort) return status;
  if (end === 'stopped') return exitStatus.couldNotRun;
  return status === exitStatus.ok ? exitStatus.leftovers : status;
}
