export type { CaughtWebhook } from './outbox/arrived.ts';
export type { CaughtMail } from './outbox/mail-server.ts';
export type { OutboxManner } from './outbox/manners.ts';
export type { CaughtText } from './outbox/text-gateway.ts';
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
