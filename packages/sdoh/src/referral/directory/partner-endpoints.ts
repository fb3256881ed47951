import { type fhir4, localExtensions, systems } from '@loopwell/fhir';
import { isObject, plainText } from '../../fhir-json/tolerant-readers.ts';

/** What the directory has to know of a channel, by its kind. */
export type DirectoryChannel = {
  /** Tells whether its Endpoints have an http(s) address that we send to. */
  address: 'http' | 'none';
  /** Lists what is wrong with settings, each by name and rule. */
  problemsOf: (settings: Readonly<Record<string, unknown>>) => string[];
};

/** The channels of this installation by their kinds. */
export type DirectoryChannels = Readonly<Record<string, DirectoryChannel>>;

/** How a service is reached: the channel, the address and the settings of its Endpoint. */
export type Reached = {
  kind: string;
  /** The address of the Endpoint; `<kind>:<Organization id>` where a channel has none. */
  address: string;
  settings: Readonly<Record<string, unknown>>;
};

/**
 * How a service is reached. DECISIONS D145. `problem`: the file is wrong. `listed`: this service
 * cannot be used here, and the rest of the file can. `skipped`: its Endpoints are switched off.
 */
export type ReadEndpoint =
  | ({ kind: 'reached' } & { reached: Reached })
  | { kind: 'problem' | 'listed'; rule: string }
  | { kind: 'skipped' };

const switchedOff = ['suspended', 'off', 'error', 'entered-in-error'];
/** Statuses of an Endpoint that works, of R4 and R5. One without a status is taken as working. */
const switchedOn = ['active', 'limited', 'test', undefined];

/**
 * Reads the Endpoints of a service, in their order. The first that is switched on and whose
 * kind is a channel of this installation counts. A service without an Endpoint is called by a
 * person.
 *
 * @param endpoints undefined in place of an Endpoint that the file does not have
 */
export function readEndpoints(
  endpoints: readonly (fhir4.Endpoint | undefined)[],
  organization: string,
  channels: DirectoryChannels,
): ReadEndpoint {
  if (endpoints.length === 0) return { kind: 'reached', reached: byHand(organization) };
  const listed = endpoints.filter((endpoint) => endpoint !== undefined);
  if (listed.length === 0)
    return { kind: 'problem', rule: '`endpoint` names no Endpoint of the file.' };
  const usable = listed.filter((endpoint) => channelOf(endpoint, channels) !== undefined);
  if (usable.length === 0) return { kind: 'listed', rule: unknownKind(listed, channels) };
  const first = usable.find(({ status }) => switchedOn.includes(status));
  if (first) return readEndpoint(first, organization, channels);
  const isOff = usable.every(({ status }) => switchedOff.includes(status ?? ''));
  return isOff
    ? { kind: 'skipped' }
    : { kind: 'listed', rule: 'its Endpoint has an unknown status.' };
}

/** The kind of a partner that a person calls. */
const manual = 'manual';

const byHand = (organization: string): Reached => ({
  kind: manual,
  address: `${manual}:${organization}`,
  settings: {},
});

/**
 * Gives the kind of an Endpoint: a code of our own system, or FHIR REST by HL7's code; undefined
 * for all others.
 */
function kindOf({ connectionType }: fhir4.Endpoint): string | undefined {
  const { system, code } = connectionType ?? {};
  if (system === systems.partnerChannel) return code;
  const isHl7 = system === undefined || system === systems.endpointConnection;
  return isHl7 && code === 'hl7-fhir-rest' ? 'fhir-rest' : undefined;
}

function channelOf(
  endpoint: fhir4.Endpoint,
  channels: DirectoryChannels,
): DirectoryChannel | undefined {
  const kind = kindOf(endpoint);
  return kind !== undefined && Object.hasOwn(channels, kind) ? channels[kind] : undefined;
}

function unknownKind(endpoints: readonly fhir4.Endpoint[], channels: DirectoryChannels): string {
  const codes = endpoints.map(({ connectionType }) => connectionType?.code);
  const written = codes.filter((code) => typeof code === 'string').join(', ') || 'none';
  const served = Object.keys(channels).join(', ');
  return `no channel here serves its connectionType (${written}); there is ${served}.`;
}

function readEndpoint(
  endpoint: fhir4.Endpoint,
  organization: string,
  channels: DirectoryChannels,
): ReadEndpoint {
  const channel = channelOf(endpoint, channels);
  const kind = kindOf(endpoint) ?? '';
  const written = settingsOf(endpoint);
  if (typeof written === 'string') return { kind: 'listed', rule: written };
  const isSent = channel?.address === 'http';
  const address = isSent ? endpointAddress(endpoint.address) : `${kind}:${organization}`;
  if (address === undefined)
    return { kind: 'problem', rule: 'the Endpoint has no usable http(s) address.' };
  const settings = isSent ? { ...written, address } : written;
  const [rule] = channel?.problemsOf(settings) ?? [];
  if (rule !== undefined) return { kind: 'listed', rule };
  return { kind: 'reached', reached: { kind, address, settings } };
}

/**
 * Reads the settings in the extension of an Endpoint: a part for each, with one primitive value.
 *
 * @returns the rule that is broken, if the extension cannot be read
 */
function settingsOf({ extension = [] }: fhir4.Endpoint): Record<string, unknown> | string {
  const ours = extension.filter(({ url }) => url === localExtensions.partnerSettings);
  if (ours.length > 1) return 'its Endpoint has the settings extension more than once.';
  const settings = new Map<string, unknown>();
  for (const part of ours[0]?.extension ?? []) {
    const name = plainText(part.url);
    const values = Object.entries(part).filter(([key]) => /^value[A-Z]/.test(key));
    const [first] = values;
    if (values.length !== 1 || isObject(first?.[1]))
      return `the setting ${name} of its Endpoint must have one simple value.`;
    if (settings.has(name)) return `the setting ${name} of its Endpoint is there twice.`;
    if (name === 'address') return "the Endpoint's address is no setting of the extension.";
    settings.set(name, first?.[1]);
  }
  return Object.fromEntries(settings);
}

/**
 * Writes a FHIR base as it is compared: canonical, without a trailing slash. Credentials, query and
 * fragment have no place in one (the first would end up in logs).
 *
 * @returns undefined when the text is no such address
 */
export function endpointAddress(text: unknown): string | undefined {
  if (typeof text !== 'string' || !URL.canParse(text.trim())) return undefined;
  const url = new URL(text.trim());
  if (
    !/^https?:$/.test(url.protocol) ||
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    url.hash !== ''
  )
    return undefined;
  return url.href.replace(/\/+$/, '');
}
