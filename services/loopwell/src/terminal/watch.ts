import { sleep } from '@loopwell/kit';
import { type Database, type StageStatus, status } from '@loopwell/store';

/**
 * Shows the journey as it goes, on stderr: redrawn in place on a terminal, a plain line now and then where there is
 * none.
 */
export function watch(db: Database, organisation: string, signal: AbortSignal): { stop: () => void } {
  const stopping = new AbortController();
  signal.addEventListener('abort', () => stopping.abort(), { once: true });
  const out = process.stderr;
  let drawn = 0;
  const loop = async () => {
    while (!stopping.signal.aborted) {
      const stages = await db.tx((tx) => status.readStages(tx, organisation)).catch(() => undefined);
      const gates = await db.tx((tx) => status.readGates(tx, organisation)).catch(() => []);
      if (stages && !stopping.signal.aborted) {
        if (out.isTTY) drawn = redraw(out, drawn, [...stages.map(lineOf), gateLine(gates)]);
        else out.write(`${new Date().toISOString()} ${stages.map((one) => `${one.stage} ${one.done}`).join(', ')}; ${gateLine(gates)}\n`);
      }
      await sleep(out.isTTY ? 500 : 5_000, stopping.signal);
    }
  };
  loop().catch(() => {});
  return { stop: () => stopping.abort() };
}

function redraw(out: NodeJS.WriteStream, before: number, lines: readonly string[]): number {
  const width = out.columns ?? 80;
  const up = before > 0 ? `\u001b[${before}A` : '';
  out.write(`${up}${lines.map((line) => `\u001b[2K${line.slice(0, width - 1)}\n`).join('')}`);
  return lines.length;
}

function lineOf(one: StageStatus): string {
  const waiting = Object.entries(one.waiting).filter(([, n]) => n > 0).map(([who, n]) => `${n} for ${who}`).join(', ');
  const failed = one.failed > 0 ? `  failed ${one.failed}` : '';
  return `${one.stage.padEnd(11)}${String(one.done).padStart(7)} done ${String(one.donePerMinute).padStart(6)}/min${failed}  ${waiting ? `waiting: ${waiting}` : ''}`;
}

const gateLine = (gates: readonly { gate: string; count: number }[]) =>
  gates.length > 0 ? `referrals wait: ${gates.map((one) => `${one.gate} ${one.count}`).join(', ')}` : 'no referral waits';
