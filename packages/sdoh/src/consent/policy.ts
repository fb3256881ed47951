import { type fhir4, systems } from '@loopwell/fhir';
import { objectsOf, textOf } from '../shapes.ts';

/** The policy that a site's consent forms fall under, as `--consent-policy` names it. */
export type ConsentPolicy = { system: string; code: string };

const consentPolicies = 'http://terminology.hl7.org/CodeSystem/consentpolicycodes';

/** HIPAA's authorization: the policy of a consent that is recorded here where the site has named no other. */
export const hipaaAuthorization: ConsentPolicy = { system: consentPolicies, code: 'hipaa-auth' };

/** Policies under which a form permits disclosure: HIPAA's authorization, Michigan's and the VA's forms of it, and an opt-in. */
const permitting: readonly ConsentPolicy[] = [
  hipaaAuthorization,
  { system: consentPolicies, code: 'mdhhs-5515' },
  { system: consentPolicies, code: 'va-10-5345' },
  { system: systems.actCode, code: 'OPTIN' },
];

/** Policies by which somebody says no, or yes with restrictions, as they may be named in words or at the end of an address. */
const refusing = new Set(
  ['OPTOUT', 'OPTOUTE', 'OPTINR', 'NOCONSENT', 'NOPP', 'hipaa-restrictions', 'hipaa-self-pay', 'va-10-0484', 'va-10-10116'].map(plain),
);

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

const no = /\bopt(ed|ing)?[\s_-]?out|restriction|refused|denied|do(es)? not (share|consent|permit)|^(consent )?(revoked|withdrawn)\b/i;
const saysNo = (words: string) => refusing.has(plain(words)) || no.test(words);

/**
 * Where a Consent's policy does not permit: `policyRule` that names anything but a permitting policy, or words or addresses
 * that say no. Words alone, an `authority` and an address are a policy; several codes of one concept are translations.
 *
 * @param site the policy that the site has named for its forms: it permits, and stands in where a Consent names none
 * @param recorded policies under which consents were recorded here: they permit
 */
export function policyProblemOf(
  consent: fhir4.Consent,
  site: ConsentPolicy | undefined,
  recorded: readonly ConsentPolicy[],
): 'missing' | 'policy' | undefined {
  const codings = objectsOf(consent.policyRule?.coding);
  const policies = objectsOf(consent.policy);
  const words = textOf(consent.policyRule?.text);
  const addresses = policies.flatMap((policy) => [policy.uri, policy.authority]).filter((text) => textOf(text) !== undefined);
  if (words !== undefined && saysNo(words)) return 'policy';
  if (addresses.some((text) => saysNo((text ?? '').split(/[/#|:]/).at(-1) ?? ''))) return 'policy';
  if (codings.length > 0) return codesPermit(codings, [...permitting, ...recorded, ...(site ? [site] : [])]) ? undefined : 'policy';
  return words !== undefined || addresses.length > 0 || site !== undefined ? undefined : 'missing';
}

function codesPermit(codings: readonly fhir4.Coding[], policies: readonly ConsentPolicy[]): boolean {
  if (codings.some((coding) => saysNo(coding.code ?? ''))) return false;
  return codings.some((coding) => policies.some((policy) => policy.system === coding.system && policy.code === coding.code));
}

/** `system|code` of a policy; undefined where the text is none, or names a policy that does not permit. */
export function parseConsentPolicy(text: string): ConsentPolicy | undefined {
  const [, system, code] = /^([^\s|]+:[^\s|]+)\|([^\s|]{1,80})$/.exec(text) ?? [];
  if (system === undefined || code === undefined || saysNo(code)) return undefined;
  return { system, code };
}
