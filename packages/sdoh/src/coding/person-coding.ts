import type { fhir4, Labels } from '@loopwell/fhir';
import type { CodingIssue, Finding, Restriction } from '../model.ts';

export type ScreeningOutcome =
  | 'coded'
  | 'needsPerson'
  | 'nothingToCode'
  | 'inProgress'
  | 'quarantined';

/** One screening: (person, instrument, authored). */
export type Screening = {
  /** deriveId(tenant, 'screening', connection, person, instrument, authored instant) */
  id: string;
  instrument: string;
  authored: string;
  /** `Type/id` of all resources that it was read from. */
  sources: readonly string[];
  /** Id of the Encounter in the EHR, where one can be told without guessing. */
  encounter?: string;
  outcome: ScreeningOutcome;
  /** Why a quarantined one could not be read: a code of ours. */
  quarantine?: string;
  /** It says that the person may be in danger, or nobody can say that it does not. */
  safety?: boolean;
  issues: readonly CodingIssue[];
};

/** A resource that coding makes, with the id it will have for ever. */
export type Made<R> = {
  id: string;
  resource: R;
  /** Ids of made resources and `Type/id` of EHR resources that it rests on. */
  sources: readonly string[];
};

/** Why a code was suggested. */
export type Evidence = {
  condition: string;
  observation: string;
  source: string;
  rule: string;
  ruleVersion: string;
  codeSystems: readonly { system: string; code: string; version: string }[];
  /** When it was answered, as its source writes it. */
  authored: string;
  /** "Suggested because … answered … on …" */
  sentence: string;
};

/** A person's need in one category: what one referral is for. */
export type Need = {
  category: string;
  /** Ids of made Conditions and `Condition/<id>` of EHR Conditions that got evidence, sorted. */
  conditions: readonly string[];
  /**
   * The policy `unambiguous` may let it go: see issue gates; false when anything contradicts or
   * only a score says so.
   */
  unambiguous: boolean;
  sensitive: boolean;
  /** What it rested on is gone, and somebody had decided on it: that person has to look again. */
  doubted?: boolean;
  /** Every Condition of it is the EHR's and confirmed there: a clinician has looked at it. */
  confirmed?: boolean;
  /** It rests on something that is labeled: no policy lets it go, and how a person may. */
  restriction?: Restriction;
  /** When the latest positive answer was given. */
  since: string;
};

/**
 * What one answer said, the Observation that carries it (`isFromEhr`: the EHR's own), and the
 * labels under which it stands.
 */
export type Reading = { finding: Finding; observation: string; isFromEhr: boolean; labels: Labels };

export type PersonCoding = {
  screenings: readonly Screening[];
  observations: readonly Made<fhir4.Observation>[];
  /** New or with added evidence; ours only. */
  conditions: readonly Made<fhir4.Condition>[];
  /**
   * Suggestions of before that nothing supports any more and that nobody has looked at:
   * `entered-in-error`.
   */
  withdrawn: readonly Made<fhir4.Condition>[];
  /** Conditions of the EHR that an answer supports: nothing else in them is changed. */
  evidenceAdded: readonly { condition: string; observations: readonly string[] }[];
  provenances: readonly Made<fhir4.Provenance>[];
  evidence: readonly Evidence[];
  needs: readonly Need[];
  /**
   * What each answer said, and the Observation that carries it: `isFromEhr` where that is the EHR's
   * own.
   */
  readings: readonly Reading[];
  /** Conditions on file that somebody has to look at again: `source` is the Condition. */
  reviews: readonly CodingIssue[];
};
