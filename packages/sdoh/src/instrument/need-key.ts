/**
 * Returns the key of a need: its category with its SNOMED CT finding, or with the rule where the
 * tables name no finding.
 */
export const needKey = (
  need: { category: string; snomed?: string | undefined } | undefined,
  rule: string,
): string => `${need?.category}|${need?.snomed ?? rule}`;
