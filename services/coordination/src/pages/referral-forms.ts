import {
  attributes,
  button,
  enterDoesNothing,
  fields,
  type Html,
  hiddenField,
  html,
  notice,
  selectField,
  textField,
} from '@loopwell/http';
import type { ReviewCondition } from '../read/read-conditions.ts';
import { consentSentence } from '../texts/consent-sentence.ts';
import type { ReviewTexts } from '../texts/en.ts';
import {
  agreementFields,
  consentFields,
  type NeedFields,
  needFields,
  serviceFields,
} from './fields.ts';
import { minorFields } from './forms/minor-fields.ts';
import { broughtUpPart, noFields } from './forms/no-fields.ts';
import { takeBackFields } from './forms/whole-consent-fields.ts';
import type { ReferralPageView } from './referral-view.ts';

/**
 * Renders the hidden fields of a form about this referral: the page to return to, and the version
 * that was shown.
 */
const referralFields = ({ row, review }: ReferralPageView): Html =>
  html`${hiddenField('back', `/review/${row.id}`)}
  ${hiddenField('referral', row.id)}
  ${hiddenField(`version.${row.id}`, review.version)}`;

/** Renders a form for each suggested finding, to choose another one of the same category. */
export function chooseCodeForms(view: ReferralPageView, texts: ReviewTexts): Html[] {
  const mayChoose = view.row.approval !== 'approved' && view.codes.length > 1;
  const suggested = view.review.conditions.filter(({ origin }) => origin === 'suggested');
  return mayChoose
    ? suggested.map((condition, index) => chooseCodeForm(condition, index, view, texts))
    : [];
}

function chooseCodeForm(
  condition: ReviewCondition,
  index: number,
  view: ReferralPageView,
  { forms }: ReviewTexts,
): Html {
  const { suggested, chosenBy } = condition;
  const isChosen = (code: string) => condition.codes.some((coding) => coding.code === code);
  const others = view.codes.filter(({ code, display }) => display !== suggested && !isChosen(code));
  const again = { code: 'suggested', label: forms.asSuggested(suggested ?? '') };
  const options = [
    { code: '', label: forms.choose },
    ...(chosenBy === null ? [] : [again]),
    ...others.map(({ code, display }) => ({ code, label: display ?? code })),
  ];
  const choose = selectField({
    id: `code-${index}`,
    name: 'code',
    label: forms.otherFinding(condition.display),
    hint: forms.staysUnconfirmed,
    options,
  });
  return html`<form method="post" action="/review/decisions">
  ${referralFields(view)}
  ${hiddenField('condition', condition.id)}
  ${fields(choose, button({ label: forms.chooseCode, name: 'decision', sends: 'chooseCode' }))}
</form>
`;
}

/**
 * Renders the form with all decisions about an open referral: the need, agreement, consent and
 * service.
 */
export function decideForm(view: ReferralPageView, texts: ReviewTexts): Html {
  const { decide } = texts.referral;
  const service = html`<fieldset>
    <legend>${decide.service}</legend>
    ${serviceFields({ typed: view.typed, choices: view.services }, texts)}
  </fieldset>`;
  return html`<h2 id="decide">${decide.title}</h2>
<form method="post" action="/review/decisions">
  ${enterDoesNothing()}
  ${referralFields(view)}
  ${broughtUpPart(view, texts)}
  ${needFieldset(view, texts)}
  <fieldset>
    <legend>${decide.agreement}</legend>
    ${minorFields(view, texts)}
    ${agreementFields(view, texts)}
    <p><a href="/people/${view.row.person}/reach">${texts.reach.ask}</a></p>
  </fieldset>
  ${noFields(view, texts)}
  ${consentFieldset(view, texts)}
  ${view.row.state === 'waiting' && service}
  <p class="hint">${texts.forms.togetherHint}</p>
  <p>${button({ label: texts.forms.together, name: 'decision', sends: 'together', kind: 'primary' })}</p>
</form>`;
}

/** Renders the choice to approve the need together with what else is filled in. */
function approveToo({ typed }: ReferralPageView, { forms }: ReviewTexts): Html {
  const name = 'approve.wanted';
  const checked = typed.isFresh || typed.text[name] === 'yes';
  const box = attributes({ type: 'checkbox', name, value: 'yes', checked });
  return html`<p><label><input ${box}> ${forms.approveToo}</label></p>`;
}

/** Renders the form that ends the wait for an undo. */
export const sendNowForm = (view: ReferralPageView, { undo }: ReviewTexts): Html =>
  html`<form method="post" action="/review/decisions">
  ${referralFields(view)}
  ${button({ label: undo.sendNow, name: 'decision', sends: 'sendNow' })}
</form>`;

