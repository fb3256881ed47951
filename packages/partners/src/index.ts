import { email } from './email/index.ts';
import { fhirRest } from './fhir-rest/index.ts';
import { hub } from './hub/index.ts';
import { manual } from './manual/index.ts';
import { type ChannelShelf, channelOf } from './shelf.ts';
import { text } from './text/index.ts';

export type {
  Cancelled,
  CancelScope,
  ChannelPorts,
  Delivery,
  Output,
  PartnerChannel,
  PartnerConnection,
  Poll,
  ReferralPacket,
  RemoteTask,
  Told,
} from './channel.ts';
export { type Channel, type ChannelShelf, channelOf, type RawSettings } from './shelf.ts';

/** Lists the channels. Adding a channel is one folder and one line here. */
export const channels: ChannelShelf = {
  email: channelOf(email),
  'fhir-rest': channelOf(fhirRest),
  hub: channelOf(hub),
  manual: channelOf(manual),
  text: channelOf(text),
};
