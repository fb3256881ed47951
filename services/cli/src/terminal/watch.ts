import { sleep } from '@loopwell/kit';
import {
  type Database,
  type GateCount,
  operations,
  type Refusal,
  readSnapshot,
  type StageStatus,
  status,
} from '@loopwell/store';
import type { Screen } from './progress-display.ts';

export type View = {
  stages: readonly StageStatus[];
  gates: readonly GateCount[];
  refusals: readonly Refusal[];
  quarantined: readonly { code: string; count: number }[];
};

/**
 * Shows the journey on stderr: redrawn in place on a terminal, elsewhere as a plain line when
 * something has changed.
 */
export function watch(
  db: Database,
  tenant: string,
  screen: Screen,
  signal: AbortSignal,
): { stop: () => void } {
  const stopping = new AbortController();
  signal.addEventListener('abort', () => stopping.abort(), { once: true });
  let last = '';
  const loop = async () => {
    while (!stopping.signal.aborted) {
      const view = await readView(db, tenant).catch(() => undefined);
      if (view && !stopping.signal.aborted) {
        screen.draw(blockOf(view, colors(screen.isColoured)));
        const line = lineOf(view);
        if (!screen.isLive && line !== last) screen.say(`${new Date().toISOString()} ${line}`);
        last = line;
      }
      await sleep(screen.isLive ? 500 : 5_000, stopping.signal);
    }
  };
  loop().catch(() => {});
  return {
    stop: () => {
      stopping.abort();
    },
  };
}

/** Reads the view in one transaction. */
export function readView(db: Database, tenant: string): Promise<View> {
  return readSnapshot(db, async (tx) => {
    return {
      stages: await status.readStages(tx, tenant),
      gates: await status.readGates(tx, tenant),
      refusals: await status.readRefusals(tx, tenant),
      quarantined: (await operations.readQuarantine(tx, tenant)).slice(0, 3),
    };
  });
}

type Colors = Record<'bold' | 'dim' | 'green' | 'yellow' | 'red', (text: string) => string>;

/** Returns functions that color a text, or leave it as it is when colors are off. */
export function colors(on: boolean): Colors {
  const paint = (code: number) => (text: string) =>
    on && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { bold: paint(1), dim: paint(2), green: paint(32), yellow: paint(33), red: paint(31) };
}

/**
 * Returns the block for a terminal: one row for each stage, then what referrals wait for, and what
 * was refused and quarantined.
 */
export function blockOf(view: View, paint: Colors): string[] {
  const head = paint.dim(
    `${'stage'.padEnd(12)}${'done'.padStart(8)}${'per min'.padStart(9)}${'now'.padStart(6)} ` +
      ' waiting for',
  );
  const gates = view.gates.map((one) => `${one.gate} ${one.count}`).join(', ');
  const refused = view.refusals
    .slice(0, 3)
    .map(
      (refusal) =>
        `${refusal.receiver} ${refusal.count}×${refusal.status ? ` ${refusal.status}` : ''}${refusal.issueCode ? ` ${refusal.issueCode}` : ''}`,
    )
    .join(', ');
  const quarantined = view.quarantined.map((one) => `${one.code} ${one.count}`).join(', ');
  return [
    '',
    head,
    ...view.stages.map((one) => stageRow(one, paint)),
    ...(gates === '' ? [] : [`${paint.bold('referrals'.padEnd(12))}${gates}`]),
    ...(refused === '' ? [] : [`${paint.bold('refused'.padEnd(12))}${paint.red(refused)}`]),
    ...(quarantined === ''
      ? []
      : [`${paint.bold('quarantined'.padEnd(12))}${paint.yellow(quarantined)}`]),
  ];
}

function stageRow(stage: StageStatus, paint: Colors): string {
  const failed = stage.failed > 0 ? `  ${paint.red(`${stage.failed} failed`)}` : '';
  const done = paint.green(String(stage.done).padStart(8));
  return (
    `${paint.bold(stage.stage.padEnd(12))}${done}${String(stage.donePerMinute).padStart(9)}${String(stage.active || '').padStart(6)} ` +
    ` ${paint.yellow(waitingOf(stage))}${failed}`
  );
}

function waitingOf(stage: StageStatus): string {
  const owners = Object.entries(stage.waiting).filter(([, count]) => count > 0);
  return owners.map(([owner, count]) => `${owner} ${count}`).join(', ');
}

/** Returns the same view in one plain line. */
export function lineOf({ stages, gates, refusals, quarantined }: View): string {
  const rows = stages.map((stage) => {
    const waiting = waitingOf(stage);
    return `${stage.stage} ${stage.done}${stage.failed > 0 ? ` (${stage.failed} failed)` : ''}${waiting ? ` [waiting: ${waiting}]` : ''}`;
  });
  const parts = [
    rows.join(', '),
    gates.length > 0
      ? `referrals wait: ${gates.map((one) => `${one.gate} ${one.count}`).join(', ')}`
      : 'no referral waits',
    ...(refusals.length > 0
      ? [`refused: ${refusals.map((one) => `${one.receiver} ${one.count}`).join(', ')}`]
      : []),
    ...(quarantined.length > 0
      ? [`quarantined: ${quarantined.map((one) => `${one.code} ${one.count}`).join(', ')}`]
      : []),
  ];
  return parts.join('; ');
}
