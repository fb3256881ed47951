import { mapDefined } from '@loopwell/fhir';
import { tables } from '@loopwell/instruments';

/** The danger that an answer tells of, by its rule. DECISIONS D79. */
const dangers = new Map<string, string>(
  tables.flatMap(({ id, questions }) =>
    questions.flatMap((row) =>
      mapDefined(row.answers ?? [], (answer) =>
        answer.danger ? ([`${id}/${row.code}/${answer.code}`, answer.danger] as const) : undefined,
      ),
    ),
  ),
);

/** Gives the danger that some answers tell of, in a few words; undefined if there is none. */
export const dangerIn = (evidence: readonly { rule: string }[]): string | undefined =>
  evidence.map((one) => dangers.get(one.rule)).find((one) => one !== undefined);
