import type { fhir4, Labels } from '@loopwell/fhir';
import type { CodingIssue, Finding, Restriction } from '../model.ts';

/** The outcome of coding one screening. */
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
  /** Code of ours for the reason why a quarantined screening could not be read. */
  quarantine?: string;
  /** True where the person may be in danger, by an answer or because a safety answer is unread. */
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

/** The reason why a code was suggested. */
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

/** A person's need in one category; one referral is for one such need. */
export type Need = {
  category: string;
  /** Ids of made Conditions and `Condition/<id>` of EHR Conditions that got evidence, sorted. */
  conditions: readonly string[];
  /** True where the policy `unambiguous` may act on it: `isUnambiguous` and no contradiction. */
  unambiguous: boolean;
  sensitive: boolean;
  /** A person decided on it, and its evidence is gone since: a person has to look again. */
  doubted?: boolean;
  /** Every Condition of it is the EHR's and confirmed there by a clinician. */
  confirmed?: boolean;
  /** Set where labeled resources support it: no policy may send it, and how a person may. */
  restriction?: Restriction;
  /** When the latest positive answer was given. */
  since: string;
};

/** The finding of an answer, its Observation (`isFromEhr`: the EHR's own), and its labels. */
export type Reading = {
  finding: Finding;
  observation: string;
  isFromEhr: boolean;
  labels: Labels;
};

/** The result of coding one person. */
export type PersonCoding = {
  screenings: readonly Screening[];
  observations: readonly Made<fhir4.Observation>[];
  /** New or with added evidence; ours only. */
  conditions: readonly Made<fhir4.Condition>[];
  /** Earlier suggestions without support or a person's decision, now `entered-in-error`. */
  withdrawn: readonly Made<fhir4.Condition>[];
  /** Conditions of the EHR that an answer supports: nothing else in them is changed. */
  evidenceAdded: readonly { condition: string; observations: readonly string[] }[];
  provenances: readonly Made<fhir4.Provenance>[];
  evidence: readonly Evidence[];
  needs: readonly Need[];
  /** The finding of each answer, with the Observation that carries it. */
  readings: readonly Reading[];
  /** Conditions on file that a person has to look at again: `source` is the Condition. */
  reviews: readonly CodingIssue[];
};
