import type { NeedCodes } from '../model.ts';

/**
 * Where a row comes from and on which days it counts. What a row leaves out is its question's, then
 * its table's.
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
  /** As people call it. */
  short?: string;
  panel: string;
  canonicals: readonly string[];
  version: string;
  /** Where its rows come from, unless a row says otherwise. */
  source: string;
  /**
   * Since when this edition is the one in force. Older answers are coded by it, too, with the
   * ICD-10-CM leaf of their day: only dates on a row of its own close that row.
   */
  validFrom: string;
  validTo?: string;
  codeSystems: Readonly<Record<string, string>>;
  questions: readonly QuestionRow[];
};

export type QuestionRow = RowOrigin & {
  code: string;
  label: string;
  categories: readonly string[];
  /** What `sdoh-category-unspecified` stands for here (guide, SDOHCC category value set). */
  categoryText?: string;
  type: string;
  multiple?: boolean;
  /** Lowest and highest number that can be an answer. */
  range?: readonly number[];
  /** Only a whole number can be an answer. */
  whole?: boolean;
  /** A number up to this may mean a need; no source says so for certain. */
  low?: number;
  /** Computed from the other answers, whoever did that: nobody is asked it. */
  score?: boolean;
  sensitive?: boolean;
  /** Asks whether somebody is safe: an answer that warns marks its person. */
  safety?: boolean;
  restricted?: boolean;
  /** What somebody is in when they answer so: named on top of every list. */
  danger?: string;
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
   * The same of wordings that ask for a part of it: "yes" to one is yes, "no" to one alone denies
   * nothing.
   */
  halves?: readonly string[];
  /**
   * Its list of answers is in no source of ours: any answer is kept as it is, and none is judged.
   */
  open?: boolean;
  answers?: readonly AnswerRow[];
};

export type AnswerRow = RowOrigin & {
  code: string;
  /** In short words of ours. */
  display: string;
  /** As the form words it, where that differs: text is matched by it. */
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
  /** No source says whether it means a need: the row is off, and a person looks. */
  unverified?: boolean;
  /**
   * In the list; whether it means a need is not for us to say (a site's policy): kept, and nothing
   * follows.
   */
  unjudged?: boolean;
  /**
   * Says that there may be a need, and does not establish it: a wish for help with work is no
   * unemployment.
   */
  inconclusive?: boolean;
  score?: number;
  /** What somebody is in who answers so: named on top of every list. */
  danger?: string;
  need?: NeedCodes & { display: string; minimumAge?: number };
};
