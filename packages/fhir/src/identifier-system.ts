/**
 * Hosts whose addresses name code systems and profiles. An identifier of ours must not look like
 * one of their codes.
 */
const terminologyHosts = [
  'loinc.org',
  'snomed.info',
  'hl7.org',
  'unitsofmeasure.org',
  'nlm.nih.gov',
  'ama-assn.org',
  'fhir.org',
];

/**
 * Matches OIDs of HL7's code systems and identifier types, and of the branch that HL7's examples
 * use.
 */
const hl7Oids = /^urn:oid:2\.16\.840\.1\.113883\.(1|2|4|5|6|11|12|18|19|21)(\.|$)/;

const uuid = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const oid = /^urn:oid:[0-2](\.(0|[1-9]\d*))+$/;

/**
 * Gives the reason why a text cannot be the system of our identifiers (FHIR R4, Identifier.system:
 * an absolute URI); undefined if it can. Characters that separate the parts of a FHIR token search
 * are refused, because every write first searches for `system|value`.
 */
export function identifierSystemProblem(text: string): string | undefined {
  if (/[\s|,$\\"<>]/.test(text) || text.length > 500)
    return 'must be one URI without spaces and without | , $ and \\';
  if (/^urn:uuid:/i.test(text))
    return uuid.test(text) ? undefined : 'must be urn:uuid: with a UUID in small letters';
  if (/^urn:oid:/i.test(text) && !oid.test(text)) return 'must be urn:oid: with a well-formed OID';
  if (!/^[a-z][a-z0-9+.-]*:[^\s:/]|^https?:\/\/[^/?#]/i.test(text) || !URL.canParse(text))
    return 'must be an absolute URI, such as https://clinic.example.org/loopwell or urn:oid:…';
  if (/^https?:/i.test(text) && text.includes('#')) return 'must be a URI without #';
  const host = /^https?:/i.test(text) ? new URL(text).hostname : '';
  const isTerminology = terminologyHosts.some((one) => host === one || host.endsWith(`.${one}`));
  return isTerminology || hl7Oids.test(text)
    ? "must be a system of your own, not a code system or one of HL7's"
    : undefined;
}
