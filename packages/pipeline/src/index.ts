export { defaultRetry, parkOf, type RetryPolicy } from './backoff.ts';
export { together } from './batch-while-busy.ts';
export {
  type Flight,
  givenBack,
  type IoDeps,
  type IoStage,
  type Lease,
  type SettleResult,
  workIo,
} from './io-stage.ts';
export type {
  Claim,
  Ledger,
  Nudge,
  NudgeFunction,
  Row,
  Settled,
  Settlement,
  Transactions,
  WaitsFor,
} from './ledger-port.ts';
export { watchLeftAlone } from './left-alone.ts';
export { type PureDeps, type PureStage, workPure } from './pure-stage.ts';
export {
  backendOf,
  openQueues,
  type QueueBackend,
  type QueueOptions,
  type Queues,
} from './queue.ts';
export { nudgeMeasures, queueAway } from './queue-readiness.ts';
export { type Runner, type RunnerOptions, type StageWork, startRunner } from './runner.ts';
export { pureStages, type Stage, stageNames, stages } from './stages.ts';
