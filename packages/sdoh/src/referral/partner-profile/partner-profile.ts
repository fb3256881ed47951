import { mapDefined, withoutUndefined } from '@loopwell/fhir';
import { type OpenHours, usualHours } from '../clocks/open-hours.ts';
import { type Capacity, hasRoom } from './capacity.ts';
import {
  isConfidentialKind,
  isConfidentialService,
  kindOfCategories,
  mostCareful,
  type PartnerKind,
} from './partner-kind.ts';

/**
 * How people come to a partner. With a ticket the partner gets a code, and the person brings it.
 */
export const arrivals = ['weContact', 'theyCome', 'ticket'] as const;
/** One of these ways to come. */
export type Arrival = (typeof arrivals)[number];

/** What was agreed with a partner. `none` says that nothing is. */
export const agreementKinds = [
  'memorandum',
  'data-sharing',
  'business-associate',
  'other',
  'none',
] as const;

/** An agreement with a partner. `from` and `until` are days, and both count. */
export type PartnerAgreement = {
  kind: (typeof agreementKinds)[number];
  from: string;
  until?: string;
};

/** What a partner takes that is new. */
export type Intake = {
  /** Until this moment, or the beginning of this day, it takes nothing new. */
  pausedUntil?: string;
  /** How many new requests it takes from Monday to Sunday. */
  perWeek?: number;
};

/** Where a partner is visited. */
export type PartnerPlace = { name?: string; address?: string };

/** What an entry of the directory says about one service. What it does not say is not there. */
export type ServiceProfile = {
  service: string;
  /** The address at which the directory lists it. */
  at?: string;
  categories: readonly string[];
  hours?: OpenHours;
  arrival?: Arrival;
  /** The entry says that people may walk in. */
  isWalkIn?: boolean;
  capacity?: Capacity;
  intake?: Intake;
  kind?: PartnerKind;
  agreement?: PartnerAgreement;
  isConfidential?: boolean;
  phone?: string;
  places: readonly PartnerPlace[];
};

/**
 * What people have written about a partner, beside the directory's file. It counts before the file.
 * `null` says that there is nothing, whatever the file says.
 */
export type ProfileEdits = {
  hours?: OpenHours | null;
  arrival?: Arrival | null;
  capacity?: Capacity | null;
  pausedUntil?: string | null;
  perWeek?: number | null;
  kind?: PartnerKind | null;
  agreement?: PartnerAgreement | null;
  isConfidential?: boolean | null;
  phone?: string | null;
  places?: readonly PartnerPlace[] | null;
};

/** How a partner works and what may be sent to it: an Organization with all of its services. */
export type PartnerProfile = {
  hours: OpenHours;
  /** False while the usual hours stand in for the partner's own. */
  areHoursKnown: boolean;
  arrival: Arrival;
  /** What the entry suggests as long as nobody has said how people come. */
  suggestedArrival?: Arrival;
  capacity?: Capacity;
  intake: Intake;
  kind: PartnerKind;
  agreement?: PartnerAgreement;
  isConfidential: boolean;
  phone?: string;
  places: readonly PartnerPlace[];
};

/**
 * Joins what the file says about the services of an Organization with what people have written.
 *
 * @param category the help that is asked for: its services count first, and they alone for the
 *   room. Without one all services count.
 */
export function profileOf(
  services: readonly ServiceProfile[],
  edits: ProfileEdits = {},
  category?: string,
): PartnerProfile {
  const asked = servicesFor(services, category);
  const others = services.filter((service) => !asked.includes(service));
  const inOrder = [...asked, ...others];
  const hours = wordOf(edits.hours, first(inOrder, 'hours'));
  return {
    hours: hours ?? usualHours,
    areHoursKnown: hours !== undefined,
    ...arrivalOf(inOrder, edits),
    intake: intakeOf(asked, edits),
    kind: edits.kind ?? mostCareful(asked.map(kindOf)),
    isConfidential: isConfidential(services, edits),
    places: edits.places ?? asked.flatMap(({ places }) => places),
    ...withoutUndefined({
      capacity: wordOf(edits.capacity, capacityOf(asked)),
      agreement: wordOf(edits.agreement, agreementOf(asked, others)),
      phone: wordOf(edits.phone, first(inOrder, 'phone')),
    }),
  };
}

/**
 * Gives the kind whose rules hold for a request of a category. It is legal as soon as one service of
 * the category is, whatever else the partner does.
 */
