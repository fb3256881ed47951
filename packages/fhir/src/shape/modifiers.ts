/**
 * Members that may change the meaning of the object that holds them (FHIR R4, "Modifier Extensions"
 * and `implicitRules`). Nothing may be made of a resource with an unknown one.
 */
export const modifierKeys = ['modifierExtension', 'implicitRules', '_implicitRules'] as const;

type ModifierKey = (typeof modifierKeys)[number];

/** Lists the modifier members that an object carries itself and that are not empty. */
export function modifiersCarried(holder: object): ModifierKey[] {
  return modifierKeys.filter((key) => {
    const content = (holder as Record<string, unknown>)[key];
    return (
      content !== undefined && content !== '' && !(Array.isArray(content) && content.length === 0)
    );
  });
}

/** The depth to which modifiers are looked for. Partners' resources nest only a few levels. */
const deepest = 30;

/** Tells whether a modifier is anywhere within a value, contained resources left out. */
export function holdsModifier(json: unknown, depth = 0): boolean {
  if (typeof json !== 'object' || json === null || depth > deepest) return false;
  if (Array.isArray(json)) return json.some((member) => holdsModifier(member, depth + 1));
  return Object.entries(json).some(
    ([key, inner]) =>
      (isModifier(key) && !isEmpty(inner)) ||
      (key !== 'contained' && holdsModifier(inner, depth + 1)),
  );
}

const isModifier = (key: string) => key === 'modifierExtension' || key === 'implicitRules';

const isEmpty = (content: unknown) =>
  content === undefined || content === null || (Array.isArray(content) && content.length === 0);
