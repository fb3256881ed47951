/** The kinds of a legal demand. */
export const demandKinds = [
  'subpoena',
  'court-order',
  'warrant',
  'agency',
  'attorney',
  'other',
] as const;
export type DemandKind = (typeof demandKinds)[number];

/** A step that two different people have to agree to. */
export const demandSteps = ['release', 'end'] as const;
export type DemandStep = (typeof demandSteps)[number];

/** How many different people have to agree. */
const neededPeople = 2;

/** How a legal demand stands. While it is not over, its person is not erased. */
export type DemandState = { isReleased: boolean; isOver: boolean };

/** Says how a demand stands by who has agreed to what. The same person counts once. */
export function demandState(
  yeses: readonly { step: DemandStep; principal: string }[],
): DemandState {
  const has = (step: DemandStep) => {
    const people = yeses.filter((yes) => yes.step === step).map(({ principal }) => principal);
    return new Set(people).size >= neededPeople;
  };
  return { isReleased: has('release'), isOver: has('end') };
}
