import { type fhir4, localExtensions, systems } from '@loopwell/fhir';
import { isConfidentialService } from '../partner-profile/partner-kind.ts';
import type { ServiceProfile } from '../partner-profile/partner-profile.ts';
import { type Entry, follow, listCategories } from './directory-entries.ts';

/**
 * Lists the ids of Organizations that one of their services makes confidential, since all have one
 * name and address. Services count that are switched off or cannot be used, too. DECISIONS D190.
 */
export function confidentialOrganizations(
  services: readonly Entry[],
  entries: readonly Entry[],
): ReadonlySet<string> {
  const secret = new Set<string>();
  for (const { resource } of services) {
    const service = resource as fhir4.HealthcareService;
    const id = safely(() => follow(service, service.providedBy, 'Organization', entries)?.id);
    if (id !== undefined && isSecret(service)) secret.add(id);
  }
  return secret;
}

/** Marks all services of a partner as confidential. */
export function keptSecret<P extends { services?: readonly ServiceProfile[] }>(partner: P): P {
  const services = partner.services?.map((service) => ({ ...service, isConfidential: true }));
  return { ...partner, services };
}

/** Judges one service, however badly the rest of it is written. */
function isSecret(service: fhir4.HealthcareService): boolean {
  const written = safely(() => wordsOf(service)) ?? [];
  if (written.some((value) => value !== false)) return true;
  if (written.length > 0) return false;
  const kinds = safely(() => kindsIn(service)) ?? [];
  const categories = safely(() => listCategories(service)) ?? [];
  const isTold = kinds.some((code) => /violen|crisis|shelter/i.test(String(code)));
  return isTold || isConfidentialService({ categories });
}

/** Lists what a service says about being confidential. What is not a plain no counts as a yes. */
const wordsOf = ({ extension = [] }: fhir4.HealthcareService): unknown[] =>
  extension
    .filter(({ url }) => url === localExtensions.partnerConfidential)
    .map(({ valueBoolean }) => valueBoolean);

/** Lists the codes of kinds, also misspelled ones. */
const kindsIn = ({ type = [] }: fhir4.HealthcareService): unknown[] =>
  type
    .flatMap(({ coding = [] }) => coding)
    .filter(({ system }) => system === systems.partnerKind)
    .map(({ code }) => code);

/** Gives undefined where an element has not the type that FHIR gives it. */
function safely<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
