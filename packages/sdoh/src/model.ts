import type { fhir4, Labels } from '@loopwell/fhir';

// Coding is a pure function of what is known about one person: the same record gives the same
// resources with the same ids.
/**
 * What coding needs besides the record. `deriveId` makes the id that a resource has for ever out of
 * what it is made of. Answers after `now` are of the future.
 */
export type CodingDeps = { deriveId: (...parts: string[]) => string; now?: Date };

/** One answer to one question, read from a form or an Observation. */
export type Answer = {
  /** LOINC code of the question. */
  question: string;
  /** LOINC answer code, where one was given or could be told without doubt. */
  code?: string;
  display?: string;
  /** Words that were written beside the code: they must not say something else. */
  beside?: readonly string[];
  text?: string;
  number?: number;
  /** Set when the question was asked and not answered: a code of data-absent-reason. */
  absent?: string;
  /** The source gave that reason itself, by extension or as the value's code. */
  reasoned?: boolean;
  /**
   * Set when what was sent is no answer at all: two values, a value beside a reason for its
   * absence, a wrong type.
   */
  invalid?: string;
  /** A code of the site's own, or of another code system. */
  local?: { system: string; code: string };
  /** A code came without its code system; what it means is not guessed. */
  withoutSystem?: boolean;
  /** The code system was written in another way (its OID): read, and said so. */
  mended?: boolean;
  /** The code of the question was written in another way: read, and said so. */
  mendedQuestion?: boolean;
  /** The question was put and nothing was said: no answer, and no Observation is made of it. */
  blank?: boolean;
  /** The answer came as an Observation with neither a value nor a reason for its absence. */
  unsaid?: boolean;
  /** Wording of the question, where no code tells which one it is. */
  asked?: string;
  /** Words that stand beside the question's code. */
  called?: readonly string[];
  /** The part of the question that was asked for, where it was one part alone. */
  half?: string;
  /** Other known questions that it was coded as, too. */
  alsoAsked?: readonly string[];
  /** The words or other codes are another question's: which one was answered is not certain. */
  misnamed?: boolean;
  /**
   * Questions whose answers it came with or was computed from do not count: entered in error, or
   * not final.
   */
  voided?: readonly string[];
  /**
   * Resources that its Observation derives from or has as members (`Type/id`): the same answer
   * there is no other one.
   */
  related?: readonly string[];
  /** Other places of the same answer, which counts once: labels from there hold for it, too. */
  repeats?: readonly { source: string; place: string }[];
  /** Several answers came in one value; each is one of its own. */
  split?: boolean;
  /**
   * Interpretation that came with it: POS or NEG. What was answered counts; a disagreement is said.
   */
  flag?: 'POS' | 'NEG';
  /**
   * The resource that carries it: `QuestionnaireResponse/q1`, `Observation/o1` (ids of its EHR).
   */
  source: string;
  /** FHIRPath-like place within that resource, e.g. `item[1].answer[0]`. */
  place: string;
  /** Date and time as written in the source. */
  authored: string;
};

/** The meaning of one answer (or one computed score), before anything is made of it. */
export type Finding = {
  /**
   * Stable id of the row that says so: `<instrument>/<question>/<answer>` or `<instrument>/<score
   * rule>`.
   */
  rule: string;
  /** Version of that row, where it is not its table's. */
  ruleVersion?: string;
  question: string;
  answers: readonly Answer[];
  /** SDOHCC category codes of the question, first one first. */
  categories: readonly string[];
  /** Text of the category, where its code alone says nothing. */
  categoryText?: string;
  positive: boolean;
  /** The category of the Condition; absent when none may be made of this answer. */
  need?: NeedCodes & { display: string; minimumAge?: number };
  /** Label of the answer, in short words of ours, for the sentence of the evidence. */
  label: string;
  /** The answer was read only after mending: no policy acts on it alone. */
  mended?: boolean;
  /** Answers of this question disagree: a person looks. */
  contradicted?: boolean;
  /**
   * The answers disagree about whether there is a need at all ("yes" and "no"): none may follow.
   */
  doubtful?: boolean;
  /**
   * The answer says that there is no need: asked, answered, and of a verified row. A refusal does
   * not say that.
   */
  negative?: boolean;
  /** The answer denies the needs of its list, and no others of the category. */
  ofList?: boolean;
  /** The answer is known and means no need, for any question; a received POS is not one. */
  needless?: boolean;
  /** The question was put, and left without an answer. */
  blank?: boolean;
  /** The source is an Observation with neither a value nor a reason for its absence. */
  unsaid?: boolean;
  /** The question was put to a person who could not answer. */
  unanswered?: boolean;
  /** The question was put, and refused. */
  declined?: boolean;
  /** The answer is in no list, or no answer at all: its meaning is unknown. */
  unread?: boolean;
  /** Safety, violence, incarceration: a person looks at it, no machine acts on it. */
  sensitive: boolean;
  /** The question asks whether the person is safe. */
  safety?: boolean;
  /** v3-Confidentiality#R on the Observation. */
  restricted: boolean;
  /**
   * True when the finding is a score over several answers that was computed here, rather than an
   * answer itself.
   */
  computed: boolean;
  /** The score came as an answer, and was not computed here. */
  stated?: boolean;
  /** The answers contradict the stated score, which then says nothing. */
  overruled?: boolean;
};

