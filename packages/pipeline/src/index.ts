export { defaultRetry, parkOf, type RetryPolicy } from './backoff.ts';
export { batchWhileBusy } from './batch-while-busy.ts';
export { givenBack } from './hold-rows.ts';
export { workIo } from './io-stage.ts';
export type { Flight, IoDeps, IoStage, Lease, SettleResult } from './lease.ts';
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
export { backendOf, openQueues } from './queue/open-queues.ts';
export type { QueueBackend, QueueOptions, Queues } from './queue/queue.ts';
export { nudgeMeasures, queueAway } from './queue/queue-readiness.ts';
export { type Runner, type RunnerOptions, type StageWork, startRunner } from './runner.ts';
export { pureStages, type Stage, stageNames, stages } from './stages.ts';
