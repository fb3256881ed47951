import type { FhirClient } from '@loopwell/fhir/client';
import type { Channel } from './channel.ts';
import { fhirRest } from './fhir-rest/index.ts';

export type {
  Asked,
  Cancelled,
  CancelScope,
  Channel,
  Output,
  Polled,
  RemoteTask,
} from './channel.ts';

/** Lists the channels. Adding a channel is one folder and one line here. */
export const channels: Readonly<Record<string, (client: FhirClient) => Channel>> = {
  'fhir-rest': fhirRest,
};
