import { modifierKeys } from './shape/modifiers.ts';
import { isObject } from './shape/silent.ts';

/** Types that may permit something, and Bundle, which may hold them. */
const permitting: ReadonlySet<unknown> = new Set(['Consent', 'ServiceRequest', 'Goal', 'Bundle']);

const saysNothing = (content: unknown) =>
  content === undefined || (Array.isArray(content) && content.length === 0);

/**
 * Copies modifier elements of a Bundle or entry onto a Consent, order or Goal in it. Such elements
 * may change the meaning of everything inside (R4, "Modifier Extensions" and `implicitRules`). The
 * resource then permits nothing when it stands alone.
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
