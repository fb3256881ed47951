export type { CaughtMail, CaughtWebhook, OutboxManner } from './outbox.ts';
export type { Behavior } from './partner.ts';
export { partnersBundle, sandboxPartners } from './population/partners.ts';
export {
  emptyScript,
  makePeople,
  type PopulationOptions,
  type Script,
} from './population/people.ts';
export { answersFor, asResponse } from './population/screenings.ts';
export { type Sandbox, type SandboxOptions, startSandbox } from './sandbox.ts';
