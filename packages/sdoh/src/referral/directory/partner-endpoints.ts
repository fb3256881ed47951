import { type fhir4, localExtensions, systems } from '@loopwell/fhir';
import { isObject, plainText } from '../../fhir-json/tolerant-readers.ts';

/** What the directory has to know of a channel, by its kind. */
export type DirectoryChannel = {
  /** The form of the addresses of its Endpoints. */
  address: AddressForm;
  /** Lists what is wrong with settings, each by name and rule. */
  problemsOf: (settings: Readonly<Record<string, unknown>>) => string[];
};

/** `http`: an http(s) base. `mail`: `mailto:…`. `phone`: `tel:+…`. `none`: it needs no address. */
export type AddressForm = 'http' | 'mail' | 'phone' | 'none';

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
 * How a service is reached: its ways, in their order. DECISIONS D145. `problem`: the file is
 * wrong. `listed`: this service cannot be used here, and the rest of the file can. `skipped`: its
 * Endpoints are switched off. `unusable`: rules that later Endpoints break, which are left out.
 */
export type ReadEndpoints =
  | { kind: 'reached'; ways: readonly [Reached, ...Reached[]]; unusable: readonly string[] }
  | { kind: 'problem' | 'listed'; rule: string }
  | { kind: 'skipped' };

const switchedOff = ['suspended', 'off', 'error', 'entered-in-error'];
/** Statuses of an Endpoint that works, of R4 and R5. One without a status is taken as working. */
const switchedOn = ['active', 'limited', 'test', undefined];

/**
 * Reads the Endpoints of a service, in their order. Those count that are switched on and whose
 * kind is a channel of this installation. A service without an Endpoint is called by a person.
 *
 * @param endpoints undefined in place of an Endpoint that the file does not have
 */
export function readEndpoints(
  endpoints: readonly (fhir4.Endpoint | undefined)[],
  organization: string,
  channels: DirectoryChannels,
): ReadEndpoints {
  if (endpoints.length === 0)
    return { kind: 'reached', ways: [byHand(organization)], unusable: [] };
  const listed = endpoints.filter((endpoint) => endpoint !== undefined);
  if (listed.length === 0)
    return { kind: 'problem', rule: '`endpoint` names no Endpoint of the file.' };
  const usable = listed.filter((endpoint) => channelOf(endpoint, channels) !== undefined);
  if (usable.length === 0) return { kind: 'listed', rule: unknownKind(listed, channels) };
  const working = usable.filter(({ status }) => switchedOn.includes(status));
  return working.length > 0 ? readWays(working, organization, channels) : whyNoneWorks(usable);
}

/** Says why a service has no Endpoint that works. */
function whyNoneWorks(endpoints: readonly fhir4.Endpoint[]): ReadEndpoints {
  const isOff = endpoints.every(({ status }) => {
    return switchedOff.includes(status ?? '');
  });
  if (isOff) return { kind: 'skipped' };
  return { kind: 'listed', rule: 'its Endpoint has an unknown status.' };
}

/** Reads the ways of a service. The first has to be usable; a later one may be left out. */
function readWays(
  endpoints: readonly fhir4.Endpoint[],
  organization: string,
  channels: DirectoryChannels,
): ReadEndpoints {
  const [first, ...others] = endpoints.map((one) => readEndpoint(one, organization, channels));
  if (first?.kind !== 'reached') return first ?? { kind: 'skipped' };
  const later: Reached[] = [];
  const unusable: string[] = [];
  for (const other of others) {
    if (other.kind === 'reached') later.push(other.reached);
    else unusable.push(other.rule);
  }
  const [, ...added] = distinctWays([first.reached, ...later]);
  return { kind: 'reached', ways: [first.reached, ...added], unusable };
}

/** Leaves each way once: one kind at one address. */
export function distinctWays(ways: readonly Reached[]): Reached[] {
  const unique = new Map<string, Reached>();
  for (const way of ways) {
    const name = `${way.kind} ${way.address}`;
    if (!unique.has(name)) unique.set(name, way);
  }
  return [...unique.values()];
}

/** The kind of a partner that a person calls. */
const manual = 'manual';

/** Gives the way on which a person calls. */
export const byHand = (organization: string): Reached => ({
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

type ReadEndpoint =
  | { kind: 'reached'; reached: Reached }
  | { kind: 'problem' | 'listed'; rule: string };

function readEndpoint(
  endpoint: fhir4.Endpoint,
  organization: string,
  channels: DirectoryChannels,
): ReadEndpoint {
  const channel = channelOf(endpoint, channels);
  const kind = kindOf(endpoint) ?? '';
  const written = settingsOf(endpoint);
  if (typeof written === 'string') return { kind: 'listed', rule: written };
  const form = channel?.address ?? 'none';
  const isSent = form !== 'none';
  const address = isSent ? readers[form](endpoint.address) : `${kind}:${organization}`;
  if (address === undefined) return { kind: 'problem', rule: addressRules[form] };
  const settings = isSent ? { ...written, address } : written;
  const [rule] = channel?.problemsOf(settings) ?? [];
  if (rule !== undefined) return { kind: 'listed', rule };
  return { kind: 'reached', reached: { kind, address, settings } };
}

const addressRules = {
  http: 'the Endpoint has no usable http(s) address.',
  mail: 'the Endpoint has no usable mailto: address of one mailbox.',
  phone: 'the Endpoint has no usable tel: or sms: address of one number with its country code.',
  none: '',
} as const satisfies Record<AddressForm, string>;

const readers = {
  http: endpointAddress,
  mail: mailAddress,
  phone: phoneAddress,
} as const;

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

/** One mailbox without a name, a list, a comment or headers. */
const mailbox = /^mailto:([\w.!#$%&'*+/=^`{|}~-]{1,64})@([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+)$/i;

/** Writes a `mailto:` address as it is compared; undefined when the text is none. */
function mailAddress(text: unknown): string | undefined {
  const [, local, domain] = mailbox.exec(plainText(text).trim()) ?? [];
  return local && domain ? `mailto:${local}@${domain.toLowerCase()}` : undefined;
}

/**
 * Writes the address of a phone that gets texts as it is compared: `tel:` and the number with its
 * country code. A number with an extension gets none.
 */
function phoneAddress(text: unknown): string | undefined {
  const [, written = ''] = /^(?:tel|sms):(.*)$/i.exec(plainText(text).trim()) ?? [];
  const number = written.replace(/[\s().-]/g, '');
  return /^\+[1-9]\d{9,14}$/.test(number) ? `tel:${number}` : undefined;
}
