import type { fhir4 } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { partnersBundle, sandboxPartners, scriptedEnd } from './partners.ts';
import { emptyScript, makePeople } from './people.ts';
import { panels } from './screenings.ts';

const today = new Date('2026-11-24T12:00:00Z');

function make(seed = 1, people = 300) {
  const script = emptyScript();
  const all = [...makePeople({ seed, people, today }, script)];
  const of = <T extends fhir4.Resource>(type: T['resourceType']) =>
    all.filter((one) => one.resourceType === type) as T[];
  return { all, script, of };
}

describe('made-up people', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(make(7, 20)).toMatchObject({ all: make(7, 20).all, script: make(7, 20).script });
    expect(make(8, 20).all).not.toEqual(make(7, 20).all);
  });

  it('are a few hundred with several Encounters each, ids that FHIR allows, and references that lead somewhere', () => {
    const { all, of } = make();
    expect(of('Patient')).toHaveLength(300);
    const visits = Map.groupBy(of<fhir4.Encounter>('Encounter'), (one) =>
      one.id?.replace(/-visit-\d+$/, ''),
    );
    expect(Math.min(...[...visits.values()].map((some) => some.length))).toBeGreaterThanOrEqual(2);
    const names = new Set(all.map((one) => `${one.resourceType}/${one.id}`));
    expect(names.size).toBe(all.length);
    for (const one of all) {
      expect(one.id).toMatch(/^[A-Za-z0-9.-]{1,64}$/);
      const references = [
        ...JSON.stringify(one).matchAll(
          /"reference":"((?:Patient|Encounter|Observation)\/[^"]+)"/g,
        ),
      ].map(([, name]) => name);
      for (const name of references) expect(names).toContain(name);
    }
  });

  it('answer all three instruments, as one form or as single Observations, with a panel and without', () => {
    const { of } = make();
    const forms = of<fhir4.QuestionnaireResponse>('QuestionnaireResponse').map(
      (one) => one.questionnaire,
    );
    for (const panel of Object.values(panels))
      expect(forms).toContain(`http://loinc.org/q/${panel}`);
    const observations = of<fhir4.Observation>('Observation');
    expect(observations.filter((one) => one.hasMember).length).toBeGreaterThan(10);
    const inPanels = new Set(
      observations.flatMap((one) => one.hasMember?.map((member) => member.reference) ?? []),
    );
    expect(
      observations.filter((one) => !one.hasMember && !inPanels.has(`Observation/${one.id}`)).length,
    ).toBeGreaterThan(10);
  });

  it('hold every case that the journey has to tell apart', () => {
    const { of } = make();
    const consents = of<fhir4.Consent>('Consent');
    expect(consents.some((one) => one.provision?.type === 'permit')).toBe(true);
    expect(consents.some((one) => one.provision?.type === 'deny')).toBe(true);
    expect(
      consents.some((one) => today.getTime() - Date.parse(one.dateTime ?? '') > 366 * 86_400_000),
    ).toBe(true);
    expect(consents.length).toBeLessThan(300);
    const forms = of<fhir4.QuestionnaireResponse>('QuestionnaireResponse');
    expect(forms.some((one) => one.status === 'entered-in-error')).toBe(true);
    expect(forms.some((one) => one.encounter === undefined)).toBe(true);
    expect(of('Condition').length).toBeGreaterThan(3);
    expect(of('Goal').length).toBeGreaterThan(50);
    expect(of<fhir4.Encounter>('Encounter').some((one) => one.subject === undefined)).toBe(true);
    expect(JSON.stringify(forms) + JSON.stringify(of('Observation'))).toContain('LA10082-8');
  });

  it('have a script whose sums are theirs, with every end and every gate in it', () => {
    const { script, of } = make();
    const { encounters, referrals } = script;
    expect(Object.values(encounters).reduce((sum, n) => sum + n, 0)).toBe(of('Encounter').length);
    for (const n of Object.values(encounters)) expect(n).toBeGreaterThan(0);
    const waiting = Object.values(referrals.waiting).reduce((sum, n) => sum + n, 0);
    expect(referrals.needed).toBe(referrals.closed + referrals.failed + waiting);
    expect(Object.keys(referrals.waiting).sort()).toEqual([
      'agreement',
      'consent',
      'noServiceCode',
      'withoutHelp',
    ]);
    expect(referrals.closed).toBeGreaterThan(0);
    expect(referrals.failed).toBe(0);
  });
});

describe('made-up partners', () => {
  it('accept, decline, go silent, fail and finish, and some cannot be asked at all', () => {
    expect(new Set(sandboxPartners.map((one) => one.behavior))).toEqual(
      new Set(['finish', 'decline', 'silent', 'leap', 'fail']),
    );
    expect(sandboxPartners.some((one) => one.active === false)).toBe(true);
    expect(sandboxPartners.some((one) => one.full)).toBe(true);
    for (const category of Object.keys(scriptedEnd).filter(
      (one) => scriptedEnd[one] === 'closed',
    )) {
      expect(
        sandboxPartners.some(
          (one) => one.categories.includes(category) && ['finish', 'leap'].includes(one.behavior),
        ),
      ).toBe(true);
    }
  });

  it('stand in a Bundle of Organization, Endpoint and HealthcareService that belong together', () => {
    const entries = partnersBundle((name) => `https://${name}.example/fhir`).entry ?? [];
    const names = new Set(
      entries.map((one) => `${one.resource?.resourceType}/${one.resource?.id}`),
    );
    for (const { resource } of entries) {
      if (resource?.resourceType !== 'HealthcareService') continue;
      const service = resource as fhir4.HealthcareService;
      for (const reference of [
        service.providedBy?.reference,
        ...(service.endpoint ?? []).map((one) => one.reference),
      ])
        expect(names).toContain(reference);
    }
  });
});
