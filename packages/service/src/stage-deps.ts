import { defaultRetry } from '@loopwell/pipeline';
import { isDatabaseAway, ledger } from '@loopwell/store';
import type { Resources } from './module.ts';

/**
 * Makes what the pipeline needs to work the stages of a service, which acts as `system:<service>`.
 */
export const stageDeps = (
  { db, nudge, log }: Pick<Resources, 'db' | 'nudge' | 'log'>,
  service: string,
) => ({
  tx: db.tx,
  isAway: isDatabaseAway,
  ledger,
  nudge,
  retry: defaultRetry,
  principal: `system:${service}`,
  log,
});
