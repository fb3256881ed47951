import type { fhir4 } from '@loopwell/fhir';
import { mapDefined, withoutUndefined } from '@loopwell/fhir';
import type { Clock } from '@loopwell/kit';
import {
  agreementOf,
  type ConsentQuestion,
  type ConsentsOnFile,
  consentQuestion,
  consentStanding,
  type DirectoryPartner,
  doubtWords,
  orderOf,
  sentConsent,
  serviceToSuggest,
} from '@loopwell/sdoh';
import type { PartnerRow, ReferralRow, TaskRow } from '@loopwell/store';
import type { ReferralSettings } from '../settings.ts';
import type { ConsentDecision, GateRules, Partner, PersonFile } from './model.ts';

/** Makes the gates' rules from the rules of the domain. */
export function gateRules(settings: ReferralSettings, clock: Clock): GateRules {
  return {
    consent: (onFile, file, partner) =>
      consentFor(onFile.consents, questionOf(onFile, file, partner, settings, clock)),
    sentUnder: (onFile, file, partner, sent) =>
      sentConsent(onFile.consents, questionOf(onFile, file, partner, settings, clock), sent),
    agreement: (onFile, file, category) => {
      const brought = agreementOf(
        category,
        file.goals,
        file.serviceRequests,
        clock.now(),
        file.identity,
      );
      if (brought || !settings.agreedByConsent) return brought;
      const answer = consentFor(onFile.consents, questionOf(onFile, file, anyone, settings, clock));
      return answer.kind === 'permit'
        ? { source: `Consent/${answer.consentId}`, on: answer.signed ?? '' }
        : undefined;
    },
    order: (file, category) => orderOf(category, file.serviceRequests, clock.now(), file.identity),
    serviceCode: serviceToSuggest,
    partnersFor,
  };
}

const anyone: Partner = { id: '', name: '', address: '', channel: '' };

function questionOf(
  onFile: ConsentsOnFile,
  file: PersonFile,
  partner: Partner,
  settings: ReferralSettings,
  clock: Clock,
): ConsentQuestion {
  const { id, references, categories } = partner;
  return consentQuestion(onFile, {
    person: file.person,
    patient: file.patient?.id ?? '',
    base: file.base,
    recipient: id === '' ? undefined : { id, references, categories },
    now: clock.now(),
    longestDays: settings.longestConsentDays,
    sitePolicy: settings.consentPolicy,
  });
}

/**
 * Evaluates the Consents of a person for one question. A permit has the day of the signature; a
 * missing consent says whether one has expired.
 */
function consentFor(
  consents: readonly fhir4.Consent[],
  question: ConsentQuestion,
): ConsentDecision {
  const { answer, state, consent, lapsed, doubt } = consentStanding(consents, question);
  if (answer.kind === 'permit')
    return { ...answer, ...withoutUndefined({ signed: consent?.dateTime || undefined }) };
  if (answer.kind === 'denied') return { kind: 'denied' };
  return {
    ...(answer.kind === 'none'
      ? { kind: 'none', lapsed: lapsed && state !== 'withdrawn' }
      : { kind: 'needs-person' }),
    ...withoutUndefined({ why: doubt ? doubtWords(doubt) : undefined }),
  };
}

/** Lists the partners of the directory that serve a category. */
function partnersFor(rows: readonly PartnerRow[], category: string): Partner[] {
  return mapDefined(rows, (row) => {
    const partner = JSON.parse(row.body) as DirectoryPartner;
    if (!partner.categories.includes(category)) return undefined;
    return {
      id: partner.id,
      name: partner.name,
      address: partner.address,
      channel: row.kind,
      references: partner.references,
      categories: partner.categories,
    };
  });
}

/**
 * Returns a function that adds the kinds of help to a partner, as a consent for a kind of place is
 * compared with them. A partner that has the Task gives this help, even if it left the directory
 * meanwhile.
 */
export function placesOf(
  { category }: Pick<ReferralRow, 'category'>,
  taskRows: readonly TaskRow[],
  partners: readonly PartnerRow[],
): (partner: Partner) => Partner {
  const atWork = taskRows.filter((task) => task.live).map((task) => task.partner);
  const listed = new Map<string, string[]>();
  for (const { id, body } of partners) {
    const { categories } = JSON.parse(body) as DirectoryPartner;
    listed.set(id, [...(listed.get(id) ?? []), ...categories]);
  }
  return (partner) => {
    const categories = [...(listed.get(partner.id) ?? [])];
    if (atWork.includes(partner.id)) categories.push(category);
    return { ...partner, categories };
  };
}
