import { type Fact, facts, type Html, html } from '@loopwell/http';
import type { AddedNeedRow } from '@loopwell/store';
import { addedSentence } from '../add-need/added-sentence.ts';
import { recordConcern } from '../read/record.ts';
import { consentSentence } from '../texts/consent-sentence.ts';
import { troubleSentence } from '../texts/decision-sentences.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { standingSentence, whoText, withoutHelpSentence } from '../texts/standing-sentence.ts';
import type { ReferralPageView, Trouble } from './referral-view.ts';

/**
 * Renders the summary of a referral: the person, the need, where it stands, and the decisions so
 * far.
 */
export function referralFacts(view: ReferralPageView, texts: ReviewTexts): Html {
  const { row, review, tasks, partners, work } = view;
  const { facts: words } = texts.referral;
  const postponed = row.postponed_until;
  const about = [
    { term: words.person, detail: personText(view, texts) },
    samePersonFact(view, texts),
    linkProblemFact(view, texts),
    { term: words.need, detail: needDetail(view, texts) },
    view.added && addedFact(view.added, texts),
    recipientFact(view, texts),
    recordFact(view, texts),
  ];
  const standing = [
    { term: words.answered, detail: texts.formats.shortDay(review.since) },
    { term: words.now, detail: standingSentence(row, tasks, { partners, texts, work }) },
    ...view.troubles.map((trouble) => troubleFact(trouble, texts)),
    withoutHelpFact(view, texts),
    confidentialFact(view, texts),
    postponed !== null && { term: words.postponed, detail: words.until(postponed) },
  ];
  const decided = [
    { term: words.approval, detail: approvalText(view, texts) },
    { term: words.agreement, detail: agreementDetail(view, texts) },
    { term: words.consent, detail: consentText(view, texts) },
    { term: words.service, detail: serviceText(view, texts) },
  ];
  return facts([...about, ...standing, ...decided], 'facts');
}

function personText({ name }: ReferralPageView, { person, formats }: ReviewTexts): string {
  if (!name) return person.notOnFile;
  return name.birthDate
    ? `${name.name}, ${person.born(formats.shortDay(name.birthDate))}`
    : name.name;
}

/** Names the other records of the same person. */
function samePersonFact({ review, row }: ReferralPageView, texts: ReviewTexts): Fact | undefined {
  const others = review.patients.filter(({ id }) => id !== row.person);
  if (others.length === 0) return undefined;
  const list = others.map((patient, index) => {
    const comma = index > 0 && ', ';
    const words = texts.referral.facts.recordOf(patient.connection);
    return html`${comma}<a href="/people/${patient.id}">${words}</a>`;
  });
  return { term: texts.referral.facts.samePerson, detail: html`${list}` };
}

function linkProblemFact({ review, row }: ReferralPageView, texts: ReviewTexts): Fact | undefined {
  const problem = review.patients.find(({ id }) => id === row.person)?.linkProblem;
  if (!problem) return undefined;
  const { facts: words } = texts.referral;
  return { term: words.samePerson, detail: words.linkProblem(problem), kind: 'wait' };
}

function needDetail({ row }: ReferralPageView, texts: ReviewTexts): Html {
  const { facts: words } = texts.referral;
  const restricted = row.restriction && html` <span class="wait">${words.restricted}</span>`;
  return html`${texts.need(row.category)}${restricted}`;
}

/** Tells the number of a confidential service where no other partner takes the referral. */
function confidentialFact(view: ReferralPageView, texts: ReviewTexts): Fact | undefined {
  const { row, confidentialNumbers: numbers } = view;
  if (row.state !== 'waiting' || row.gate !== 'noPartner' || numbers.length === 0) return undefined;
  const words = texts.referral.confidential;
  return { term: words.term, detail: words.callTogether(numbers.join(', ')), kind: 'wait' };
}

/** Says who told of a need that no form asked about, in their words. */
function addedFact(added: AddedNeedRow, texts: ReviewTexts): Fact {
  const quoted = added.words && html`<br><q>${added.words}</q>`;
  return { term: texts.addNeed.fact, detail: html`${addedSentence(added, texts)}${quoted}` };
}

