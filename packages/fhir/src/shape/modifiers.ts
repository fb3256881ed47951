/**
 * Members that may change the meaning of everything that holds them (FHIR R4, "Modifier Extensions" and `implicitRules`).
 * Nothing may be made of a resource that carries one which is not known here.
 */
export const modifierKeys = ['modifierExtension', 'implicitRules', '_implicitRules'] as const;

type ModifierKey = (typeof modifierKeys)[number];

/** Those of them that an object carries itself, with something in them. */
export function modifiersCarried(holder: object): ModifierKey[] {
  return modifierKeys.filter((key) => {
    const value = (holder as Record<string, unknown>)[key];
    return value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
  });
}

/** Resources of partners nest a few levels; what lies below is not looked at. */
const deepest = 30;

/** True where one stands anywhere within a value, contained resources left out. */
export function holdsModifier(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null || depth > deepest) return false;
  if (Array.isArray(value)) return value.some((member) => holdsModifier(member, depth + 1));
  return Object.entries(value).some(
    ([key, inner]) =>
      (isModifier(key) && !isEmpty(inner)) ||
      (key !== 'contained' && holdsModifier(inner, depth + 1)),
  );
}

const isModifier = (key: string) => key === 'modifierExtension' || key === 'implicitRules';

const isEmpty = (value: unknown) =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);
