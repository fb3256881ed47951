import type { Facts } from '@loopwell/kit';
import type { Tx } from './database.ts';
import { insertRows } from './insert-rows.ts';

/** One line of the history: an outcome, and the principal behind it. */
export type HistoryLine = {
  tenant: string;
  stage: string;
  subject: string;
  person?: string | null;
  outcome: string;
  ms?: number;
  attempt?: number;
  trace: string;
  principal: string;
  /** Ids, codes and numbers. */
  facts?: Facts;
};

/**
 * Appends lines to the history. Facts are ids, codes and numbers; never names, answers or free
 * text.
 */
export async function appendHistory(tx: Tx, lines: readonly HistoryLine[]): Promise<void> {
  await insertRows(
    tx,
    'history',
    [
      'tenant',
      'stage',
      'subject',
      'person',
      'outcome',
      'ms',
      'attempt',
      'trace',
      'principal',
      'facts',
    ],
    lines.map((line) => [
      line.tenant,
      line.stage,
      line.subject,
      line.person ?? null,
      line.outcome,
      line.ms ?? null,
      line.attempt ?? 0,
      line.trace,
      line.principal,
      line.facts ? JSON.stringify(line.facts) : null,
    ]),
  );
}
