import type { fhir4 } from '@loopwell/fhir';
import type { FileItem } from '@loopwell/fhir/files';
import { instruments } from '@loopwell/instruments';
import { deriveId } from '@loopwell/kit';
import { codeResources, isReadType, type Site } from '@loopwell/sdoh';
import { type Coded, judged, refused } from './coded.ts';

/**
 * The most bytes of one value, and of all resources outside Bundles, which are held until the last
 * line is read.
 */
export type GatherLimit = { perResource: number; gathered: number };

/** Counts resources that were skipped because screenings are not read from their type. */
export type CodingCount = { otherTypes: number };

type Held = Extract<FileItem, { kind: 'bundle' | 'resource' }>;

/**
 * Holds the resources of one file that are in no Bundle, and codes them by patient at the end,
 * because any line may be about any patient. Beyond the limit none of them is coded, because a part
 * of a person's answers would be coded wrongly.
 */
export function gatherer(limit: GatherLimit, count: CodingCount) {
  let held: Held[] = [];
  let bytes = 0;
  const isOver = () => bytes > limit.gathered;
  return {
    add(resource: Held): void {
      if (!isReadType(resource.value.resourceType)) {
        count.otherTypes += 1;
        return;
      }
      bytes += resource.bytes;
      if (isOver()) held = [];
      else held.push(resource);
    },
    *code(site?: Site): Generator<Coded, void, undefined> {
      if (isOver()) yield refused(tooMuch(limit.gathered));
      else if (held.length > 0)
        for (const parameters of codeResources(
          held.map(({ value }) => value),
          instruments,
          { deriveId, now: new Date() },
          site,
        ))
          yield judged(placed(parameters, held));
    },
  };
}

const tooMuch = (bytes: number) =>
  `More than ${Math.round(bytes / 1024 / 1024)} MB of it are resources outside Bundles, ` +
  'which have to be held to gather them by patient: none of them was coded. Split it by ' +
  'patient, or give it to loopwell load.';

/** Names each issue's resource by its type and id, and by its line, because no Bundle holds it. */
function placed(parameters: fhir4.Parameters, held: readonly Held[]): fhir4.Parameters {
  const outcome = parameters.parameter?.find((one) => one.name === 'issues')?.resource as
    | fhir4.OperationOutcome
    | undefined;
  for (const issue of outcome?.issue ?? []) {
    const [, number, within = ''] =
      /^Bundle\.entry\[(\d+)\](?:\.resource)?(.*)$/.exec(issue.expression?.[0] ?? '') ?? [];
    const resource = number === undefined ? undefined : held[Number(number)];
    if (!resource) continue;
    issue.expression = [`${nameOf(resource.value)}${within}`];
    issue.diagnostics = `line ${resource.line}`;
  }
  return parameters;
}

const nameOf = ({ resourceType, id }: Held['value']) =>
  typeof id === 'string' && /^[A-Za-z0-9.-]{1,64}$/.test(id)
    ? `${resourceType}.where(id = '${id}')`
    : resourceType;
