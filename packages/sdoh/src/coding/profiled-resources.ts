import { type fhir4, type Labels, profiles, systems, withoutUndefined } from '@loopwell/fhir';
import { concept, snomedVersion } from '../fhir-json/codings.ts';
import { dateTimeOf, instantOf } from '../fhir-json/dates.ts';
import { omitUndefined } from '../fhir-json/omit-undefined.ts';
import type { Finding, Instrument, PersonRecord, SiteChoices } from '../model.ts';
import { icd10cmToSuggest } from '../terminology/icd10cm.ts';
import { referenceToDevice } from '../terminology/our-device.ts';
import { identityOr, ourIdentifier } from '../terminology/our-identifiers.ts';

/** The context that our resources of one screening share. */
export type Maker = {
  record: PersonRecord;
  instrument: Instrument;
  authored: string;
  encounter: string | undefined;
  answeredBy: fhir4.Reference | undefined;
};

const identifierOf = (id: string, { record }: Maker) => [
  ourIdentifier(id, identityOr(record.identity).system),
];

const subjectOf = (record: PersonRecord): fhir4.Reference => ({
  reference: `Patient/${record.person}`,
});

function encounterOf(maker: Maker): { encounter?: fhir4.Reference } {
  return maker.encounter
    ? { encounter: { reference: `${maker.record.base}/Encounter/${maker.encounter}` } }
    : {};
}

/**
 * Lists the SDOHCC categories of a finding's question. A `-` (a topic outside of them) is left out.
 * DECISIONS D36.
 */
export const categoryConcepts = ({ categories, categoryText }: Finding): fhir4.CodeableConcept[] =>
  categories
    .filter((category) => category !== '-')
    .map((category) => {
      const plain = concept(systems.sdohcc, category);
      return categoryText ? { ...plain, text: categoryText } : plain;
    });

const categoriesByRow = new WeakMap<readonly string[], fhir4.CodeableConcept[]>();

/**
 * Returns the categories of a Screening Response. They are made once for each question's row, since
 * answers come by the million.
 */
function screeningCategories(finding: Finding): fhir4.CodeableConcept[] {
  const made = categoriesByRow.get(finding.categories) ?? [
    concept(systems.observationCategory, 'survey'),
    concept(systems.usCoreCategory, 'sdoh'),
    ...categoryConcepts(finding),
  ];
  categoriesByRow.set(finding.categories, made);
  return made;
}

/**
 * Returns the interpretation of a finding: POS for a possible need, NEG only where a site chose so
 * (guide: no interpretation for a negative answer).
 */
export function interpretationOf(
  finding: Finding,
  choices: SiteChoices | undefined,
): Pick<fhir4.Observation, 'interpretation'> {
  if (finding.positive) return { interpretation: [concept(systems.interpretation, 'POS')] };
  const isNegative =
    choices?.interpretNegative === true && finding.negative === true && !finding.contradicted;
  return isNegative ? { interpretation: [concept(systems.interpretation, 'NEG')] } : {};
}

/**
 * Returns the security labels of a finding's Observation: those of its sources, and `R`
 * (restricted) for answers on some topics.
 */
export function securityOf({ restricted }: Finding, labels: Labels): Pick<fhir4.Meta, 'security'> {
  const isRestricted = labels.some(
    (one) => one.system === systems.confidentiality && (one.code === 'R' || one.code === 'V'),
  );
  const all =
    restricted && !isRestricted
      ? [...labels, { system: systems.confidentiality, code: 'R' }]
      : labels;
  return all.length === 0 ? {} : { security: [...all] };
}

/** Builds an SDOHCC Screening Response: one question and one answer. */
export function screeningResponse(
  id: string,
  finding: Finding,
  maker: Maker,
  derivedFrom: readonly string[],
  labels: Labels,
): fhir4.Observation {
  return {
    resourceType: 'Observation',
    id,
    meta: { profile: [profiles.screeningResponse], ...securityOf(finding, labels) },
    identifier: identifierOf(id, maker),
    status: 'final',
    category: screeningCategories(finding),
    code: concept(systems.loinc, finding.question),
    subject: subjectOf(maker.record),
    ...encounterOf(maker),
    ...effectiveOf(maker.authored),
    ...withoutUndefined({
      performer: maker.answeredBy && !finding.computed ? [maker.answeredBy] : undefined,
    }),
    ...answerValue(finding),
    ...interpretationOf(finding, maker.record.choices),
    derivedFrom: derivedFrom.map((reference) => ({ reference })),
  };
}

/**
 * Returns the `effective[x]` of an answer. A time known to the month or year only becomes a period,
 * because US Core wants a dateTime to the day at least (us-core-1).
 */
function effectiveOf(authored: string): Partial<fhir4.Observation> {
  return authored.length < 10
    ? { effectivePeriod: { start: authored, end: authored } }
    : { effectiveDateTime: dateTimeOf(authored) };
}

