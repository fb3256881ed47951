import type { Gate } from '../model.ts';

/** Names who has to act while a gate is shut. */
export const gateOwners = {
  saidNo: 'reviewer',
  review: 'reviewer',
  listGiven: 'reviewer',
  withSibling: 'reviewer',
  withoutHelp: 'reviewer',
  agreement: 'reviewer',
  consent: 'reviewer',
  noServiceCode: 'reviewer',
  noPartner: 'operator',
  underWay: 'reviewer',
  hold: 'operator',
  send: 'operator',
} as const satisfies Record<Gate, 'reviewer' | 'operator'>;
