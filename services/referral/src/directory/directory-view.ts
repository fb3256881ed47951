import type { operations } from '@loopwell/openapi/generated/referral.ts';
import type { Channel, ChannelShelf } from '@loopwell/partners';
import type { DirectoryPartner } from '@loopwell/sdoh';
import {
  directory,
  type PartnerRow,
  partnerAccess,
  partnerBearers,
  type Tx,
} from '@loopwell/store';
import { shownSettings, waysOf } from './partner-settings.ts';

/** The directory as the API shows it, without bearers and secret settings. */
export type DirectoryView =
  operations['readDirectory']['responses']['200']['content']['application/json'];

/** Tells whether the addresses of a channel are numbers or mailboxes, which are not exported. */
const isNumber = (channel: Channel | undefined): boolean =>
  channel?.address === 'mail' || channel?.address === 'phone';

/** Reads the directory as the API shows it. */
export async function readDirectory(
  tx: Tx,
  tenant: string,
  shelf: ChannelShelf,
): Promise<DirectoryView> {
  const partners = await directory.loadDirectory(tx, tenant);
  const bearers = await partnerBearers.loadPartnerBearers(tx, tenant);
  const sends = new Set(bearers.map(({ address }) => address));
  const reads = await partnerAccess.addressesWithAccess(tx, tenant);
  const shown = partners.map((partner) => ({
    ...shownPartner(partner, shelf),
    hasSendToken: sends.has(partner.address),
    hasReadToken: reads.has(partner.address),
  }));
  return { partners: shown, problems: await directory.directoryProblems(tx) };
}

/** Gives what is shown of a partner. */
function shownPartner(partner: PartnerRow, shelf: ChannelShelf) {
  const { id, name, kind, address, body } = partner;
  const channel = shelf[kind];
  const { categories } = JSON.parse(body) as DirectoryPartner;
  return {
    id,
    name,
    kind,
    address: isNumber(channel) ? `${kind}:${id}` : address,
    ways: waysOf(partner).map((way) => way.kind),
    categories: [...categories],
    settings: shownSettings(partner, channel),
  };
}
