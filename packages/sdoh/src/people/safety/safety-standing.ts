/**
 * What somebody may have done for a person to be seen first. No entry says who hurt them or where
 * they went. DECISIONS D155.
 */
export const safetyActions = [
  'talked-alone',
  'could-not-talk-alone',
  'does-not-want-this-now',
  'reached-advocate',
  'answered-by-mistake',
] as const;
export type SafetyAction = (typeof safetyActions)[number];

/** An answer about safety that marks its person. `key` changes with what it says. */
export type SafetyAnswer = { key: string; since: Date };

/** A record of what was done, with the answers that stood when it was written. */
export type SafetyRecord = {
  action: SafetyAction;
  /** How to reach the person without danger, as they said it alone. */
  safeWay?: string | undefined;
  covers: readonly string[];
  at: Date;
};

/** A clinician's decision that a person may be contacted, because their life is in danger. */
export type ContactOverride = {
  by: string;
  reason: string;
  at: Date;
  until: Date;
};

/** How a person stands with regard to their answers about safety. */
export type SafetyStanding = {
  /** Bears the mark *See first*. */
  isMarked: boolean;
  /** Is on the list *See first*: nobody has recorded an end for some answer. */
  isListed: boolean;
  /** Nobody calls, texts, writes or leaves a message, by hand or by machine. */
  isBlocked: boolean;
  /** Since when the earliest answer has marked them. */
  since?: Date;
  /** The safe way that was recorded last, where it covers every answer. */
  safeWay?: string;
};

const endsWork: ReadonlySet<SafetyAction> = new Set([
  'does-not-want-this-now',
  'reached-advocate',
  'answered-by-mistake',
]);

/** What a record ends for the answers that it covers: the mark, the work, the block of contact. */
export type RecordEnds = { mark: boolean; work: boolean; block: boolean };

/** Tells what a record ends for the answers that it covers. */
export function whatRecordEnds({
  action,
  safeWay,
}: Pick<SafetyRecord, 'action' | 'safeWay'>): RecordEnds {
  const mark = action === 'answered-by-mistake';
  return { mark, work: endsWork.has(action), block: mark || safeWay !== undefined };
}

/**
 * Judges how a person stands. A new answer is covered by no record, so it marks, lists and blocks
 * again. Only `answered-by-mistake` takes the mark away; a review of a screening never does.
 */
export function safetyStanding(
  answers: readonly SafetyAnswer[],
  records: readonly SafetyRecord[],
  overrides: readonly ContactOverride[],
  now: Date,
): SafetyStanding {
  const isEnded = ({ key }: SafetyAnswer, what: keyof RecordEnds) =>
    records.some((record) => whatRecordEnds(record)[what] && record.covers.includes(key));
  const live = answers.filter((answer) => !isEnded(answer, 'mark'));
  const isOverridden = overrides.some(({ at, until }) => at <= now && now < until);
  const isUnsafe = live.some((answer) => !isEnded(answer, 'block'));
  const standing: SafetyStanding = {
    isMarked: live.length > 0,
    isListed: live.some((answer) => !isEnded(answer, 'work')),
    isBlocked: isUnsafe && !isOverridden,
  };
  const first = live.toSorted((a, b) => a.since.getTime() - b.since.getTime())[0];
  if (first !== undefined) standing.since = first.since;
  const safeWay = latestSafeWay(records);
  if (live.length > 0 && !isUnsafe && safeWay !== undefined) standing.safeWay = safeWay;
  return standing;
}

function latestSafeWay(records: readonly SafetyRecord[]): string | undefined {
  const withWay = records.filter((record) => record.safeWay !== undefined);
  return withWay.toSorted((a, b) => b.at.getTime() - a.at.getTime())[0]?.safeWay;
}

/** What is wrong with a record that somebody wants to write, by field. */
export type RecordProblem = { field: 'action' | 'safeWay' | 'toldAlone'; rule: string };

const longestSafeWay = 200;

/**
 * Finds what is wrong with a record. A safe way, and that an answer was a mistake, count only where
 * the person said so alone.
 */
export function findRecordProblem(draft: {
  action: unknown;
  safeWay?: string | undefined;
  toldAlone: boolean;
}): RecordProblem | undefined {
  const { action, safeWay, toldAlone } = draft;
  if (!isSafetyAction(action)) return { field: 'action', rule: 'Choose what you did.' };
  if (safeWay !== undefined && action === 'could-not-talk-alone')
    return { field: 'safeWay', rule: 'A safe way counts only when the person said it alone.' };
  if (safeWay !== undefined && (safeWay.length > longestSafeWay || /[\r\n]/.test(safeWay)))
    return {
      field: 'safeWay',
      rule: `A safe way is one line of at most ${longestSafeWay} letters.`,
    };
  const needsAlone = action === 'answered-by-mistake' || safeWay !== undefined;
  if (needsAlone && !toldAlone && action !== 'talked-alone')
    return { field: 'toldAlone', rule: 'This counts only when the person said it alone.' };
  return undefined;
}

/** Tells whether a text is one of the actions. */
export const isSafetyAction = (text: unknown): text is SafetyAction =>
  safetyActions.some((action) => action === text);
