import { mapDefined } from '@loopwell/fhir';
import { tables } from '@loopwell/instruments';

/** Answers that say that somebody is in danger, by their rule. DECISIONS D79. */
const dangers = new Map<string, string>(
  tables.flatMap(({ id, questions }) =>
    questions.flatMap((row) =>
      mapDefined(row.answers ?? [], (answer) =>
        answer.danger ? ([`${id}/${row.code}/${answer.code}`, answer.danger] as const) : undefined,
      ),
    ),
  ),
);

/** What somebody is in who answered so, in a few words. */
export const dangerIn = (evidence: readonly { rule: string }[]): string | undefined =>
  evidence.map((one) => dangers.get(one.rule)).find((one) => one !== undefined);