function recipientFact({ row, recipients }: ReferralPageView, texts: ReviewTexts) {
  const { facts: words } = texts.referral;
  if (!row.recipient) return undefined;
  const partner = recipients.find(({ id }) => id === row.recipient)?.name ?? row.recipient;
  return { term: words.mayGoTo, detail: words.only(partner) };
}

function recordFact({ review }: ReferralPageView, texts: ReviewTexts): Fact | undefined {
  const concern = recordConcern(review.record);
  if (!concern) return undefined;
  const { page } = texts.standing.record[concern];
  return { term: texts.referral.facts.record, detail: page, kind: 'wait' };
}

function troubleFact(trouble: Trouble, texts: ReviewTexts): Fact {
  const { facts: words } = texts.referral;
  const since = words.since(trouble.code, trouble.since);
  const detail = html`${troubleSentence(trouble, texts)} <small>${since}</small>`;
  return { term: words.standsStill, detail, kind: 'wait' };
}

function withoutHelpFact(view: ReferralPageView, texts: ReviewTexts): Fact | undefined {
  const { review } = view;
  const { facts: words } = texts.referral;
  if (review.withoutHelp === null) return undefined;
  const { reason, since, overdue, decideBy } = review.withoutHelp;
  const late = html` <span class="wait">${words.overdue}</span>`;
  const next = decideBy !== null && ` ${words.decideBy(new Date(decideBy))}`;
  const waiting = words.waitingSince(new Date(since));
  return {
    term: words.withoutHelp,
    detail: html`${withoutHelpSentence(reason, texts)}${partnerWords(view, texts)}${waiting}${overdue ? late : next}`,
  };
}

/** Quotes what the partner said last, where it gave words. */
function partnerWords({ review }: ReferralPageView, { referral }: ReviewTexts): string {
  const last = review.partnerAnswers.findLast(
    ({ reason, note }) => reason !== null || note !== null,
  );
  const quoted = last?.reason ?? last?.note;
  return quoted ? referral.facts.partnerSaid(quoted) : '';
}

function approvalText({ row }: ReferralPageView, texts: ReviewTexts): string {
  const { facts: words } = texts.referral;
  if (!row.approval) return words.notDecided;
  return words.approvedBy(row.approval, whoText(row.approved_by, texts), row.approved_at);
}

function agreementDetail(view: ReferralPageView, texts: ReviewTexts): Html {
  const { row, review } = view;
  const isMissing = !row.agreement_on || row.agreement_withdrawn_at !== null;
  const doubts = review.agreementDoubts.map(
    ({ source, why }) => html`<br><span class="wait">${source}: ${why}</span>`,
  );
  return html`${agreementText(view, texts)}${isMissing && doubts}`;
}

function agreementText({ row }: ReferralPageView, { referral }: ReviewTexts): string {
  const { facts: words } = referral;
  if (row.agreement_withdrawn_at !== null) return words.takenBack;
  if (!row.agreement_on) return words.noAgreement;
  if (row.agreement_source === 'reviewer')
    return words.agreedAskedBy(row.agreement_on, row.agreement_by ?? '');
  return words.agreedInChart(row.agreement_on);
}

function consentText(view: ReferralPageView, texts: ReviewTexts): string {
  const { review, partners } = view;
  const { consent } = review;
  const { words, askedBy, recordedBy, disclosed } = texts.consent;
  // A consent that names no single elements lets out what was fixed before.
  const isFixed = consent.state === 'permits' && consent.whole === undefined;
  const fixed = view.contactFromChart ? disclosed.withContact : disclosed.withoutContact;
  return [
    consentSentence(consent, partners, texts),
    consent.scope ? words(consent.scope) : '',
    consent.askedBy ? askedBy(consent.askedBy) : '',
    consent.recordedBy ? recordedBy(whoText(consent.recordedBy, texts)) : '',
    isFixed ? ` ${fixed}` : '',
  ].join('');
}

function serviceText({ row }: ReferralPageView, { referral }: ReviewTexts): string {
  const { facts: words } = referral;
  if (row.service_code) return (JSON.parse(row.service_code) as { display: string }).display;
  return row.gate === 'noServiceCode' ? words.noService : words.usualService;
}
