import { AppError } from '@loopwell/kit';
import type { ChannelPorts, PartnerChannel, PartnerConnection } from './channel.ts';

/** Settings of an Endpoint by name, as the directory has them. */
export type RawSettings = Readonly<Record<string, unknown>>;

/** A channel of the shelf. The type of its settings stays inside. */
export type Channel = Pick<PartnerChannel<unknown>, 'id' | 'address' | 'door'> & {
  secrets: readonly string[];
  /** Lists what is wrong with settings, each by name and rule; nothing where they can be used. */
  problemsOf: (settings: RawSettings) => string[];
  /** @throws AppError CONFIG_INVALID when the settings cannot be used */
  carriesResources: (settings: RawSettings) => boolean;
  /** @throws AppError CONFIG_INVALID when the settings cannot be used */
  connect: (settings: RawSettings, ports: ChannelPorts) => PartnerConnection;
};

/** Channels by their ids. */
export type ChannelShelf = Readonly<Record<string, Channel>>;

/** Makes a channel ready for the shelf. */
export function channelOf<Settings>(channel: PartnerChannel<Settings>): Channel {
  const { id, address, door, secrets } = channel;
  const required = (settings: RawSettings): Settings => {
    const parsed = channel.settings.safeParse(settings);
    if (parsed.success) return parsed.data;
    throw new AppError('CONFIG_INVALID', 'The settings of a partner cannot be used', {
      facts: { channel: id, problems: problemsOf(channel, settings).join(' ') },
    });
  };
  return {
    id,
    address,
    door,
    secrets,
    problemsOf: (settings) => problemsOf(channel, settings),
    carriesResources: (settings) => channel.carriesResources?.(required(settings)) ?? false,
    connect: (settings, ports) => channel.connect(required(settings), ports),
  };
}

/** Names the setting and the rule. A value is never shown, because it may be a secret. */
function problemsOf(
  channel: Pick<PartnerChannel<unknown>, 'id' | 'settings'>,
  settings: RawSettings,
): string[] {
  const parsed = channel.settings.safeParse(settings);
  if (parsed.success) return [];
  return parsed.error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys')
      return `The channel ${channel.id} has no setting ${issue.keys.join(', ')}.`;
    const name = issue.path.join('.') || 'settings';
    const expected = issue.code === 'invalid_value' ? `: ${issue.values.join(', ')}` : '';
    const rule = `${issue.code}${expected}`;
    return `The setting ${name} of the channel ${channel.id} is not usable (${rule}).`;
  });
}
