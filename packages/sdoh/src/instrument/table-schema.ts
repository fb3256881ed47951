import type { NeedCodes } from '../model.ts';

/**
 * The source of a row and the days on which it counts. A member that a row leaves out is its
 * question's, then its table's.
 */
export type RowOrigin = {
  source?: string;
  version?: string;
  /**
   * First and last day of answers that this row codes, as written in the answer's own timestamp.
   */
  validFrom?: string;
  validTo?: string;
};

/** An instrument as data: one row for each question and answer, each with what it means. */
export type InstrumentTable = {
  id: string;
  name: string;
  /** Its common short name. */
  short?: string;
  panel: string;
  canonicals: readonly string[];
  version: string;
  /** The source of its rows, unless a row has its own. */
  source: string;
  /**
   * First day on which this edition is in force. Older answers are coded by it, too, with the
   * ICD-10-CM leaf of their day. Only a row's own dates limit that row.
   */
  validFrom: string;
  validTo?: string;
  codeSystems: Readonly<Record<string, string>>;
  questions: readonly QuestionRow[];
};

/** One question of an instrument. */
export type QuestionRow = RowOrigin & {
  code: string;
  label: string;
  categories: readonly string[];
  /** Meaning of `sdoh-category-unspecified` here (guide, SDOHCC category value set). */
  categoryText?: string;
  type: string;
  multiple?: boolean;
  /** Lowest and highest number that can be an answer. */
  range?: readonly number[];
  /** Only a whole number can be an answer. */
  whole?: boolean;
  /** A number up to this may mean a need; no source says so for certain. */
  low?: number;
  /** A score computed from the other answers; the person is not asked it. */
  score?: boolean;
  sensitive?: boolean;
  /** Asks whether a person is safe: a warning about its answer marks that person. */
  safety?: boolean;
  restricted?: boolean;
  /** The danger that a positive answer means. Words of safety are shown on a click only. */
  danger?: string;
  /** `see-first` or `call-today` (`DangerKind`). A row with `danger` or `safety` has one. */
  dangerKind?: string;
  /**
   * Fingerprints of its wordings (`wordsHash`): a form that has no LOINC codes is known by them.
   */
  wordings?: readonly string[];
  /**
   * Fingerprints of wordings in use that vary them (`looseHash`): each stands for "I", "we" and
   * "you", articles and the like.
   */
  alike?: readonly string[];
  /**
   * Fingerprints (`looseHash`) of wordings that ask for a part of it: "yes" to one is yes, "no" to
   * one alone denies nothing.
   */
  halves?: readonly string[];
  /**
   * Its list of answers is in no source of ours: any answer is kept as it is, and none is judged.
   */
  open?: boolean;
  answers?: readonly AnswerRow[];
};

/** One answer in the list of a question. */
export type AnswerRow = RowOrigin & {
  code: string;
  /** Short words of ours for it. */
  display: string;
  /** Wordings of the form, where they differ: text is matched by them. */
  words?: readonly string[];
  /** Fingerprints of further wordings, which may not be written out. */
  wordings?: readonly string[];
  positive?: boolean;
  declined?: boolean;
  /** There is no answer: the person was not able to give one. */
  absent?: boolean;
  /** "None of the above": it speaks of the answers of this list alone. */
  ofList?: boolean;
  /** A person has to read it: "other", "unsure". */
  review?: boolean;
  /** No source says whether it means a need: no need follows, and a person looks. */
  unverified?: boolean;
  /**
   * A site's policy decides whether it means a need: the answer is kept, and nothing follows.
   */
  unjudged?: boolean;
  /**
   * May mean a need without establishing it: a wish for help with work is no unemployment.
   */
  inconclusive?: boolean;
  score?: number;
  /** The danger that this answer means, with its kind. */
  danger?: string;
  dangerKind?: string;
  need?: NeedCodes & { display: string; minimumAge?: number };
};
