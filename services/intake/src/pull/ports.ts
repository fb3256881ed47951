import type { Clock, Log } from '@loopwell/kit';
import type { NudgeFunction } from '@loopwell/pipeline';
import type { Tx } from '@loopwell/store';
import type { PulledType } from './check/pulled-types.ts';
import type { PullPlan, Window, WindowPage } from './pull.ts';
import type { Newest } from './rows-ahead-of-clock.ts';

/** What an EHR must offer to be read. */
export type EhrReader = {
  serverNow: () => Promise<Date>;
  pages: (window: Window) => AsyncIterable<WindowPage>;
  /** Whether the EHR says that it has a type; undefined when it does not say. */
  offers: (type: string) => Promise<boolean | undefined>;
  /** The newest row after an instant, by the EHR's own clock. */
  newestAfter: (type: PulledType, after: Date) => Promise<Newest | undefined>;
  /** Whether the EHR gives anything of a type for one patient. */
  gives: (type: PulledType, patient: string) => Promise<boolean>;
  /** How `/metadata` is answered; undefined when that cannot be told. */
  metadataStatus: () => Promise<number | undefined>;
  /** Whether the type is read whole each time, since the EHR has no search by time. */
  isWhole: (type: string, byPatient: boolean) => Promise<boolean>;
};

export type PullStageDeps = {
  read: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  readerOf: (connection: string) => EhrReader | undefined;
  /** False for an EHR that this run, or this process, does not talk to. */
  isConnected: (connection: string) => Promise<boolean>;
  /** True while an operator has paused it: nothing is asked of its EHR. */
  isPaused: (connection: string) => Promise<boolean>;
  /** Milliseconds after which an EHR may be asked; undefined: now. */
  waitFor: (base: string, rows: number) => number | undefined;
  nudge: NudgeFunction;
  plan: PullPlan;
  /** A person's resources arrive on several pages: coding waits this long for the rest. */
  coalesceMs: number;
  intervalMs: number;
  clock: Clock;
  log: Log;
  /** One sentence for people when a server refuses a search across patients. */
  tell: (sentence: string) => void;
  signal: AbortSignal;
};
