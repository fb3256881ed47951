import { pulledTypes } from '../pull/check/pulled-types.ts';

/** The types that are written with `--write-back`, each created and put. */
const writtenTypes = [
  'Observation',
  'Condition',
  'ServiceRequest',
  'Procedure',
  'Device',
  'Provenance',
] as const;

/**
 * The scopes that the journey needs (SMART App Launch 2, "Scopes for requesting FHIR Resources"):
 * to read and search everything, and with write-back to create and update what is written. A server
 * that says that it knows the first version of scopes only is asked in its words.
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
 * Both versions: `.read` and `.rs` are the same, `.write` and `.cu` too; `.r` alone does not let
 * search.
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

/** What cannot be done without a type: the weightiest is said. */
const without: readonly (readonly [readonly string[], string])[] = [
  [['Patient'], 'nobody can be read'],
  [['QuestionnaireResponse', 'Observation'], 'no screening can be read'],
  [['Encounter'], 'no screening is attached to its Encounter'],
  [['Consent'], 'no consent on file counts, and one that says no is not seen'],
  [['Condition'], 'needs that are in the chart already are not known'],
  [['ServiceRequest', 'Goal'], "the EHR's own orders and goals are not known"],
];

/**
 * The sentence about a token that is good for less than the journey needs; undefined where nothing
 * is missing.
 *
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
