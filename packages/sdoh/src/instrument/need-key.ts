/** One SNOMED CT finding, or one rule of ours where the tables name none, within one category. */
export const needKey = (
  need: { category: string; snomed?: string | undefined } | undefined,
  rule: string,
): string => `${need?.category}|${need?.snomed ?? rule}`;
