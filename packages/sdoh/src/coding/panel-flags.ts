import { type fhir4, localId } from '@loopwell/fhir';
import { isUnclear } from '../fhir-json/flaws.ts';
import { flagOf } from '../fhir-json/positive-flags.ts';
import { objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { CodingIssue, Finding, PersonRecord } from '../model.ts';
import { usable } from '../screening/observation-answers.ts';
import type { ReadScreening } from './need-evidence.ts';

type Panel = { source: string; flag: 'POS' | 'NEG'; names: ReadonlySet<string>; isWhole: boolean };

/**
 * What was answered counts, not the POS or NEG that a panel came with: NEG over a possible need, or POS where every answer
 * says that there is none. That they disagree is said at the panel, and no policy acts on the answers.
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
  const held = read.flatMap((readScreening) =>
    readScreening.readings.flatMap(({ finding }) => (isHeld(finding) ? [finding] : [])),
  );
  const isDisputed =
    panel.flag === 'NEG'
      ? held.some((one) => one.positive)
      : panel.isWhole && held.length > 0 && held.every(saysNone);
  if (!isDisputed) return read;
  const first = read.find((one) => one.readings.some(({ finding }) => isHeld(finding)));
  const mark = (finding: Finding): Finding =>
    isHeld(finding) && finding.positive ? { ...finding, contradicted: true } : finding;
  return read.map((readScreening) => ({
    ...readScreening,
    readings: readScreening.readings.map((reading) => ({
      ...reading,
      finding: mark(reading.finding),
    })),
    supports: readScreening.supports.map((support) => ({
      ...support,
      finding: mark(support.finding),
    })),
    issues:
      readScreening === first
        ? [...readScreening.issues, disagreement(panel)]
        : readScreening.issues,
  }));
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
  const text = `The interpretation of the panel (${flag}) and the answers in it disagree: the answers count.`;
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
  const byId = new Map(all.map((one) => [one.id, one]));
  return flagged.flatMap((panel) => {
    const flag = flagOf(panel.interpretation);
    return flag === undefined
      ? []
      : [{ source: `Observation/${panel.id}`, flag, ...collectHeld(panel, byId, base) }];
  });
}

/** `Type/id` of a panel and all that it holds, nested panels too; `isWhole` where all of it is there. */
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
