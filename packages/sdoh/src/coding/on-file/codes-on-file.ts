import { type fhir4, mapDefined, systems } from '@loopwell/fhir';
import { isObject, objectsOf, textOf } from '../../fhir-json/tolerant-readers.ts';

export const codesOf = (concept: fhir4.CodeableConcept | undefined, system: string) =>
  mapDefined(codingsOf(concept), ({ system: said, code }) =>
    isSystem(said, system) && code !== undefined ? written(code, system) : undefined,
  );

/** Codes of a Condition on file by one system; one that came without a system counts where it can be of no other. */
export function codesOnFile({ code }: fhir4.Condition, system: string): string[] {
  const nameless = mapDefined(codingsOf(code), (one) =>
    one.system === undefined && one.code !== undefined ? one.code : undefined,
  );
  const all = [
    ...codesOf(code, system),
    ...nameless
      .map((one) => written(one, system))
      .filter((one) => forms[system]?.test(withoutTerm(one, system))),
  ];
  return all.map((one) => withoutTerm(one, system));
}

/**
 * The code alone where its term or a refinement stands behind it: `733423003 |Food insecurity|`, `Z59.41 Food insecurity`. A
 * refined finding is a kind of the finding before the colon (SNOMED CT compositional grammar).
 */
function withoutTerm(code: string, system: string): string {
  const pattern =
    system === systems.snomed
      ? /^(\d{8,18})\s*[|:]/
      : /^([A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?)[\s|:-]/;
  return pattern.exec(code)?.[1] ?? code;
}

const forms: Readonly<Record<string, RegExp>> = {
  [systems.snomed]: /^\d{8,18}$/,
  [systems.icd10cm]: /^[A-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}$/,
};

type Code = { system: unknown; code: string | undefined };

/** A number stands for its digits, and one coding for a list of one: neither can mean anything else. */
const codingsOf = (concept: fhir4.CodeableConcept | undefined): Code[] =>
  [concept as unknown]
    .flat()
    .filter(isObject)
    .flatMap(({ coding }) => [coding].flat().filter(isObject))
    .map(({ system, code }) => ({
      system: system === '' ? undefined : system,
      code: textOf(typeof code === 'number' ? String(code) : code)?.trim(),
    }));

/** ICD-10-CM codes of billing systems come without their dot, or in small letters. */
function written(code: string, system: string): string {
  const text = code.trim();
  if (system !== systems.icd10cm) return text;
  const upper = text.toUpperCase();
  return /^[A-Z]\d[0-9A-Z][0-9A-Z]{1,4}$/.test(upper)
    ? `${upper.slice(0, 3)}.${upper.slice(3)}`
    : upper;
}

const oids: Readonly<Record<string, string>> = {
  [systems.snomed]: '2.16.840.1.113883.6.96',
  [systems.icd10cm]: '2.16.840.1.113883.6.90',
};

/** A code system by its address, however it is written and whatever edition it names, or by its OID: none means anything else. */
function isSystem(said: unknown, system: string): boolean {
  if (said === system) return true;
  if (typeof said !== 'string') return false;
  const plain =
    said
      .trim()
      .toLowerCase()
      .split('|')[0]
      ?.replace(/\/+$/, '')
      .replace(/^https:/, 'http:') ?? '';
  const isEdition = system === systems.snomed && plain.startsWith(`${systems.snomed}/`);
  return (
    plain === system.toLowerCase() ||
    isEdition ||
    (oids[system] !== undefined && plain.replace(/^urn:oid:/, '') === oids[system])
  );
}

/** SDOHCC categories of a Condition on file. */
export const categoriesOn = (condition: fhir4.Condition): string[] =>
  objectsOf(condition.category).flatMap((one) => codesOf(one, systems.sdohcc));

/** Of US Core's category for social needs, or of one of the guide's. */
export const isSocial = (condition: fhir4.Condition): boolean =>
  categoriesOn(condition).length > 0 ||
  objectsOf(condition.category).some((concept) =>
    codesOf(concept, systems.usCoreCategory).includes('sdoh'),
  );
