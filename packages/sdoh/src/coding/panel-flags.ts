import { type fhir4, localId } from '@loopwell/fhir';
import { isUnclear } from '../fhir-json/flaws.ts';
import { flagOf } from '../fhir-json/positive-flags.ts';
import { objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { CodingIssue, Finding, PersonRecord } from '../model.ts';
import { usable } from '../screening/observation-answers.ts';
import type { ReadScreening } from './need-evidence.ts';

type Panel = { source: string; flag: 'POS' | 'NEG'; names: ReadonlySet<string>; isWhole: boolean };

/**
 * Compares answers with the POS or NEG of their panel. The answers count. NEG over a possible need,
 * or POS where every answer denies one, is reported at the panel, and no policy acts on the
 * answers.
 * DECISIONS D42.
 */
export function comparePanelFlags(
  record: PersonRecord,
  read: readonly ReadScreening[],
): readonly ReadScreening[] {
  return findFlaggedPanels(record).reduce<readonly ReadScreening[]>(comparePanel, read);
}

function comparePanel(read: readonly ReadScreening[], panel: Panel): readonly ReadScreening[] {
  const isHeld = ({ computed, answers: [answer] }: Finding) =>
    !computed && answer !== undefined && panel.names.has(answer.source);
  const findings = read.flatMap(({ readings }) => readings.map((reading) => reading.finding));
  if (!isDisputed(panel, findings.filter(isHeld))) return read;
  const mark = <P extends { finding: Finding }>(part: P): P =>
    isHeld(part.finding) && part.finding.positive
      ? { ...part, finding: { ...part.finding, contradicted: true } }
      : part;
  const first = read.find(({ readings }) => readings.some(({ finding }) => isHeld(finding)));
  return read.map((screening) => ({
    ...screening,
    readings: screening.readings.map(mark),
    supports: screening.supports.map(mark),
    issues: screening === first ? [...screening.issues, disagreement(panel)] : screening.issues,
  }));
}

function isDisputed({ flag, isWhole }: Panel, held: readonly Finding[]): boolean {
  if (flag === 'NEG') return held.some((finding) => finding.positive);
  return isWhole && held.length > 0 && held.every(saysNone);
}

const saysNone = ({
  positive,
  needless,
  negative,
  declined,
  unanswered,
  answers: [answer],
}: Finding): boolean =>
  !positive &&
  [needless, negative, declined, unanswered, answer?.absent !== undefined].includes(true);

function disagreement({ source, flag }: Panel): CodingIssue {
  const text =
    `The interpretation of the panel (${flag}) and the answers in it disagree: the answers ` +
    'count.';
  return { severity: 'warning', code: 'contradiction', text, source };
}

function findFlaggedPanels({ observations, base }: PersonRecord): Panel[] {
  const all = objectsOf(observations);
  const groups = all.filter(
    (one) => objectsOf(one.hasMember).length > 0 || objectsOf(one.component).length > 0,
  );
  const flagged = groups.filter(
    (one) => flagOf(one.interpretation) !== undefined && usable.has(one.status) && !isUnclear(one),
  );
  if (flagged.length === 0) return [];
  const byId = new Map(all.map((observation) => [observation.id, observation]));
  const panels: Panel[] = [];
  for (const panel of flagged) {
    const flag = flagOf(panel.interpretation);
    const source = `Observation/${panel.id}`;
    if (flag !== undefined) panels.push({ source, flag, ...collectHeld(panel, byId, base) });
  }
  return panels;
}

/**
 * Collects the `Type/id` of a panel and all its members, nested panels too. `isWhole` tells whether
 * all members are in the record.
 */
function collectHeld(
  panel: fhir4.Observation,
  byId: ReadonlyMap<string | undefined, fhir4.Observation>,
  base: string,
): Pick<Panel, 'names' | 'isWhole'> {
  const names = new Set<string>();
  let isWhole = true;
  const open = [panel];
  for (let observation = open.pop(); observation; observation = open.pop()) {
    if (names.has(`Observation/${observation.id}`)) continue;
    names.add(`Observation/${observation.id}`);
    for (const { reference } of objectsOf(observation.hasMember)) {
      const text = textOf(reference);
      const member = byId.get(localId(text, 'Observation', base) ?? '');
      if (member) open.push(member);
      else if (text?.startsWith('#') !== true) isWhole = false;
    }
  }
  return { names, isWhole };
}
