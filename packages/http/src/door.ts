import type { Request } from 'express';

/** One of our doors. It decides how a caller is answered. */
export type Door = 'api' | 'fhir' | 'page';

/**
 * Returns the door that a request is meant for: by its address, however it is written (`/API`,
 * `//api`, `/%61pi`), else by what the caller accepts.
 */
export function doorOf(request: Request): Door {
  const path = (
    decodedOr(request.originalUrl.split('?')[0] ?? '') ?? request.originalUrl
  ).toLowerCase();
  const first = path.split(/[\\/;#?]+/).find((part) => part !== '');
  if (first === 'fhir') return 'fhir';
  if (first === 'api' || first === 'metrics') return 'api';
  const accepts = request.get('accept') ?? '';
  if (accepts.includes('text/html')) return 'page';
  if (accepts.includes('fhir+json')) return 'fhir';
  return /application\/(problem\+)?json/.test(accepts) ? 'api' : 'page';
}

/** Decodes percent-encoding; returns undefined when it is not UTF-8. */
export function decodedOr(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
