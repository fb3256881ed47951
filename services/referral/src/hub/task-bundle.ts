import type { fhir4 } from '@loopwell/fhir';
import type { HubTask } from '@loopwell/store';
import { showTask } from './show-task.ts';
import type { TaskQuery } from './task-parameters.ts';

/**
 * Makes the searchset of one page.
 *
 * @param matches the Tasks of the page, and one more where there is another page
 */
export function taskBundle(
  matches: readonly HubTask[],
  { understood, count }: TaskQuery,
  base: string,
): fhir4.Bundle {
  const page = matches.slice(0, count);
  const link = [
    {
      relation: 'self',
      url: urlOf(base, understood),
    },
  ];
  const last = page.at(-1);
  if (last && matches.length > count) {
    const others = understood.filter(([name]) => name !== '_after');
    const after = `${last.last_updated.getTime()}_${last.id}`;
    link.push({
      relation: 'next',
      url: urlOf(base, [...others, ['_after', after]]),
    });
  }
  const entries = page.map((task) => ({
    fullUrl: `${base}/Task/${task.id}`,
    resource: showTask(task),
    search: { mode: 'match' as const },
  }));
  const bundle: fhir4.Bundle = {
    resourceType: 'Bundle',
    type: 'searchset',
    link,
  };
  if (entries.length > 0) bundle.entry = entries;
  return bundle;
}

function urlOf(base: string, parameters: [string, string][]): string {
  const query = new URLSearchParams(parameters).toString();
  return query === '' ? `${base}/Task` : `${base}/Task?${query}`;
}
