import { pulledTypes } from '../pull/check/pulled-types.ts';

/** The types that are written with `--write-back`. Each is created and updated. */
const writtenTypes = [
  'Observation',
  'Condition',
  'ServiceRequest',
  'Procedure',
  'Device',
  'Provenance',
] as const;

/**
 * Returns the scopes that the journey needs (SMART App Launch 2, "Scopes for requesting FHIR
 * Resources"): reading and searching everything and, with write-back, creating and updating what is
 * written. A server that lists only `permission-v1` gets scopes of version 1.
 */
export const scopesFor =
  (writeBack: boolean) =>
  (capabilities: readonly string[] = []): string => {
    const isOld = capabilities.includes('permission-v1') && !capabilities.includes('permission-v2');
    const writes = writeBack
      ? writtenTypes.map((type) => `system/${type}.${isOld ? 'write' : 'cu'}`)
      : [];
    return [isOld ? 'system/*.read' : 'system/*.rs', ...writes].join(' ');
  };

type Granted = { type: string; reads: boolean; writes: boolean };

/**
 * Parses a granted scope of either version: `.read` equals `.rs`, `.write` equals `.cu`. `.r` alone
 * does not permit search.
 */
function grantedIn(scope: string): Granted | undefined {
  const match = /^(?:system|user|patient)\/(\*|[A-Z][A-Za-z]*)\.([a-z*]+)(?:\?.*)?$/.exec(scope);
  const [, type, actions] = match ?? [];
  if (type === undefined || actions === undefined) return undefined;
  const isAll = actions === '*';
  const letters = /^c?r?u?d?s?$/.test(actions) ? actions : '';
  return {
    type,
    reads: isAll || actions === 'read' || (letters.includes('r') && letters.includes('s')),
    writes: isAll || actions === 'write' || (letters.includes('c') && letters.includes('u')),
  };
}

/** Lists what cannot be done without a type. The first match, the most serious one, is shown. */
const without: readonly (readonly [readonly string[], string])[] = [
  [['Patient'], 'nobody can be read'],
  [['QuestionnaireResponse', 'Observation'], 'no screening can be read'],
  [['Encounter'], 'no screening is attached to its Encounter'],
  [['Consent'], 'no consent on file counts, and one that says no is not seen'],
  [['Condition'], 'needs that are in the chart already are not known'],
  [['ServiceRequest', 'Goal'], "the EHR's own orders and goals are not known"],
  [['Appointment'], 'next appointments have to be typed in'],
];

/**
 * Returns the sentence about a token that has less than the journey needs; undefined when nothing
 * is missing.
 * @param scope as the token endpoint says it, separated by spaces
 */
export function missingScopes(scope: string, writeBack: boolean): string | undefined {
  const granted = scope.split(/\s+/).flatMap((one) => grantedIn(one) ?? []);
  const may = (type: string, how: 'reads' | 'writes') =>
    granted.some((one) => (one.type === type || one.type === '*') && one[how]);
  const types = Object.keys(pulledTypes);
  const unread = types.filter((type) => !may(type, 'reads'));
  const unwritten = writeBack ? writtenTypes.filter((type) => !may(type, 'writes')) : [];
  if (unread.length === 0 && unwritten.length === 0) return undefined;
  const readable = types.filter((type) => !unread.includes(type));
  const refused = without.find(([some]) => some.some((type) => unread.includes(type)))?.[1];
  const parts = [
    ...(unread.length > 0
      ? [
          `The token reads ${readable.join(', ') || 'nothing'}; missing: ${unread.join(', ')}${refused === undefined ? '' : `: without them ${refused}`}.`,
        ]
      : []),
    ...(unwritten.length > 0
      ? [`It does not write ${unwritten.join(', ')}: results that belong there are refused.`]
      : []),
  ];
  const asked = [
    ...unread.map((type) => `system/${type}.rs`),
    ...unwritten.map((type) => `system/${type}.cu`),
  ];
  return `${parts.join(' ')} Ask the EHR's administrator to add ${asked.join(' ')} to this client.`;
}
