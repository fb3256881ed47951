import { type fhir4, labelsOf, systems } from '@loopwell/fhir';
import { codesOnFile, isSocial } from '../coding/on-file/codes-on-file.ts';
import { isInError, isRefuted } from '../coding/on-file/condition-status.ts';
import { objectsOf } from '../fhir-json/tolerant-readers.ts';
import type { PersonRecord } from '../model.ts';
import { conditionCodesOf } from '../terminology/condition-codes.ts';
import { restrictionOf } from '../terminology/label-restriction.ts';
import { isOurs } from '../terminology/our-identifiers.ts';
import { sdohccCategories } from '../terminology/sdohcc-categories.ts';
import table from './social-findings.json' with { type: 'json' };

/**
 * A social Condition that stands in the chart already. Its name is a table's, never the EHR's.
 * DECISIONS D110.
 */
export type SocialOnFile = { code: string; display: string; isRestricted: boolean };

type Row = { display: string; restricted?: boolean };

const findings: ReadonlyMap<string, Row> = new Map([
  ...sdohccCategories.flatMap((category) =>
    conditionCodesOf(category).map(
      (one) => [one.code, { display: one.display ?? one.code }] as const,
    ),
  ),
  ...Object.entries<Row>(table.findings),
]);

/** Matches ICD-10-CM codes of chapter XXI: socioeconomic and psychosocial circumstances. */
const socialLeaf = /^Z(5[5-9]|6[0-5])(\.|$)/;
/**
 * Matches ICD-10-CM codes of abuse and neglect, violence, conviction and imprisonment, and what
 * follows from abuse.
 */
const restrictedLeaf = /^(T7[46]|Z69|Z62\.81|Z63\.0|Z65\.[0-4]|Z91\.41)/;
/** Categories that are restricted by what they are about, whatever else a Condition says. */
const restrictedCategories: ReadonlySet<unknown> = new Set([
  'intimate-partner-violence',
  'elder-abuse',
  'incarceration-status',
]);

/**
 * Lists the social Conditions of a record that are not ours and that were neither refuted nor
 * called a mistake.
 */
export function socialOnFile({ conditions, identity }: PersonRecord): SocialOnFile[] {
  const standing = objectsOf(conditions).filter(
    (condition) => !isOurs(condition, identity) && !isRefuted(condition) && !isInError(condition),
  );
  return standing.map(readSocial).filter((condition) => condition !== undefined);
}

/** Reads a social Condition; undefined for one of another kind. */
function readSocial(condition: fhir4.Condition): SocialOnFile | undefined {
  const snomed = codesOnFile(condition, systems.snomed);
  const leaves = codesOnFile(condition, systems.icd10cm);
  const finding = snomed.find((code) => findings.has(code));
  const leaf = leaves.find((code) => socialLeaf.test(code) || restrictedLeaf.test(code));
  const anyCode = snomed[0] ?? leaves[0] ?? 'no code';
  const code = finding ?? leaf ?? (isSocial(condition) ? anyCode : undefined);
  if (code === undefined) return undefined;
  const named = leaf === code ? `ICD-10-CM ${code}` : 'of a category of social needs';
  const display = findings.get(code)?.display ?? named;
  return { code, display, isRestricted: isRestricted(condition, snomed, leaves) };
}

/** Tells whether a Condition is restricted: by what it is about, or by a label. */
function isRestricted(
  condition: fhir4.Condition,
  snomed: readonly string[],
  leaves: readonly string[],
): boolean {
  const codings = objectsOf(condition.category).flatMap(({ coding }) => objectsOf(coding));
  return (
    leaves.some((leaf) => restrictedLeaf.test(leaf)) ||
    snomed.some((code) => findings.get(code)?.restricted === true) ||
    codings.some(({ code }) => restrictedCategories.has(code)) ||
    restrictionOf(labelsOf(condition)) !== undefined
  );
}
