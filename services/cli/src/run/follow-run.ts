import { AppError, errorRecord } from '@loopwell/kit';
import { endOnUncaught, type Host } from '@loopwell/service';
import { connections } from '@loopwell/store';
import { watch } from '../terminal/watch.ts';
import { type Findings, readFindings } from './findings.ts';
import { sayAddresses } from './print-addresses.ts';
import { exitStatus, report } from './result.ts';
import { followRun, openRun, type RunPlan, tenant } from './run.ts';
import type { Session } from './session.ts';

/** The end of a run, with its findings. */
export type Ended = {
  end: 'settled' | 'timeout' | 'stopped';
  findings: Findings;
  durationMs: number;
  /** Sentences about the servers that were waited for at the end. */
  waited: readonly string[];
};

/**
 * Opens a plan, shows its progress, and reads the findings at its end. It closes what it opened.
 */
export async function followPlan(
  session: Session,
  plan: RunPlan,
  onOpen: (host: Host) => Promise<void> = async () => {},
): Promise<Ended> {
  const startedAt = Date.now();
  const { once, timeout } = plan.options;
  const ending = watchEnd(session.signal, once ? timeout : undefined);
  try {
    const host = await openRun(session, plan, ending.signal).catch((error: unknown) => {
      throw ending.reason() ? stoppedWhileOpening(error, ending.reason()) : error;
    });
    const release = endOnUncaught({
      noteEnd: host.noteEnd,
      say: (error) => process.stderr.write(`${lastWords(error)}\n`),
    });
    try {
      await onOpen(host);
      return await followHost(session, plan, host, startedAt);
    } finally {
      ending.release();
      await host.close();
      release();
    }
  } finally {
    ending.release();
  }
}

async function followHost(
  session: Session,
  plan: RunPlan,
  host: Host,
  startedAt: number,
): Promise<Ended> {
  const { once, timeout, publicUrl } = plan.options;
  const view = watch(host.db, tenant, session.screen, session.signal);
  try {
    // A run that ends by itself would leave a link that opens nothing.
    if (!once) await sayAddresses(host, tenant, publicUrl, session.tell);
    await tellOtherEhrs(session, host, plan.ehrBase);
    const timeLeftMs = Math.max(0, timeout - (Date.now() - startedAt));
    const end = await followRun(session, host, { ...plan.options, timeout: timeLeftMs });
    view.stop();
    const waited = end === 'settled' ? [] : host.waitsFor();
    const findings = await readFindings(host.db, tenant);
    return { end, findings, durationMs: Date.now() - startedAt, waited };
  } finally {
    view.stop();
  }
}

type Reason = 'timeout' | 'stopped';

/**
 * Creates a signal that aborts when a person stops the run or time is up. After that, nothing waits
 * for other servers.
 */
function watchEnd(stop: AbortSignal, timeoutMs: number | undefined) {
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

/** Returns an error that names the server whose answer was awaited. */
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
  return (
    `A failure was handled nowhere (${String(facts.code ?? code)}); what was in hand goes on ` +
    'with the next run.'
  );
}

/**
 * Prints which other EHRs were read into this data directory, because the totals cover all of it.
 */
async function tellOtherEhrs(session: Session, { db }: Host, ehrBase: string): Promise<void> {
  const all = await db.tx((tx) => connections.listConnections(tx, tenant));
  const otherBases = all.map(({ base }) => base).filter((base) => base !== ehrBase);
  if (otherBases.length === 0) return;
  session.tell(
    `This data directory also holds what earlier runs read from ${otherBases.join(', ')}; ` +
      'the totals count it, too (--fresh starts over).',
  );
}

/**
 * Prints the results of a run.
 * @returns the exit status; not 0 for a run that was cut short
 */
export function reportEnd(
  session: Session,
  { end, findings, durationMs, waited }: Ended,
  options: { once: boolean; json: boolean },
): number {
  const isCutShort = options.once && end !== 'settled';
  if (isCutShort) session.tell(cutShortSentence(end));
  for (const sentence of waited) session.tell(`${sentence}.`);
  const status = report(findings, durationMs, options.json, session.tell);
  if (!isCutShort) return status;
  if (end === 'stopped') return exitStatus.couldNotRun;
  return status === exitStatus.ok ? exitStatus.leftovers : status;
}

const cutShortSentence = (end: Ended['end']): string =>
  end === 'timeout'
    ? 'The timeout came before everything was at rest.'
    : 'Stopped before everything was at rest.';
