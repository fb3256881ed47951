import { type fhir4, parseReference, profiles, systems } from '@loopwell/fhir';
import { concept } from '../fhir-json/codings.ts';
import { omitUndefined } from '../fhir-json/omit-undefined.ts';
import { isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { ConsentPolicy } from './consent/consent-policy.ts';
import type { ConsentAuthority, ConsentElement, ConsentMethod } from './consent/consent-scope.ts';
import { type RecordedConsent, recipientRole } from './consent/recorded-consent.ts';

/**
 * The parties of a Consent, by our own ids at our base. `recordedBy` is our organization, for a
 * consent that was recorded here.
 * DECISIONS D56.
 */
export type ConsentParties = {
  base: string;
  id: string;
  person: string;
  recipient: string;
  recordedBy?: { id: string; name: string } | undefined;
  /** The policy of the site's forms: it counts where the original names none. */
  sitePolicy?: ConsentPolicy | undefined;
  /** The consent as it was recorded here, where it is one. */
  recorded?: RecordedConsent | undefined;
};

/**
 * Returns the SDOHCC Consent as one partner may see it: the decision without its document. A
 * partner needs to know that it may and what, not to hold the signed form; of the actors it learns
 * itself only. Policy and discloser are those of the original. It claims the profile only where
 * exactly one discloser and a date are named.
 */
export function minimumConsent(consent: fhir4.Consent, parties: ConsentParties): fhir4.Consent {
  const { base, id, person, recipient, recordedBy, sitePolicy, recorded } = parties;
  const at = (reference: string): fhir4.Reference => ({ reference: `${base}/${reference}` });
  const { period, actor } = consent.provision ?? {};
  const organization = recordedBy
    ? [{ ...at(`Organization/${recordedBy.id}`), display: recordedBy.name }]
    : disclosersOf(consent);
  const policy = objectsOf(consent.policy)
    .map(plainPolicy)
    .filter((plain) => Object.keys(plain).length > 0);
  const sitePolicyRule =
    policy.length === 0 && sitePolicy ? concept(sitePolicy.system, sitePolicy.code) : undefined;
  const parts = recorded && emittedParts(recorded, at(`Patient/${person}`));
  const isOfProfile = organization.length === 1 && consent.dateTime !== undefined;
  const recipients = [{ role: recipientRole, reference: at(`Organization/${recipient}`) }];
  const provision = omitUndefined<fhir4.ConsentProvision>({
    type: 'permit',
    period,
    actor: actor ? recipients : undefined,
    code: parts?.code,
  });
  return omitUndefined<fhir4.Consent>({
    resourceType: 'Consent',
    id,
    meta: isOfProfile ? { profile: [profiles.consent] } : undefined,
    status: consent.status,
    scope: concept(systems.consentScope, 'patient-privacy'),
    category: [concept(systems.actCode, 'IDSCL')],
    patient: at(`Patient/${person}`),
    dateTime: consent.dateTime || undefined,
    performer: parts?.performer,
    organization: organization.length > 0 ? organization : undefined,
    sourceAttachment: parts?.sourceAttachment ?? { title: 'Held by the discloser' },
    policy: policy.length > 0 ? policy : undefined,
    policyRule: consent.policyRule ?? sitePolicyRule,
    provision,
  });
}

const plainPolicy = ({ authority, uri }: fhir4.ConsentPolicy): fhir4.ConsentPolicy =>
  omitUndefined<fhir4.ConsentPolicy>({ authority: textOf(authority), uri: textOf(uri) });

/**
 * Lists the disclosers by what a partner can read: name and identifier. A reference leads into the
 * EHR, where a partner cannot follow; where there is nothing else it stands as words.
 */
function disclosersOf(consent: fhir4.Consent): fhir4.Reference[] {
  const disclosers: fhir4.Reference[] = [];
  for (const organization of objectsOf(consent.organization)) {
    const contained = containedOf(consent, organization.reference);
    const identifier =
      plainIdentifier(organization.identifier) ??
      objectsOf(contained?.identifier).map(plainIdentifier)[0];
    const words = identifier ? undefined : wordsOf(organization.reference);
    const display = textOf(organization.display) ?? textOf(contained?.name) ?? words;
    if (identifier || display)
      disclosers.push(omitUndefined<fhir4.Reference>({ identifier, display }));
  }
  return disclosers;
}

function containedOf(
  consent: fhir4.Consent,
  reference: string | undefined,
): fhir4.Organization | undefined {
  if (typeof reference !== 'string' || !reference.startsWith('#')) return undefined;
  return objectsOf(consent.contained).find(
    (one) => one.resourceType === 'Organization' && `#${one.id}` === reference,
  ) as fhir4.Organization | undefined;
}

function plainIdentifier(identifier: unknown): fhir4.Identifier | undefined {
  if (!isObject(identifier)) return undefined;
  const number = textOf(identifier.value);
  if (!number) return undefined;
  return omitUndefined<fhir4.Identifier>({ system: textOf(identifier.system), value: number });
}

function wordsOf(reference: string | undefined): string | undefined {
  const parsed = typeof reference === 'string' ? parseReference(reference) : undefined;
  return parsed ? `${parsed.type}/${parsed.id}` : undefined;
}

/** The words of each element for whoever reads a Consent. */
const elementWords: Readonly<Record<ConsentElement, string>> = {
  name: 'Name',
  contact: 'The way to be reached that the person chose',
  language: 'Language, and whether an interpreter is needed',
  household: 'Household size',
  address: 'Address',
  'birth-date': 'Birth date',
};

const methodWords: Readonly<Record<ConsentMethod, string>> = {
  paper: 'Signed on paper; held by the discloser',
  'e-signature': 'Signed electronically; held by the discloser',
  'in-chart': 'Signed in the chart; held by the discloser',
  spoken: 'Spoken, under a written policy; noted by the discloser',
};

const signerWords: Readonly<Record<Exclude<ConsentAuthority, 'self'>, string>> = {
  parent: 'Parent',
  guardian: 'Guardian',
  agent: 'Agent',
};

/** The parts of a Consent that a structured consent says to a partner. */
type EmittedParts = {
  performer: fhir4.Reference[];
  sourceAttachment: fhir4.Attachment;
  /** What the provision lets the partner read of the person. */
  code: fhir4.CodeableConcept[];
};

/**
 * Returns what a structured consent says to a partner; undefined for one in words alone. Who signed
 * is told by the right alone: the name of a parent or an agent is nobody's business, and where the
 * document is stays here.
 */
function emittedParts(
  { permits, authority = 'self', method = 'paper' }: RecordedConsent,
  patient: fhir4.Reference,
): EmittedParts | undefined {
  if (permits === undefined) return undefined;
  const signer: fhir4.Reference =
    authority === 'self' ? patient : { type: 'RelatedPerson', display: signerWords[authority] };
  return {
    performer: [signer],
    sourceAttachment: { title: methodWords[method] },
    code: permits.elements.map((element) =>
      concept(systems.consentElement, element, elementWords[element]),
    ),
  };
}
