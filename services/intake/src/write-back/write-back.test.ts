import type { fhir4 } from '@loopwell/fhir';
import type { WriteBack } from '@loopwell/store';
import { describe, expect, it } from 'vitest';
import { type Copy, type EhrIds, forEhr, inReferenceOrder } from './write-back.ts';

const base = 'https://ehr.example.org/fhir';
const ours = 'https://loopwell.example.org/fhir';

const copy = (
  body: Partial<fhir4.Resource> & Record<string, unknown>,
  row: Partial<WriteBack> = {},
): Copy => ({
  row: {
    own_resource: String(body.id),
    type: String(body.resourceType),
    rank: 1,
    ehr_id: null,
    ...row,
  } as WriteBack,
  body: body as unknown as fhir4.Resource,
  earlier: [],
});

const ids: EhrIds = {
  base,
  person: 'person-1',
  patientId: '17',
  byMade: new Map([['item', 'obs-9']]),
  byAlias: new Map([
    ['consent-alias', 'c-4'],
    ['condition-alias', 'cond-5'],
  ]),
};

describe('write-back', () => {
  it('brings the items of a score before the score that derives from them, whatever their ids', () => {
    const score = copy({
      resourceType: 'Observation',
      id: 'a-score',
      derivedFrom: [{ reference: 'Observation/z-item' }],
    });
    const item = copy({
      resourceType: 'Observation',
      id: 'z-item',
      derivedFrom: [{ reference: `${base}/QuestionnaireResponse/q` }],
    });
    const condition = copy({ resourceType: 'Condition', id: '0' }, { rank: 2 });
    expect(inReferenceOrder([condition, score, item]).map((one) => one.row.own_resource)).toEqual([
      'z-item',
      'a-score',
      '0',
    ]);
  });

  it("turns the ids that partners read into the EHR's own, and leaves out what the EHR does not hold", () => {
    const written = forEhr(
      copy({
        resourceType: 'ServiceRequest',
        id: 'sr',
        subject: { reference: `${ours}/Patient/person-1` },
        requester: { reference: `${ours}/Organization/us`, display: 'Clinic' },
        reasonReference: [
          { reference: `${ours}/Condition/condition-alias` },
          { reference: `${ours}/Condition/unknown` },
        ],
        supportingInfo: [{ reference: `${ours}/Consent/consent-alias` }],
      }),
      ids,
    );
    expect(written).toEqual({
      resourceType: 'ServiceRequest',
      subject: { reference: 'Patient/17' },
      requester: { display: 'Clinic' },
      reasonReference: [{ reference: 'Condition/cond-5' }],
      supportingInfo: [{ reference: 'Consent/c-4' }],
    });
  });

  it('names the Device by its identifier where the EHR keeps none, and by its own id where it does', () => {
    const device = { id: 'device-1', system: 'urn:x' };
    const who = { reference: 'Device/device-1', type: 'Device', display: 'Loopwell' };
    const agentOf = (more: Partial<EhrIds>) =>
      (
        forEhr(copy({ resourceType: 'Provenance', id: 'p', agent: [{ who }] }), {
          ...ids,
          device,
          ...more,
        }) as fhir4.Provenance
      ).agent[0]?.who;
    expect(agentOf({})).toEqual({
      type: 'Device',
      display: 'Loopwell',
      identifier: { system: 'urn:x', value: 'device-1' },
    });
    expect(agentOf({ byMade: new Map([['device-1', '9']]) })).toEqual({
      ...who,
      reference: 'Device/9',
    });
  });

  it('refers from a score to its items by their ids in the EHR', () => {
    const written = forEhr(
      copy({
        resourceType: 'Observation',
        id: 's',
        derivedFrom: [{ reference: 'Observation/item' }],
      }),
      ids,
    );
    expect(written).toEqual({
      resourceType: 'Observation',
      derivedFrom: [{ reference: 'Observation/obs-9' }],
    });
  });
});
