import { fileURLToPath } from 'node:url';

const pathOf = (name: string): string => fileURLToPath(new URL(`${name}.yaml`, import.meta.url));

/** The file that describes the API of each service. */
export const contracts = {
  intake: pathOf('intake'),
  enrichment: pathOf('enrichment'),
  coordination: pathOf('coordination'),
  referral: pathOf('referral'),
  console: pathOf('console'),
} as const;
