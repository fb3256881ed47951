import type { Loose } from './silent.ts';

/**
 * Types of value that R4 has elsewhere but not in an Observation, and how an Observation writes the
 * same.
 */
const observedAs: Readonly<
  Record<string, { element: string; write: (received: unknown) => unknown }>
> = {
  valueCoding: { element: 'valueCodeableConcept', write: (found) => ({ coding: [found] }) },
  valueDecimal: { element: 'valueQuantity', write: (found) => ({ value: found }) },
  valueDate: { element: 'valueDateTime', write: (found) => found },
};

/**
 * Finds the one value of an Observation or component, if it is of such a type. Gives it as FHIR
 * writes it there.
 */
export function oddValueIn(
  part: Loose,
): { key: string; element: string; value: unknown } | undefined {
  const [key, another] = Object.keys(part).filter((one) => /^value[A-Z]/.test(one));
  const written =
    key !== undefined && another === undefined && Object.hasOwn(observedAs, key)
      ? observedAs[key]
      : undefined;
  return key === undefined || !written
    ? undefined
    : { key, element: written.element, value: written.write(part[key]) };
}