export function requestKindOf(
  services: readonly ServiceProfile[],
  edits: ProfileEdits,
  category: string,
): PartnerKind {
  const asked = servicesFor(services, category);
  const isLegal = edits.kind === 'legal' || asked.some((service) => kindOf(service) === 'legal');
  return isLegal ? 'legal' : profileOf(services, edits, category).kind;
}

/** Lists the services of a category; all where there is none. */
function servicesFor(
  services: readonly ServiceProfile[],
  category: string | undefined,
): readonly ServiceProfile[] {
  if (category === undefined) return services;
  const serving = services.filter(({ categories }) => categories.includes(category));
  return serving.length > 0 ? serving : services;
}

type Arriving = Pick<PartnerProfile, 'arrival' | 'suggestedArrival'>;

/** Gives how people come; with a walk-in that nobody has decided about, a ticket is suggested. */
function arrivalOf(services: readonly ServiceProfile[], edits: ProfileEdits): Arriving {
  const arrival = wordOf(edits.arrival, first(services, 'arrival'));
  if (arrival !== undefined) return { arrival };
  const isWalkIn = services.some((service) => service.isWalkIn);
  if (!isWalkIn) return { arrival: 'weContact' };
  return { arrival: 'weContact', suggestedArrival: 'ticket' };
}

/** Gives what counts: the word of a person before the file's, and a null for nothing. */
const wordOf = <T>(edit: T | null | undefined, file: T | undefined): T | undefined =>
  edit === undefined ? file : (edit ?? undefined);

function first<K extends keyof ServiceProfile>(
  services: readonly ServiceProfile[],
  field: K,
): ServiceProfile[K] | undefined {
  return services.find((service) => service[field] !== undefined)?.[field];
}

const kindOf = ({ kind, categories }: ServiceProfile): PartnerKind =>
  kind ?? kindOfCategories(categories);

/**
 * Gives what services have agreed to. One that says nothing counts with the others of its address,
 * as long as none of them says that nothing is agreed.
 */
function agreementOf(
  asked: readonly ServiceProfile[],
  others: readonly ServiceProfile[],
): PartnerAgreement | undefined {
  const agreed = mapDefined(asked, ({ agreement }) => agreement);
  const none = agreed.find(({ kind }) => kind === 'none');
  if (agreed.length > 0) return none ?? agreed[0];
  const near = others.filter(({ at }) => asked.some((service) => service.at === at));
  const borrowed = mapDefined(near, ({ agreement }) => agreement);
  return borrowed.some(({ kind }) => kind === 'none') ? undefined : borrowed[0];
}

/**
 * Gives the capacity of services: that of one with room, before that of one without. One that says
 * nothing counts only where no other speaks for the same help.
 */
function capacityOf(services: readonly ServiceProfile[]): Capacity | undefined {
  const rated = services.filter(({ capacity }) => capacity);
  const helps = new Set(rated.flatMap(({ categories }) => categories));
  const isSilent = ({ capacity, categories }: ServiceProfile) =>
    !capacity && !categories.some((category) => helps.has(category));
  if (services.some(isSilent)) return undefined;
  return (rated.find(({ capacity }) => hasRoom(capacity)) ?? rated[0])?.capacity;
}

/** Services are paused until the first of them takes requests again. */
function intakeOf(services: readonly ServiceProfile[], edits: ProfileEdits): Intake {
  const intakes = services.map(({ intake }) => intake ?? {});
  const pauses = intakes.map(({ pausedUntil }) => pausedUntil ?? '').sort(byMoment);
  const perWeek = intakes.find((intake) => intake.perWeek !== undefined)?.perWeek;
  return withoutUndefined({
    pausedUntil: wordOf(edits.pausedUntil, pauses[0] || undefined),
    perWeek: wordOf(edits.perWeek, perWeek),
  });
}

const byMoment = (left: string, right: string): number =>
  (Date.parse(left) || 0) - (Date.parse(right) || 0);

/**
 * Tells whether a partner is confidential. One confidential service is enough, because the others
 * have the same name and address. A person, or the entry, may say that it is not.
 */
function isConfidential(services: readonly ServiceProfile[], edits: ProfileEdits): boolean {
  if (typeof edits.isConfidential === 'boolean') return edits.isConfidential;
  if (edits.kind && isConfidentialKind(edits.kind)) return true;
  return services.some(isConfidentialService);
}
