import { describe, expect, it } from 'vitest';
import { missingScopes, scopesFor } from './smart-scopes.ts';

const all = [
  'Patient',
  'Encounter',
  'QuestionnaireResponse',
  'Observation',
  'Condition',
  'Consent',
  'Goal',
  'ServiceRequest',
  'Appointment',
];
const each = (form: string, types = all) => types.map((type) => `system/${type}.${form}`).join(' ');

describe('the scopes of a token', () => {
  it.each([
    ['system/*.rs'],
    ['system/*.read'],
    ['system/*.*'],
    ['system/*.cruds'],
    [each('read')],
    [each('rs')],
    [each('crus')],
    [`openid ${each('rs')} launch`],
    ['system/Patient.read system/*.rs'],
  ])('%s lets read all', (scope) => expect(missingScopes(scope, false)).toBeUndefined());

  it('that lack types are named with what cannot be done and what to ask for', () => {
    const said = missingScopes('system/Patient.read system/Encounter.read', false) ?? '';
    expect(said).toContain(
      'The token reads Patient, Encounter; missing: QuestionnaireResponse, Observation, Condition, Consent, Goal, ServiceRequest, Appointment',
    );
    expect(said).toContain('without them no screening can be read');
    expect(said).toContain(
      'add system/QuestionnaireResponse.rs system/Observation.rs system/Condition.rs',
    );
  });

  it.each([
    ['r without s does not let search', each('r'), 'reads nothing'],
    ['none that is one', 'openid fhirUser', 'nobody can be read'],
    ['writing alone', each('cu'), 'reads nothing'],
    ['all but one', each('rs', all.slice(0, -1)), 'missing: Appointment'],
  ])('%s', (_what, scope, said) => expect(missingScopes(scope, false)).toContain(said));

  it('must let write what is written back', () => {
    expect(missingScopes('system/*.rs', true)).toContain(
      'does not write Observation, Condition, ServiceRequest, Procedure, Device, Provenance',
    );
    expect(missingScopes('system/*.rs system/*.cu', true)).toBeUndefined();
    expect(missingScopes(scopesFor(true)(), true)).toBeUndefined();
    expect(missingScopes(scopesFor(true)(['permission-v1']), true)).toBeUndefined();
  });

  it('are asked for in the form that the server knows, those for writing only where something is written', () => {
    expect(scopesFor(false)()).toBe('system/*.rs');
    expect(scopesFor(false)(['permission-v1'])).toBe('system/*.read');
    expect(scopesFor(false)(['permission-v1', 'permission-v2'])).toBe('system/*.rs');
    expect(scopesFor(true)()).toContain('system/Condition.cu');
    expect(scopesFor(true)(['permission-v1'])).toContain('system/Condition.write');
  });
});
