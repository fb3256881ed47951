import { type fhir4, systems } from '@loopwell/fhir';
import { objectsOf, textOf } from '../../fhir-json/tolerant-readers.ts';

/** The policy that a site's consent forms fall under, as `--consent-policy` names it. */
export type ConsentPolicy = { system: string; code: string };

const consentPolicies = 'http://terminology.hl7.org/CodeSystem/consentpolicycodes';

/**
 * HIPAA's authorization. It is the policy of a consent that is recorded here where the site has
 * named no other.
 */
export const hipaaAuthorization: ConsentPolicy = { system: consentPolicies, code: 'hipaa-auth' };

/**
 * Policies under which a form permits disclosure: HIPAA's authorization, Michigan's and the VA's
 * forms of it, and an opt-in.
 */
const permitting: readonly ConsentPolicy[] = [
  hipaaAuthorization,
  { system: consentPolicies, code: 'mdhhs-5515' },
  { system: consentPolicies, code: 'va-10-5345' },
  { system: systems.actCode, code: 'OPTIN' },
];

/**
 * Policies that mean a no, or a yes with restrictions, as they may be named in words or at the end
 * of an address.
 */
const refusing = new Set(
  [
    'OPTOUT',
    'OPTOUTE',
    'OPTINR',
    'NOCONSENT',
    'NOPP',
    'hipaa-restrictions',
    'hipaa-self-pay',
    'va-10-0484',
    'va-10-10116',
  ].map(plain),
);

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** Matches verbs of a no, and words that say that something is not to be done. */
const noes = new RegExp(
  [
    'opt(ed|ing|s)?[^a-z0-9]?out(?![a-z])',
    'refus(e|al|ing)',
    'declin(e|ing)',
    'den(y|ied|ies|ial)',
    'revo(ked?|king|cation)',
    'withdr(a|e)w',
    'dissent',
    'object(s|ed|ion)',
    'restrict',
    'prohibit',
    'forb(id|ade)',
    "(not|cannot|never|[a-z]*n['’]t) (to )?(be )?" +
      '(share|disclose|release|send|sent|exchange|consent|permit|agree|allow|authori[sz]e)',
    'no (consent|sharing|disclosure|release|exchange|permission|authori[sz]ation)(?![a-z])',
    'non-?(consent|disclosure)',
    '(not|never) (been |yet )?(signed|obtained|given|granted|authori[sz]ed)(?![a-z])',
    'un-?signed',
    '(pending|awaiting|missing|lacks) (a )?(signature|consent|authori[sz]ation)',
    '(has|was|auth|consent|authori[sz]ation) expired(?![a-z])',
    'no (autori[zc]|consient|acept|permit|compart|divulg)',
    '(de)?nieg[ao]|(de)?negad[ao]|rechaz',
  ]
    .map((one) => `(?<![a-z])${one}`)
    .join('|'),
  'i',
);

/** Words that, alone, name no policy: a no, or an unknown. */
const nothingSaid = new Set(
  'no none na nil null never nothing unknown unk tbd unspecified notapplicable notknown notspecified pending expired ninguno ninguna nunca'.split(
    ' ',
  ),
);

/**
 * Matches what a form says of a right: "may be revoked at any time", "unless withdrawn", "without
 * restrictions".
 */
const rights =
  /\b(may|can|could|right to|right of|subject to|free to|able to|choose to|until|unless|if)( [a-z]+)? (opt(ed|ing)?[ -]?out|refus|declin|revo[kc]|withdr[ae]w|object|restrict)[a-z]*|\b(without|no|not|not been) (restrictions?|revoked|withdrawn|refused|denied)\b/gi;

/** Separates words as a reader does: `OptOut_form` becomes "Opt Out form". */
const spaced = (text: string) =>
  text.replaceAll(/(?<=[a-z])(?=[A-Z])|_|%20|\+/g, ' ').replaceAll(/\s+/g, ' ');

/**
 * Tells whether words or an address name a refusal, a withdrawal or a restriction. Words that only
 * state a right to one do not.
 */
function saysNo(text: string | undefined): boolean {
  if (text === undefined) return false;
  if (/^[\s\-–?.]*$/.test(text) || nothingSaid.has(plain(text))) return true;
  if (
    refusing.has(plain(text)) ||
    text.split(/[/#|:?&=.,;\s]/).some((part) => refusing.has(plain(part)))
  )
    return true;
  return noes.test(spaced(text).replaceAll(rights, ' '));
}

/** Tells whether an address says no; it has hyphens where words have spaces. */
const addressSaysNo = (text: string | undefined) =>
  saysNo(text) || saysNo(text?.replaceAll(/[-/#?&=.:]/g, ' '));

/** Tells whether a concept says no: by a code, its name, or the words beside it. */
const conceptSaysNo = (concept: fhir4.CodeableConcept | undefined): boolean =>
  saysNo(textOf(concept?.text)) ||
  objectsOf(concept?.coding).some(
    ({ code, display }) => saysNo(textOf(code)) || saysNo(textOf(display)),
  );

/**
 * Finds the element by which a Consent says no: its policy, its category, its scope or the title of
 * its form.
 */
export function refusalIn(consent: fhir4.Consent): string | undefined {
  if (conceptSaysNo(consent.policyRule)) return 'Consent.policyRule';
  if (
    objectsOf(consent.policy).some(
      ({ uri, authority }) => addressSaysNo(textOf(uri)) || addressSaysNo(textOf(authority)),
    )
  )
    return 'Consent.policy';
  if (objectsOf(consent.category).some(conceptSaysNo)) return 'Consent.category';
  // The display of its code names the code system's word; the text is what a person wrote.
  if (saysNo(textOf(consent.scope?.text))) return 'Consent.scope';
  if (saysNo(textOf(consent.sourceReference?.display))) return 'Consent.sourceReference.display';
  return saysNo(textOf(consent.sourceAttachment?.title))
    ? 'Consent.sourceAttachment.title'
    : undefined;
}

/**
 * Tells why a Consent's policy does not permit: `policyRule` names anything but a permitting
 * policy, or no policy is named. Words alone, an `authority` and an address are a policy; several
 * codes of one concept are translations. Refusals are looked for before this.
 *
 * @param site the policy that the site has named for its forms: it permits, and stands in where a
 * Consent names none
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
  const addresses = policies
    .flatMap((policy) => [policy.uri, policy.authority])
    .filter((text) => textOf(text) !== undefined);
  if (codings.length > 0)
    return codesPermit(codings, [...permitting, ...recorded, ...(site ? [site] : [])])
      ? undefined
      : 'policy';
  return words !== undefined || addresses.length > 0 || site !== undefined ? undefined : 'missing';
}

const codesPermit = (
  codings: readonly fhir4.Coding[],
  policies: readonly ConsentPolicy[],
): boolean =>
  codings.some((coding) =>
    policies.some((policy) => policy.system === coding.system && policy.code === coding.code),
  );

/**
 * Reads `system|code` of a policy; undefined where the text is none, or names a policy that does
 * not permit.
 */
export function parseConsentPolicy(text: string): ConsentPolicy | undefined {
  const [, system, code] = /^([^\s|]+:[^\s|]+)\|([^\s|]{1,80})$/.exec(text) ?? [];
  if (system === undefined || code === undefined || saysNo(code)) return undefined;
  return { system, code };
}
