import type { fhir4 } from '@loopwell/fhir';
import { readable } from '@loopwell/sdoh';
import type { CodesChosen } from '@loopwell/service';
import {
  type ConditionBody,
  type EvidenceLine,
  type ReferralRow,
  reviews,
  type Tx,
} from '@loopwell/store';
import type { Moment } from '../reviewer.ts';
import { sentenceAt } from './sentence.ts';

/** A code as it was suggested or is on file. */
export type SuggestedCode = { system: string; code: string; display: string };

/**
 * The reason why a code was suggested: the answer's resource, the rule and its version, and the
 * codes with the versions of their systems.
 */
export type ReviewEvidence = {
  sentence: string;
  rule: string;
  ruleVersion: string;
  source: string;
  codes: { system: string; code: string; version: string }[];
};

/** A finding that a referral rests on. */
export type ReviewCondition = {
  id: string;
  /** `suggested`: made by us and unconfirmed. `ehr`: on file in the EHR. */
  origin: 'suggested' | 'ehr';
  display: string;
  codes: SuggestedCode[];
  /** The person who chose the code; null if it was not chosen. */
  chosenBy: string | null;
  /** The code that was suggested before that. */
  suggested: string | null;
  evidence: ReviewEvidence[];
};

/** Conditions and their evidence, by person and Condition. */
export type KeptConditions = {
  bodies: ReadonlyMap<string, ConditionBody>;
  evidence: ReadonlyMap<string, readonly EvidenceLine[]>;
};

type Named = { person: string; condition: string };

const keyOf = ({ person, condition }: Named): string => `${person} ${condition}`;

const namesIn = (row: ReferralRow): string[] => JSON.parse(row.conditions) as string[];

/** Loads the Conditions of some referrals, with two queries, however many they are. */
export async function readConditions(
  tx: Tx,
  rows: readonly ReferralRow[],
): Promise<KeptConditions> {
  const people = [...new Set(rows.map(({ person }) => person))];
  const names = [...new Set(rows.flatMap(namesIn))];
  const evidence = await reviews.evidenceFor(tx, people, names);
  const bodies = await reviews.conditionBodies(tx, people, names);
  return {
    bodies: new Map(bodies.map((body) => [keyOf(body), body])),
    evidence: Map.groupBy(evidence, keyOf),
  };
}

/** Lists the findings that one referral rests on. */
export function conditionsIn(
  row: ReferralRow,
  { bodies, evidence }: KeptConditions,
  { timeZone }: Moment,
): ReviewCondition[] {
  const choices = JSON.parse(row.codes_chosen ?? '{}') as CodesChosen;
  return namesIn(row).map((id) => {
    const key = keyOf({ person: row.person, condition: id });
    const lines = evidence.get(key) ?? [];
    return {
      ...codesOf(bodies.get(key), choices[id]),
      id,
      origin: id.startsWith('Condition/') ? 'ehr' : 'suggested',
      evidence: lines.map((line) => evidenceOf(line, timeZone)),
    };
  });
}

function codesOf(body: ConditionBody | undefined, choice: CodesChosen[string] | undefined) {
  const condition = body && readable(JSON.parse(body.body) as fhir4.Condition);
  const codings = condition?.code?.coding ?? [];
  return {
    display: displayOf(condition?.code),
    codes: codings.map(({ system = '', code = '', display = '' }) => ({ system, code, display })),
    chosenBy: choice?.by ?? null,
    suggested: choice ? displayOf(choice.suggested) : null,
  };
}

function displayOf(code: fhir4.CodeableConcept | undefined): string {
  const codings = code?.coding ?? [];
  const named = codings.find(({ display }) => display)?.display;
  return code?.text ?? named ?? codings[0]?.code ?? 'Condition';
}

const evidenceOf = (line: EvidenceLine, timeZone: string): ReviewEvidence => ({
  sentence: sentenceAt(timeZone, line),
  rule: line.rule,
  ruleVersion: line.rule_version,
  source: line.source,
  codes: JSON.parse(line.code_systems) as ReviewEvidence['codes'],
});
