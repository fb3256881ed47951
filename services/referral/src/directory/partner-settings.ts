import { AppError, type Clock } from '@loopwell/kit';
import type { Channel, ChannelShelf, RawSettings } from '@loopwell/partners';
import {
  directory,
  type NewPartner,
  type PartnerRow,
  placeOfSetting,
  type Secrets,
  type Tx,
} from '@loopwell/store';

/** Where a Task goes or went: the partner, its channel and its address. */
export type Destination = { partner: string; channel: string; address: string };

/** Gives the settings of a partner's channel, with secrets opened and with the address. */
export type SettingsOf = (destination: Destination) => Promise<RawSettings>;

type Place = Pick<PartnerRow, 'tenant' | 'id' | 'address'>;

/** A secret setting as it is stored. */
type Sealed = { sealed: string };

const isSealed = (setting: unknown): setting is Sealed =>
  typeof setting === 'object' && setting !== null && 'sealed' in setting;

const placeOf = ({ tenant, id, address }: Place, name: string) =>
  placeOfSetting({ tenant, partner: id, address, name });

const noKey = () =>
  new AppError('CONFIG_INVALID', 'A secret setting of a partner needs LOOPWELL_SECRET_KEY', {
    facts: { waitsFor: 'secret-key' },
  });

/**
 * Seals the secret settings of partners before they are stored.
 *
 * @throws AppError CONFIG_INVALID when there is one and no key
 */
export function sealSettings(
  partners: readonly NewPartner[],
  shelf: ChannelShelf,
  secrets: Secrets | undefined,
): NewPartner[] {
  return partners.map((partner) => {
    const names = shelf[partner.kind ?? '']?.secrets ?? [];
    const settings = JSON.parse(partner.settings ?? '{}') as Record<string, unknown>;
    for (const name of names) {
      const secret = settings[name];
      if (secret === undefined || isSealed(secret)) continue;
      if (!secrets) throw noKey();
      settings[name] = { sealed: secrets.seal(JSON.stringify(secret), placeOf(partner, name)) };
    }
    return { ...partner, settings: JSON.stringify(settings) };
  });
}

/** Gives the settings of a partner that may be shown. Secret ones are left out. */
export function shownSettings(partner: PartnerRow, channel: Channel | undefined): RawSettings {
  const settings = Object.entries(JSON.parse(partner.settings) as RawSettings);
  const isShown = ([name, setting]: [string, unknown]) =>
    channel !== undefined && !channel.secrets.includes(name) && !isSealed(setting);
  return Object.fromEntries(settings.filter(isShown));
}

/** Opens the secret settings of a partner. */
function openSettings(partner: PartnerRow, secrets: Secrets | undefined): RawSettings {
  const settings = JSON.parse(partner.settings) as Record<string, unknown>;
  for (const [name, setting] of Object.entries(settings)) {
    if (!isSealed(setting)) continue;
    if (!secrets) throw noKey();
    settings[name] = JSON.parse(secrets.open(setting.sealed, placeOf(partner, name)));
  }
  return settings;
}

/** How long settings that were read count. */
const keptMs = 5_000;

/**
 * Reads the settings of partners from the directory, again after a few seconds. A partner that has
 * left the directory is reached at the address of its Task, with the settings that a channel has by
 * itself.
 */
export function settingsInDirectory(
  resources: { db: Tx; secrets: Secrets | undefined; clock: Clock },
  tenant: string,
  shelf: ChannelShelf,
): SettingsOf {
  let read: { at: number; rows: Promise<PartnerRow[]> } | undefined;
  const rowsNow = (): Promise<PartnerRow[]> => {
    const now = resources.clock.now().getTime();
    if (read && Math.abs(now - read.at) <= keptMs) return read.rows;
    const rows = directory.loadDirectory(resources.db, tenant);
    read = { at: now, rows };
    rows.catch(() => {
      read = undefined;
    });
    return rows;
  };
  return async ({ partner, channel, address }) => {
    const rows = await rowsNow();
    const row = rows.find(
      ({ id, ...listed }) =>
        id === partner && listed.kind === channel && listed.address === address,
    );
    const settings = row ? openSettings(row, resources.secrets) : {};
    return shelf[channel]?.address === 'http' ? { ...settings, address } : settings;
  };
}
