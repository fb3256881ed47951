import { type fhir4, systems } from '@loopwell/fhir';
import { concept } from '../../fhir-json/codings.ts';
import type { ConsentAuthority, ConsentElement, ConsentMethod } from './consent-scope.ts';
import type { RecordedConsent } from './recorded-consent.ts';

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
export function emittedParts(
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
