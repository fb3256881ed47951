import type { Request } from 'express';

/** Which of our doors an address is of; it tells how whoever asks there is answered. */
export type Door = 'api' | 'fhir' | 'page';

/**
 * The door that somebody meant: by the address, however it is written (`/API`, `//api`, `/%61pi`),
 * and elsewhere by what the caller accepts.
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

/** Undefined for percent-encoding that is no UTF-8. */
export function decodedOr(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
