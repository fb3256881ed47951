/**
 * The two kinds of danger, which are never one list. `see-first`: somebody may hurt the person, the
 * person is not safe at home, or thinks of self-harm. A call can be the danger, so somebody sees
 * them alone. `call-today`: help is useless after a date. DECISIONS D155.
 */
export const dangerKinds = ['see-first', 'call-today'] as const;
export type DangerKind = (typeof dangerKinds)[number];

/** A danger that answers tell of: its kind, and a few words that only an opened record shows. */
export type Danger = { kind: DangerKind; words: string };

type AnswerRow = {
  code: string;
  positive?: boolean;
  danger?: string;
  dangerKind?: string;
};
type QuestionRow = {
  code: string;
  label?: string;
  sensitive?: boolean;
  safety?: boolean;
  danger?: string;
  dangerKind?: string;
  answers?: readonly AnswerRow[];
};
/** What a table of an instrument says of danger. */
type DangerTable = { id: string; questions: readonly QuestionRow[] };

/** Categories of needs that tell a safety answer by their name alone. */
const safetyCategories: ReadonlySet<string> = new Set(['intimate-partner-violence', 'elder-abuse']);

/**
 * Tells whether the name of a category gives a safety answer away. No page shows it, and no Task
 * about it leaves.
 */
export const isSafetyCategory = (category: string): boolean => safetyCategories.has(category);

/**
 * Reads the kind of a danger. A kind that is missing or unknown counts as `see-first`: nobody is
 * called by mistake.
 */
export const readDangerKind = (kind: string | null | undefined): DangerKind =>
  kind === 'call-today' ? 'call-today' : 'see-first';

/** Indexes the dangers of some tables by the rule of the answer that tells of them. */
export function indexDangers(tables: readonly DangerTable[]): ReadonlyMap<string, Danger> {
  const dangers = new Map<string, Danger>();
  for (const { id, questions } of tables)
    for (const question of questions)
      for (const answer of question.answers ?? []) {
        const words = wordsOf(question, answer);
        if (words === undefined) continue;
        const kind = readDangerKind(answer.dangerKind ?? question.dangerKind);
        dangers.set(`${id}/${question.code}/${answer.code}`, { kind, words });
      }
  return dangers;
}

/**
 * Lists the labels of the questions about safety, violence and incarceration: what a person answered
 * to them is read by whoever opens it, alone.
 */
export const readAloneLabels = (tables: readonly DangerTable[]): string[] =>
  tables.flatMap(({ questions }) =>
    questions
      .filter(({ safety, sensitive }) => safety === true || sensitive === true)
      .flatMap(({ label }) => label ?? []),
  );

const wordsOf = (question: QuestionRow, answer: AnswerRow): string | undefined =>
  answer.danger ?? (answer.positive === true ? question.danger : undefined);

/**
 * Finds the gravest danger among the rules of some answers: one to see first goes before one to
 * call about.
 */
export function gravestDanger(
  dangers: ReadonlyMap<string, Danger>,
  rules: readonly string[],
): Danger | undefined {
  const all = rules.map((rule) => dangers.get(rule)).filter((danger) => danger !== undefined);
  return all.find((danger) => danger.kind === 'see-first') ?? all[0];
}

/**
 * Lists the rows of some tables that tell of a danger without a kind, or with a wrong one. A
 * question about safety is always one to see first.
 */
export function findKindProblems(tables: readonly DangerTable[]): string[] {
  return tables.flatMap(({ id, questions }) =>
    questions.flatMap((question) => {
      const answers = question.answers ?? [];
      const ofAnswers = answers.flatMap((answer) =>
        problemsOf(`${id}/${question.code}/${answer.code}`, answer, answer.danger !== undefined),
      );
      const isAsked = question.danger !== undefined || question.safety === true;
      const ofQuestion = problemsOf(`${id}/${question.code}`, question, isAsked);
      return [...ofQuestion, ...safetyProblems(id, question), ...ofAnswers];
    }),
  );
}

function problemsOf(place: string, row: { dangerKind?: string }, needsKind: boolean): string[] {
  const { dangerKind } = row;
  if (dangerKind === undefined) return needsKind ? [`${place}: a danger without a kind`] : [];
  if (!needsKind) return [`${place}: a kind without a danger`];
  const isKind = dangerKinds.some((kind) => kind === dangerKind);
  return isKind ? [] : [`${place}: the kind of danger is not known`];
}

function safetyProblems(id: string, question: QuestionRow): string[] {
  const rows = [question, ...(question.answers ?? [])];
  const isCalled = rows.some((row) => row.dangerKind === 'call-today');
  if (question.safety !== true || !isCalled) return [];
  return [`${id}/${question.code}: an answer about safety is never a reason to call`];
}
