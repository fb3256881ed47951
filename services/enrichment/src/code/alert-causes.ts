import { fingerprint } from '@loopwell/kit';
import { endOf, type PersonCoding, readDangerKind, type Screening } from '@loopwell/sdoh';
import type { Loaded } from '@loopwell/service';
import type { AlertCause, NeedRow } from '@loopwell/store';

/**
 * Lists what somebody on duty is told of: each screening with an answer about safety, by what it
 * says, and each open need that cannot wait. The same answer that is coded again raises no second
 * alert. DECISIONS D155.
 */
export function listAlertCauses({
  loaded,
  coding,
  needs,
}: {
  loaded: Loaded;
  coding: PersonCoding;
  needs: readonly NeedRow[];
}): AlertCause[] {
  const { person } = loaded.record;
  const screenings = coding.screenings.filter((screening) => screening.safety === true);
  const endangered = needs.filter((need) => need.danger !== undefined);
  return [
    ...screenings.map((screening) => causeOfScreening(person, screening)),
    ...endangered.map((need) => causeOfNeed(person, need)),
  ];
}

function causeOfScreening(person: string, screening: Screening): AlertCause {
  const source = `${screening.id} ${safetySays(screening)}`;
  return { person, kind: 'see-first', answeredAt: readInstant(screening.authored), source };
}

/**
 * Makes a fingerprint of what the warnings of a screening say. It does not change when the same
 * answers come in another resource.
 */
export function safetySays({ issues }: Pick<Screening, 'issues'>): string {
  const warnings = issues.filter(({ severity }) => severity !== 'information');
  const says = warnings.map(({ code, text, danger = '' }) => `${code} ${danger} ${text}`);
  return fingerprint(JSON.stringify([...new Set(says)].sort())).slice(0, 32);
}

function causeOfNeed(person: string, { id, since, danger_kind }: NeedRow): AlertCause {
  const kind = readDangerKind(danger_kind);
  return { person, kind, answeredAt: readInstant(since), source: id };
}

/**
 * Reads the last moment at which something may have been answered; null where that is not known,
 * which counts as just now.
 */
function readInstant(authored: string): Date | null {
  const instant = endOf(authored);
  return instant === undefined ? null : new Date(instant);
}