function answerValue(finding: Finding): Partial<fhir4.Observation> {
  const [answer] = finding.answers;
  if (!answer || answer.absent !== undefined || answer.invalid !== undefined) {
    return {
      dataAbsentReason: concept(
        systems.dataAbsentReason,
        answer?.invalid ? 'error' : (answer?.absent ?? 'unknown'),
      ),
    };
  }
  if (answer.number !== undefined) {
    return {
      valueQuantity: {
        value: answer.number,
        system: 'http://unitsofmeasure.org',
        code: '{#}',
        unit: '{#}',
      },
    };
  }
  if (answer.code !== undefined)
    return { valueCodeableConcept: concept(systems.loinc, answer.code, answer.display) };
  return { valueCodeableConcept: { text: answer.text ?? '' } };
}

/** Returns the SNOMED CT edition of a table's codes: some exist in the US edition alone. */
function editionOf({ instrument }: Maker): { version?: string } {
  const version = instrument.codeSystems[systems.snomed];
  return version === undefined ? {} : { version };
}

/** A finding, and its screening with the person who answered. */
type Statement = { finding: Finding; maker: Maker };

/**
 * Builds an SDOHCC Condition: active, unconfirmed, a health concern; never a problem list item or
 * encounter diagnosis.
 */
export function unconfirmedCondition(
  id: string,
  { finding, maker }: Statement,
  asserted: Statement,
  evidence: readonly string[],
  labels: Labels,
): fhir4.Condition {
  const { need } = finding;
  const coding = codingOf(finding, maker);
  const asserter = asserterOf(asserted);
  const meta: fhir4.Meta = { profile: [profiles.condition] };
  if (labels.length > 0) meta.security = [...labels];
  // A need without a finding, answered before its ICD-10-CM leaf existed, has a text and no codes:
  // FHIR forbids an empty list.
  const code = omitUndefined<fhir4.CodeableConcept>({
    coding: coding.length > 0 ? coding : undefined,
    text: need?.display,
  });
  return {
    resourceType: 'Condition',
    id,
    meta,
    ...asserter.extension,
    identifier: identifierOf(id, maker),
    clinicalStatus: concept(systems.conditionClinical, 'active'),
    verificationStatus: concept(systems.conditionVerification, 'unconfirmed'),
    category: [
      concept(systems.usCoreConditionCategory, 'health-concern'),
      concept(systems.usCoreCategory, 'sdoh'),
      concept(systems.sdohcc, need?.category ?? 'sdoh-category-unspecified'),
    ],
    code,
    subject: subjectOf(maker.record),
    ...encounterOf(maker),
    recordedDate: dateTimeOf(maker.authored),
    ...asserter.asserter,
    evidence: evidence.map((reference) => ({ detail: [{ reference }] })),
  };
}

/**
 * Lists the codes to suggest for a need: its SNOMED CT finding, and the ICD-10-CM leaf of the day
 * of the answer.
 */
function codingOf({ need }: Finding, maker: Maker): fhir4.Coding[] {
  if (!need) return [];
  const { snomed, display } = need;
  const coding: fhir4.Coding[] = [];
  if (snomed) {
    const version = { ...editionOf(maker), ...snomedVersion(snomed) };
    coding.push({ system: systems.snomed, ...version, code: snomed, display });
  }
  const isLeftOut = maker.record.choices?.withoutIcd10cm === true && snomed !== undefined;
  const leaf = isLeftOut ? undefined : icd10cmToSuggest(need, maker.authored);
  if (leaf) coding.push({ system: systems.icd10cm, code: leaf });
  return coding;
}

/** Tells whether a finding is a score, computed here or before it came. */
export const isScore = ({ computed, stated }: Finding): boolean => computed || stated === true;

/**
 * Returns the asserter of a Condition: the person who answered, or a Device where the Condition
 * follows only from a score (guide, Condition.asserter).
 */
function asserterOf({ finding, maker }: Statement): {
  extension: Partial<fhir4.Condition>;
  asserter: Partial<fhir4.Condition>;
} {
  if (isScore(finding)) {
    const extension = [
      { url: profiles.asserterDevice, valueReference: referenceToDevice(maker.record.device) },
    ];
    return { extension: { extension }, asserter: {} };
  }
  return { extension: {}, asserter: maker.answeredBy ? { asserter: maker.answeredBy } : {} };
}

/** The origin of a Condition, for its Provenance. */
export type Origin = {
  /** References to the resources that it was made of. */
  sources: readonly string[];
  /** Rules and code systems, each with its version, as canonicals. */
  policies: readonly string[];
  recorded: string;
  /** Id of this installation's Device, where it has one. */
  device?: string | undefined;
};

/**
 * Builds the Provenance of a Condition: its sources, the software that drew the conclusion, and the
 * rules (`policy`), each rule with the version of its table, each code system with its version.
 */
export function provenanceOf(
  id: string,
  conditionId: string,
  { sources, policies, recorded, device }: Origin,
): fhir4.Provenance {
  return {
    resourceType: 'Provenance',
    id,
    target: [{ reference: `Condition/${conditionId}` }],
    recorded: instantOf(recorded),
    policy: [...policies],
    activity: concept(systems.provenanceActivity, 'CREATE'),
    agent: [
      {
        type: concept(
          'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
          'assembler',
        ),
        who: referenceToDevice(device),
      },
    ],
    entity: sources.map((reference) => ({ role: 'source', what: { reference } })),
  };
}
