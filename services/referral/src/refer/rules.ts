import type { fhir4 } from '@loopwell/fhir';
import type { Clock } from '@loopwell/kit';
import { agreementOf, type ConsentQuestion, type DirectoryPartner, evaluateConsent, serviceCodesOf, startOf } from '@loopwell/sdoh';
import type { PartnerRow } from '@loopwell/store';
import type { ReferralSettings } from '../settings.ts';
import type { GateRules, PersonFile } from './gather.ts';
import type { ConsentDecision, Partner } from './refer.ts';

/** The domain's rules, as the gates ask them. */
export function gateRules(settings: ReferralSettings, clock: Clock): GateRules {
  return {
    consent: (consents, file, partner) => consentFor(consents, questionOf(file, partner, settings, clock)),
    agreement: (consents, file, category) => {
      const brought = agreementOf(category, file.goals, file.serviceRequests, clock.now(), file.identity);
      if (brought || !settings.agreedByConsent) return brought;
      const answer = consentFor(consents, questionOf(file, anyone, settings, clock));
      return answer.kind === 'permit' ? { source: `Consent/${answer.consentId}`, on: answer.signed ?? '' } : undefined;
    },
    serviceCode: (category) => serviceCodesOf(category).map(({ system, code, display }) => ({ system, code, display: display ?? '' }))[0],
    partnersFor,
  };
}

const anyone: Partner = { id: '', name: '', address: '', channel: '' };

function questionOf(file: PersonFile, partner: Partner, settings: ReferralSettings, clock: Clock): ConsentQuestion {
  const references = new Set(partner.references ?? [`Organization/${partner.id}`]);
  const own = new Set([`Patient/${file.person}`, `Patient/${file.patient?.id ?? ''}`, `${file.base}/Patient/${file.patient?.id ?? ''}`]);
  return {
    isPerson: (reference) => own.has(reference ?? ''),
    isRecipient: (reference) => {
      const named = reference?.reference ?? '';
      return partner.id === '' || references.has(named) || references.has(named.replace(`${file.base}/`, ''));
    },
    now: clock.now(),
    longestDays: settings.longestConsentDays,
  };
}

/** The decision with the day of the signature, and with whether a missing one has simply run out. */
function consentFor(consents: readonly fhir4.Consent[], question: ConsentQuestion): ConsentDecision {
  const answer = evaluateConsent(consents, question);
  if (answer.kind === 'permit') {
    const signed = consents.find((one) => one.id === answer.consentId)?.dateTime;
    return { ...answer, ...(signed ? { signed } : {}) };
  }
  return answer.kind === 'none' ? { kind: 'none', lapsed: consents.some((one) => hasLapsed(one, question)) } : answer;
}

/** It permitted on the day that it began, and is still active: only time has passed. */
function hasLapsed(consent: fhir4.Consent, question: ConsentQuestion): boolean {
  const began = Math.max(startOf(consent.dateTime) ?? Number.NaN, startOf(consent.provision?.period?.start) ?? Number.NEGATIVE_INFINITY);
  if (Number.isNaN(began) || began > question.now.getTime()) return false;
  return evaluateConsent([consent], { ...question, now: new Date(began) }).kind === 'permit';
}

function partnersFor(rows: readonly PartnerRow[], category: string): Partner[] {
  return rows.flatMap((row) => {
    const partner = JSON.parse(row.body) as DirectoryPartner;
    if (!partner.categories.includes(category)) return [];
    return [{ id: partner.id, name: partner.name, address: partner.address, channel: 'fhir-rest', references: partner.references }];
  });
}
