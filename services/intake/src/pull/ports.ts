import type { Clock, Log } from '@loopwell/kit';
import type { NudgeFunction } from '@loopwell/pipeline';
import type { Tx } from '@loopwell/store';
import type { PulledType } from './check/pulled-types.ts';
import type { PullPlan, Window, WindowPage } from './pull.ts';
import type { Newest } from './rows-ahead-of-clock.ts';

/** The functions of an EHR that a pull needs. */
export type EhrReader = {
  serverNow: () => Promise<Date>;
  pages: (window: Window) => AsyncIterable<WindowPage>;
  /** Whether the EHR says that it has a type; undefined when it does not say. */
  offers: (type: string) => Promise<boolean | undefined>;
  /** Returns the newest row after an instant, by the EHR's own clock. */
  newestAfter: (type: PulledType, after: Date) => Promise<Newest | undefined>;
  /** Whether the EHR gives anything of a type for one patient. */
  gives: (type: PulledType, patient: string) => Promise<boolean>;
  /** Returns the status of the answer to `/metadata`; undefined when it is unknown. */
  metadataStatus: () => Promise<number | undefined>;
  /** Whether the type is read whole each time, because the EHR has no search by time. */
  isWhole: (type: string, byPatient: boolean) => Promise<boolean>;
};

export type PullStageDeps = {
  read: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  readerOf: (connection: string) => EhrReader | undefined;
  /** Whether this run or process talks to the EHR. */
  isConnected: (connection: string) => Promise<boolean>;
  /** Whether an operator has paused the connection. Nothing is asked of its EHR then. */
  isPaused: (connection: string) => Promise<boolean>;
  /** Returns the milliseconds after which an EHR may be asked; undefined means now. */
  waitFor: (base: string, rows: number) => number | undefined;
  nudge: NudgeFunction;
  plan: PullPlan;
  /**
   * Milliseconds that coding waits for the rest of a person's resources, which arrive on several
   * pages.
   */
  coalesceMs: number;
  intervalMs: number;
  clock: Clock;
  log: Log;
  /** Prints one sentence for people when a server refuses a search across patients. */
  tell: (sentence: string) => void;
  signal: AbortSignal;
};
