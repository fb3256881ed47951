import type { fhir4 } from '@loopwell/fhir';
import { withoutUndefined } from '@loopwell/fhir';
import { ourIdentifier } from './our-identifiers.ts';

/**
 * Builds the Device of this installation's software, which Provenance and a computed conclusion
 * name (guide, Condition.asserter).
 * DECISIONS D66.
 */
export const deviceOf = (id: string, identifierSystem: string): fhir4.Device => ({
  resourceType: 'Device',
  id,
  identifier: [ourIdentifier(id, identifierSystem)],
  status: 'active',
  deviceName: [{ name: 'Loopwell', type: 'user-friendly-name' }],
  type: { text: 'Software' },
});

/**
 * Builds a reference to that Device, or to its name alone.
 *
 * @param id of the Device, where there is one to refer to
 */
export const referenceToDevice = (id: string | undefined): fhir4.Reference => ({
  ...withoutUndefined({ reference: id === undefined ? undefined : `Device/${id}` }),
  type: 'Device',
  display: 'Loopwell',
});
