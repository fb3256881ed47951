import { modifierKeys } from './shape/modifiers.ts';
import { isObject } from './shape/silent.ts';

/** Types that may permit something, and a Bundle that may hold them. */
const permitting: ReadonlySet<unknown> = new Set(['Consent', 'ServiceRequest', 'Goal', 'Bundle']);

const saysNothing = (content: unknown) =>
  content === undefined || (Array.isArray(content) && content.length === 0);

/**
 * What may change the meaning of everything in a Bundle or entry (R4, "Modifier Extensions" and
 * `implicitRules`) also changes the meaning of a Consent, order or Goal in it. Such a resource is
 * kept with those elements, so that it permits nothing once it stands alone.
 */
export function withBundleModifiers<R>(resource: R, ...holders: readonly unknown[]): R {
  if (!isObject(resource) || !permitting.has(resource.resourceType)) return resource;
  const carried = holders
    .filter(isObject)
    .flatMap((holder) => modifierKeys.map((name) => [name, holder[name]] as const));
  const missing = carried.filter(
    ([name, value]) => !saysNothing(value) && saysNothing(resource[name]),
  );
  return missing.length === 0 ? resource : { ...resource, ...Object.fromEntries(missing) };
}
