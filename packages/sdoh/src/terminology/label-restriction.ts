import { isPlainLabel, type Labels, systems } from '@loopwell/fhir';
import { plainText } from '../fhir-json/tolerant-readers.ts';
import type { Restriction } from '../model.ts';

/**
 * Codes of v3-Confidentiality that do not restrict: unrestricted, low, moderate, normal.
 * DECISIONS D24.
 */
const unrestricted: ReadonlySet<unknown> = new Set(['U', 'L', 'M', 'N']);

/**
 * Labels of substance use information and Part 2 data (42 CFR Part 2) by v3-ActCode, in lower case.
 */
const partTwo: ReadonlySet<string> = new Set(['eth', '42cfrpart2']);

/**
 * Returns how labels restrict a need that rests on what carries them; undefined where they let it
 * go like any other. Unrestricted are U, L, M and N of v3-Confidentiality alone; every other label
 * restricts, one that is not known included.
 */
export function restrictionOf(labels: Labels): Restriction | undefined {
  const restricts = (label: Labels[number]) =>
    label.system !== systems.confidentiality ||
    !unrestricted.has(label.code) ||
    !isPlainLabel(label);
  if (!labels.some(restricts)) return undefined;
  return labels.some((coding) =>
    partTwo.has(plainText(coding.code).split(/[|#]/).at(-1)?.trim().toLowerCase() ?? ''),
  )
    ? 'named-consent'
    : 'one-recipient';
}
