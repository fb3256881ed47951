import { type fhir4, systems, withoutUndefined } from '@loopwell/fhir';
import type { Coding } from '../fhir-json/codings.ts';
import { concept } from '../fhir-json/codings.ts';
import table from './condition-codes.json' with { type: 'json' };
import { icd10cmToSuggest } from './icd10cm.ts';
import { ourIdentifier } from './our-identifiers.ts';

const byCategory: Readonly<Record<string, readonly { code: string; display: string }[]>> =
  table.byCategory;

/**
 * Lists SNOMED CT findings of the value set that the guide binds to a category's Conditions, as far
 * as its members are known. A person may choose one of them instead of the suggested one. Abuse,
 * violence and incarceration have none here: no suggestion is made there.
 */
export function conditionCodesOf(category: string): Coding[] {
  return (byCategory[category] ?? []).map((one) => ({ system: table.system, ...one }));
}

/**
 * Returns a suggestion with the finding that a person chose instead. All else stays: it is still
 * unconfirmed.
 *
 * @param icd10cm leaf that our tables pair with the chosen finding; an unpaired finding stands
 * alone, and so does one where the site wants no ICD-10-CM code before a clinician confirms
 */
export function withChosenCode(
  condition: fhir4.Condition,
  chosen: Coding,
  icd10cm: string | undefined,
): fhir4.Condition {
  const had = condition.code?.coding?.some((one) => one.system === systems.icd10cm) === true;
  const leaf = had
    ? icd10cmToSuggest({ snomed: chosen.code, icd10cm }, condition.recordedDate ?? '')
    : undefined;
  const coding = [
    { ...chosen, version: table.edition },
    ...(leaf === undefined ? [] : [{ system: systems.icd10cm, code: leaf }]),
  ];
  return {
    ...condition,
    code: { coding, ...withoutUndefined({ text: chosen.display || undefined }) },
  };
}

/**
 * Builds the Provenance of a chosen code: the suggestion was the software's, this change is a
 * person's.
 */
export function choiceProvenance(
  id: string,
  condition: string,
  principal: { name: string; system: string },
  at: Date,
): fhir4.Provenance {
  return {
    resourceType: 'Provenance',
    id,
    target: [{ reference: `Condition/${condition}` }],
    recorded: at.toISOString(),
    activity: concept(systems.provenanceActivity, 'UPDATE'),
    agent: [
      {
        type: concept(
          'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
          'author',
        ),
        who: { identifier: ourIdentifier(principal.name, principal.system) },
      },
    ],
  };
}
