import type { Loose } from './silent.ts';

/** Types of value that R4 has elsewhere and an Observation has not, and how it writes the same. */
const observedAs: Readonly<
  Record<string, { element: string; write: (received: unknown) => unknown }>
> = {
  valueCoding: { element: 'valueCodeableConcept', write: (found) => ({ coding: [found] }) },
  valueDecimal: { element: 'valueQuantity', write: (found) => ({ value: found }) },
  valueDate: { element: 'valueDateTime', write: (found) => found },
};

/**
 * The one value of an Observation or component, where it is of such a type: as it came, and as FHIR
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