/** Renders the form that opens a referral again that has ended. */
export function openAgainForm(view: ReferralPageView, texts: ReviewTexts): Html {
  const { openAgain: words } = texts.referral;
  const name = 'openAgain.broughtUpOn';
  const broughtUp = textField({
    ...{ id: 'brought-up-on', name, label: words.broughtUpOn, hint: words.broughtUpHint },
    ...{ type: 'date', max: view.today, text: view.typed.text[name] ?? '' },
  });
  const open = button({ label: words.button, name: 'decision', sends: 'openAgain' });
  const again = askAgainBox('openAgain', view, texts);
  return html`<h2 id="open-again">${words.title}</h2>
<form method="post" action="/review/decisions">
  ${enterDoesNothing()}
  ${referralFields(view)}
  ${fields(broughtUp, view.tasks.length > 0 && again, open)}
</form>`;
}

/** Gives the partners that may be asked once more, because nobody could help so far. */
function hadTurnIn(view: ReferralPageView, texts: ReviewTexts): NeedFields['hadTurn'] {
  const { row, review, recipients } = view;
  const isOver = row.without_help === 'person-declined' || row.restriction === 'named-consent';
  if (review.withoutHelp === null || isOver) return undefined;
  const isUntried = (id: string) => review.nextPartners.some((partner) => partner.id === id);
  const partners = recipients.filter(({ id }) => !isUntried(id));
  return { partners, box: askAgainBox('askNext', view, texts) };
}

/** Renders the box that lets partners be asked once more that had their turn. */
const askAgainBox = (
  decision: 'openAgain' | 'askNext',
  { typed }: ReferralPageView,
  { forms }: ReviewTexts,
): Html => {
  const name = `${decision}.askAgain`;
  return textField({
    ...{ id: 'ask-again', name, label: forms.askAgain, type: 'checkbox', text: 'true' },
    isTicked: typed.text[name] === 'true',
  });
};

function needFieldset(view: ReferralPageView, texts: ReviewTexts): Html {
  const { row, review } = view;
  const { decide } = texts.referral;
  const need = {
    ...view,
    isRestricted: row.restriction !== null,
    seeFirst: review.seeFirst,
    canApprove: row.approval !== 'approved' && !isPartTwoUnnamed(view),
    canPostpone: row.state === 'waiting',
    canClose: review.withoutHelp !== null,
    nextPartners: review.nextPartners,
    hadTurn: hadTurnIn(view, texts),
  };
  return html`<fieldset>
    <legend>${decide.need}</legend>
    ${row.restriction && notice('wait', decide.restriction[row.restriction])}
    ${need.canApprove && approveToo(view, texts)}
    ${needFields(need, texts)}
  </fieldset>`;
}

/** Tells whether a need rests on Part 2 data and no consent of its own names a partner yet. */
const isPartTwoUnnamed = ({ row, review }: ReferralPageView): boolean =>
  row.restriction === 'named-consent' && review.consent.whole?.partTwo !== true;

function consentFieldset(view: ReferralPageView, texts: ReviewTexts): Html {
  const { decide } = texts.referral;
  const { consent, otherReferrals } = view.review;
  const hint = html`<p class="hint">${texts.forms.forThisNeed}</p>`;
  return html`<fieldset>
    <legend>${decide.consent}</legend>
    <p>${consentSentence(consent, view.partners, texts)}</p>
    ${consent.state !== 'signed-no' && consentFields({ ...view, category: view.row.category }, texts)}
    ${takeBackFields(texts)}
    ${withdrawConsent(texts)}
    ${otherReferrals.length > 0 && hint}
  </fieldset>`;
}

function withdrawAgreement({ row }: ReferralPageView, { forms }: ReviewTexts): Html | undefined {
  if (row.agreement_withdrawn_at !== null) return undefined;
  const label = forms.agreementTakenBack;
  return button({ label, name: 'decision', sends: 'withdrawAgreement', kind: 'danger' });
}

const withdrawConsent = ({ forms }: ReviewTexts): Html =>
  button({
    label: forms.consentTakenBack,
    name: 'decision',
    sends: 'withdrawConsent',
    kind: 'danger',
  });

/**
 * Renders the form that takes something back after the end, while the partner can still read the
 * order.
 */
export function takeBackForm(view: ReferralPageView, texts: ReviewTexts): Html {
  const { takeBack } = texts.referral;
  return html`<h2 id="take-back">${takeBack.title}</h2>
<p>${takeBack.intro}</p>
<form method="post" action="/review/decisions">
  ${enterDoesNothing()}
  ${referralFields(view)}
  ${takeBackFields(texts)}
  <p>${withdrawAgreement(view, texts)} ${withdrawConsent(texts)}</p>
</form>`;
}
