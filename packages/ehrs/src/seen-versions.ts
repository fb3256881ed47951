import type { fhir4 } from '@loopwell/fhir';

/**
 * Remembers which versions of which rows one window has shown, in bounded memory: numbers only, up
 * to a limit.
 */
export type SeenVersions = {
  nextRound: () => void;
  note: (resource: fhir4.Resource & { id?: string }) => {
    key: number;
    isFresh: boolean;
    isNewInRound: boolean;
  };
  /** Gives how many versions were shown, exact up to the limit. */
  size: () => number;
  forget: () => void;
};

const most = 300_000;

/** Makes an empty memory of the versions that a window has shown. */
export function createSeenVersions(): SeenVersions {
  let round = 0;
  const rounds = new Map<number, number>();
  return {
    nextRound: () => {
      round += 1;
    },
    note: (resource) => {
      const key = keyOf(resource);
      const roundSeen = rounds.get(key);
      if (roundSeen === undefined && rounds.size >= most) {
        // Above the limit, rows count as new in the first round only, so that reading again ends.
        return { key, isFresh: round === 1, isNewInRound: true };
      }
      rounds.set(key, round);
      return { key, isFresh: roundSeen === undefined, isNewInRound: roundSeen !== round };
    },
    size: () => rounds.size,
    forget: () => {
      rounds.clear();
      round = 0;
    },
  };
}

/**
 * Hashes id and version to 53 bits (cyrb53). Two rows of one window practically never share a key.
 */
function keyOf(resource: fhir4.Resource & { id?: string }): number {
  const text =
    `${String(resource.id)} ${String(resource.meta?.versionId ?? '')} ` +
    `${String(resource.meta?.lastUpdated ?? '')}`;
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    a = Math.imul(a ^ code, 2_654_435_761);
    b = Math.imul(b ^ code, 1_597_334_677);
  }
  a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);
  b = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & b) + (a >>> 0);
}
