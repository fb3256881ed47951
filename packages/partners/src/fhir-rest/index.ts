import type { FhirClient } from '@loopwell/fhir/client';
import type { Channel } from '../channel.ts';
import { cancel, poll } from './follow.ts';
import { outputs } from './outputs.ts';
import { ask, send } from './send.ts';

/**
 * Makes the channel of direct referral (SDOH Clinical Care 3.0.0, section 2.1). The Task is posted
 * to the partner's FHIR server, which keeps it and moves it; we read it by polling.
 */
export function fhirRest(client: FhirClient): Channel {
  return {
    id: 'fhir-rest',
    send: (task, receiptKey, mayGo) => send(client, task, receiptKey, mayGo),
    ask: (task, receiptKey) => ask(client, task, receiptKey),
    poll: (remoteIds) => poll(client, remoteIds),
    cancel: (remoteId, reason, scope) => cancel(client, remoteId, reason, scope),
    outputs: (task, giveUp) => outputs(client, task, giveUp ?? false),
  };
}
