import type { fhir4 } from '@loopwell/fhir';
import type { HubTask } from '@loopwell/store';

/** Elements that stay readable of a Task that was taken back. */
const statusElements = [
  'resourceType',
  'id',
  'identifier',
  // Its state, and when that was reached.
  'status',
  'intent',
  'lastModified',
];

/** Gives a Task as its partner may see it, with its version and time. */
export function showTask(task: HubTask): fhir4.Task {
  const { meta, ...body } = JSON.parse(task.body) as fhir4.Task;
  const isWhole = task.elements === 'all';
  const versioned = {
    ...meta,
    versionId: String(task.version),
    lastUpdated: task.last_updated.toISOString(),
  };
  if (isWhole)
    return {
      ...body,
      meta: versioned,
    };
  const shown = Object.entries(body).filter(([name]) => statusElements.includes(name));
  const subsetted = {
    system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
    code: 'SUBSETTED',
  };
  return {
    ...(Object.fromEntries(shown) as object),
    meta: { ...versioned, tag: [subsetted] },
  } as fhir4.Task;
}

/** Gives the ETag of a Task. */
export const etagOf = ({ version }: HubTask): string => `W/"${version}"`;
