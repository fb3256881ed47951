import { type fhir4, systems } from '@loopwell/fhir';
import { objectsIn, objectsOf, textOf } from '../../fhir-json/tolerant-readers.ts';

/** Lists the codes of a concept in one system. */
export const codesOf = (concept: fhir4.CodeableConcept | undefined, system: string): string[] =>
  codingsOf(concept)
    .filter((coding) => isSystem(coding.system, system))
    .map(({ code }) => written(code, system));

/**
 * Lists the codes of a Condition on file in one system. A code without a system counts where its
 * form fits that system alone.
 */
export function codesOnFile({ code }: fhir4.Condition, system: string): string[] {
  const nameless = codingsOf(code).filter((coding) => coding.system === undefined);
  const codes = nameless.map((coding) => written(coding.code, system));
  const recognized = codes.filter((text) => forms[system]?.test(withoutTerm(text, system)));
  return [...codesOf(code, system), ...recognized].map((text) => withoutTerm(text, system));
}

/**
 * Drops the term or refinement behind a code: `733423003 |Food insecurity|`, `Z59.41 Food
 * insecurity`. A refined finding is a kind of the finding before the colon (SNOMED CT compositional
 * grammar).
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

type Code = { system: unknown; code: string };

/**
 * Lists the codings of a concept. A number is read as its digits, and a single coding as a list of
 * one.
 */
function codingsOf(concept: fhir4.CodeableConcept | undefined): Code[] {
  const codings: Code[] = [];
  for (const { coding } of objectsIn(concept))
    for (const { system, code } of objectsIn(coding)) {
      const text = textOf(typeof code === 'number' ? String(code) : code);
      if (text !== undefined)
        codings.push({ system: system === '' ? undefined : system, code: text.trim() });
    }
  return codings;
}

/** Normalizes a code: ICD-10-CM of billing systems comes without its dot, or in small letters. */
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

/**
 * Tells whether a received system means this code system: by its address in any writing or edition,
 * or by its OID.
 */
function isSystem(received: unknown, system: string): boolean {
  if (received === system) return true;
  if (typeof received !== 'string') return false;
  const [address = ''] = received.trim().toLowerCase().split('|');
  const plain = address.replace(/\/+$/, '').replace(/^https:/, 'http:');
  if (plain === system.toLowerCase()) return true;
  if (system === systems.snomed && plain.startsWith(`${systems.snomed}/`)) return true;
  const oid = oids[system];
  return oid !== undefined && plain.replace(/^urn:oid:/, '') === oid;
}

/** Lists the SDOHCC categories of a Condition on file. */
export const categoriesOn = (condition: fhir4.Condition): string[] =>
  objectsOf(condition.category).flatMap((category) => codesOf(category, systems.sdohcc));

/** Tells whether a Condition has US Core's category for social needs, or one of the guide's. */
export const isSocial = (condition: fhir4.Condition): boolean =>
  categoriesOn(condition).length > 0 ||
  objectsOf(condition.category).some((concept) =>
    codesOf(concept, systems.usCoreCategory).includes('sdoh'),
  );