/** The codes of a need within its category, as a row of a table names them. */
export type NeedCodes = {
  category: string;
  snomed?: string;
  /** Findings that mean the same (another edition's code): known on file, never suggested. */
  alsoSnomed?: readonly string[];
  icd10cm?: string;
};

/** A need that a question can establish. */
export type AskedNeed = NeedCodes & {
  key: string;
  /** The question is about its category as such, so that what is not chosen there is denied. */
  isOwn: boolean;
};

/** An instrument of the shelf: answers in, findings out. Pure. */
export type Instrument = {
  id: string;
  name: string;
  /** LOINC code of the panel. */
  panel: string;
  /** Version of the data file the rows come from; part of every piece of evidence. */
  version: string;
  codeSystems: Readonly<Record<string, string>>;
  /** `questionnaire` canonicals that name it, without version. */
  canonicals: readonly string[];
  /** LOINC codes of its questions. */
  questions: readonly string[];
  short?: string;
  /** LOINC codes of the questions that are scores computed from answers. */
  scores: readonly string[];
  /** Finds the LOINC code of a question by its wording; undefined unless exactly one is meant. */
  questionFor: (words: string) => string | undefined;
  /**
   * Finds a question by wordings in use that vary its own; `half`: they ask for that part of the
   * question alone.
   */
  questionLike: (words: string) => { question: string; half?: string } | undefined;
  /** Returns the label of a question, in short words. */
  labelOf: (question: string) => string;
  /**
   * The instrument comes first when answers without a form are attributed, as it did before others
   * came to the shelf: so nothing stored changes.
   */
  isSettled: boolean;
  /** Tells whether the instrument is the declared owner of a question that others ask, too. */
  owns: (question: string) => boolean;
  /** Lists the SDOHCC categories of a question. */
  categoriesOf: (question: string) => readonly string[];
  /** Lists the needs that the answers to a question can establish. */
  asksFor: (question: string) => readonly AskedNeed[];
  /**
   * Tells whether these answers (one question each) can belong to it; used where no panel and no
   * canonical tells.
   */
  answersTo: (answers: readonly Answer[]) => boolean;
  /**
   * Counts the answers that are in its lists; this tells instruments apart that ask the same
   * question with other answers.
   */
  knows: (answers: readonly Answer[]) => number;
  findings: (answers: readonly Answer[]) => { findings: Finding[]; issues: CodingIssue[] };
};

/** An issue that a person has to look at, or should know; codes as in the coding contract. */
export type CodingIssue = {
  severity: 'warning' | 'information' | 'error';
  code: string;
  /** One plain sentence. It may name questions and codes of answers, hence it is personal data. */
  text: string;
  /** `Type/id` of the resource in the EHR, plus a place within it. */
  source: string;
  place?: string;
  category?: string;
  /**
   * The danger that the person may come to soon, in a few words. It stands on top of every list.
   */
  danger?: string;
};

/**
 * All that coding looks at for one person of one connection: pulled resources as they came, current
 * versions only.
 */
export type PersonRecord = {
  tenant: string;
  connection: string;
  /**
   * FHIR base of the EHR, without trailing slash. References to pulled resources are written
   * against it.
   */
  base: string;
  /** Our id of the person (UUID); made resources refer to `Patient/<person>`. */
  person: string;
  patient?: fhir4.Patient;
  encounters: readonly fhir4.Encounter[];
  responses: readonly fhir4.QuestionnaireResponse[];
  observations: readonly fhir4.Observation[];
  /** Conditions on file in the EHR. */
  conditions: readonly fhir4.Condition[];
  /** Conditions that Loopwell made before, as stored, newest version. */
  made: readonly fhir4.Condition[];
  /**
   * Ids of made Conditions that a person has decided on, or that have left: coding no longer takes
   * them back.
   */
  decided?: ReadonlySet<string>;
  /** Codes that a person chose for some of them, by id: they stand for what that code says, too. */
  recoded?: ReadonlyMap<string, fhir4.CodeableConcept>;
  choices?: SiteChoices;
  /** Security labels of the Bundle that all of it came in. */
  labels?: Labels;
  /** Identity that tells our own resources; the documented one of `loopwell code` when left out. */
  identity?: Identity;
  /** Id of the Device that this installation is; without one it is named only. */
  device?: string;
};

/** Wishes of a site or a receiver that differ from the guide's advice; all off by default. */
export type SiteChoices = {
  /**
   * NEG on answers that say that there is no need. Gravity advises against it; some receivers
   * demand it.
   */
  interpretNegative?: boolean;
  /** No ICD-10-CM code beside a SNOMED CT finding until a clinician has confirmed it. */
  withoutIcd10cm?: boolean;
  /**
   * IANA name of the site's time zone, only where it was set: times without an offset are read in
   * it.
   */
  timeZone?: string;
};

/** The findings and issues that reading an instrument's answers gave so far. */
export type ReadAnswers = { findings: Finding[]; issues: CodingIssue[] };

/**
 * The mark of what this installation makes: identifiers of one system, chosen once for a database.
 * A resource is ours when it carries this system and a value that we gave; another value in it
 * counts as received.
 */
export type Identity = { system: string; gave: (id: string) => boolean };

/**
 * How a need may leave: `one-recipient` by a signed-in person for one partner, `named-consent` not
 * before a consent names that partner.
 */
export type Restriction = 'one-recipient' | 'named-consent';
