import {
  type Button,
  button,
  fields,
  type Html,
  hiddenField,
  html,
  type Option,
  type Part,
  selectField,
  textField,
} from '@loopwell/http';
import type { Typed } from '../decide/form-data.ts';
import type { Recipient } from '../decide/recipient.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { wholeConsentFields } from './forms/whole-consent-fields.ts';

/** Gives the text that was typed into a field before; empty if there is none. */
const typedText = ({ text }: Typed, name: string): string => text[name] ?? '';

const decide = (decision: string, label: string, kind: Button['kind'] = 'plain'): Html =>
  button({ label, name: 'decision', sends: decision, kind });

const optionsOf = (partners: readonly Recipient[]): Option[] =>
  partners.map(({ id, name }) => ({ code: id, label: name }));

export type AgreementFields = { today: string; typed: Typed };

/** Renders the fields of the person's own agreement: when it was given, and who asked. */
export function agreementFields({ today, typed }: AgreementFields, { forms }: ReviewTexts): Html {
  const on = 'agree.agreedOn';
  const by = 'agree.askedBy';
  const mustBy = 'agree.mustBy';
  const interpreter = 'agree.interpreter';
  const interpreters = Object.entries(forms.interpreters).map(([code, label]) => ({ code, label }));
  return fields(
    textField({
      id: 'agreed-on',
      name: on,
      label: forms.agreedOn,
      type: 'date',
      max: today,
      text: typedText(typed, on),
    }),
    textField({
      id: 'agreed-asked-by',
      name: by,
      label: forms.whoAsked,
      maxlength: 120,
      text: typedText(typed, by),
    }),
    selectField({
      id: 'agreed-interpreter',
      name: interpreter,
      label: forms.interpreted,
      hint: forms.optional,
      options: [{ code: '', label: '' }, ...interpreters],
      chosen: typedText(typed, interpreter),
    }),
    textField({
      id: 'must-by',
      name: mustBy,
      label: forms.mustBy,
      hint: forms.mustByHint,
      type: 'date',
      min: today,
      text: typedText(typed, mustBy),
    }),
    decide('agree', forms.recordAgreement, 'primary'),
  );
}

export type ConsentFields = {
  today: string;
  typed: Typed;
  /** Partners that the consent may name. */
  recipients: readonly Recipient[];
  /** The category of the need. */
  category: string;
  spokenAuthor: string | undefined;
};

/** Renders the fields of a consent that was signed on paper or elsewhere. */
export function consentFields(view: ConsentFields, texts: ReviewTexts): Html {
  const { forms } = texts;
  const field = (id: string, name: string) => ({
    id,
    name: `recordConsent.${name}`,
    text: typedText(view.typed, `recordConsent.${name}`),
  });
  const signed = textField({
    ...field('signed-on', 'dateTime'),
    label: forms.signedOn,
    hint: forms.required,
    type: 'date',
    max: view.today,
  });
  const until = textField({
    ...field('until', 'until'),
    label: forms.until,
    hint: forms.optional,
    type: 'date',
    min: view.today,
  });
  const asked = textField({
    ...field('consent-asked-by', 'askedBy'),
    label: forms.whoAsked,
    hint: forms.required,
    maxlength: 120,
  });
  const words = textField({
    ...field('scope', 'scope'),
    label: forms.wordsOnForm,
    hint: forms.wordsOptional,
    maxlength: 300,
  });
  // The consent says who may know; the partner that an approval names is none of its fields.
  return html`${hiddenField('recordConsent.recipient', 'any')}
${fields(signed, until, asked)}
${wholeConsentFields(view, texts)}
${fields(words)}
${fields(decide('recordConsent', forms.recordConsent, 'primary'))}`;
}

export type ServiceFields = {
  typed: Typed;
  choices: readonly { code: string; display?: string }[];
};

/** Renders the field of the service that a partner is asked for. */
export function serviceFields({ typed, choices }: ServiceFields, { forms }: ReviewTexts): Html {
  const name = 'chooseService.serviceCode';
  const each = choices.map(({ code, display }) => ({ code, label: display || code }));
  return fields(
    selectField({
      id: 'service-code',
      name,
      label: forms.service,
      options: [{ code: '', label: forms.choose }, ...each],
      chosen: typedText(typed, name),
    }),
    decide('chooseService', forms.chooseService, 'primary'),
  );
}

export type NeedFields = {
  typed: Typed;
  tomorrow: string;
  /** A partner has to be named, because the need rests on restricted information. */
  isRestricted: boolean;
  seeFirst: boolean;
  canApprove: boolean;
  canPostpone: boolean;
  canClose: boolean;
  /** Partners that an approval may name; undefined for many referrals at once. */
  recipients?: readonly Recipient[];
  /** Partners that may be named in place of the earlier one. */
  repicks?: readonly Recipient[];
  /** Partners that may be asked next, if no partner could help so far. */
  nextPartners?: readonly Recipient[];
  /** Partners that had their turn, with the box by which they may be asked once more. */
  hadTurn?: { partners: readonly Recipient[]; box: Html } | undefined;
};

/**
 * Renders the fields and buttons about a need: approve, refuse or postpone it, ask the next
 * partner, or close it without help.
 */
export function needFields(view: NeedFields, texts: ReviewTexts): Html {
  const { forms, decisions } = texts;
  const reasons = decisions.refusalReasons.map(
    (reason) => html`<option value="${reason}"></option>`,
  );
  const reason = textField({
    id: 'reason',
    name: 'reason',
    label: forms.reason,
    hint: view.canClose ? forms.reasonToRefuseOrClose : forms.reasonToRefuse,
    maxlength: 500,
    list: 'refusal-reasons',
    text: typedText(view.typed, 'reason'),
  });
  return html`<datalist id="refusal-reasons">${reasons}</datalist>
${fields(
  reason,
  view.canApprove && approveParts(view, texts),
  repickParts(view, texts),
  view.canClose && closeParts(view, texts),
  sayerField(view.typed, texts),
  decide('refuse', forms.refuse, 'danger'),
)}
${view.canPostpone && postponeFields(view, texts)}`;
}

/** Renders the choice whose refusal it is: the care team's own, or the no of the person. */
export function sayerField(
  { text, problems = [] }: Typed,
  { forms, decisions }: ReviewTexts,
): Html {
  const name = 'refuse.saidBy';
  const isWrong = problems.some(({ path }) => path === '/body/saidBy');
  const sayers = Object.entries(forms.refusedBy).map(([code, label]) => ({ code, label }));
  return selectField({
    ...{ id: 'refused-by', name, label: forms.whoRefuses, hint: forms.requiredToRefuse },
    options: [{ code: '', label: forms.choose }, ...sayers],
    chosen: text[name] ?? '',
    error: isWrong ? decisions.missing.saidBy : undefined,
  });
}

function approveParts(
  { recipients, isRestricted, typed }: NeedFields,
  { forms }: ReviewTexts,
): Part {
  const field = { id: 'recipient', name: 'recipient', label: forms.mayGoTo };
  const nobody = { code: '', label: isRestricted ? forms.choose : forms.anyPartner };
  const choose =
    recipients &&
    selectField({
      ...field,
      options: [nobody, ...optionsOf(recipients)],
      chosen: typedText(typed, 'recipient'),
    });
  return [choose, decide('approve', forms.approve, 'primary')];
}

function repickParts({ repicks = [], typed }: NeedFields, { forms }: ReviewTexts): Part {
  if (repicks.length === 0) return undefined;
  const choose = selectField({
    id: 'other-recipient',
    name: 'recipient',
    label: forms.otherPartner,
    options: [{ code: '', label: forms.choose }, ...optionsOf(repicks)],
    chosen: typedText(typed, 'recipient'),
  });
  return [choose, decide('approve', forms.approveForPartner)];
}

function closeParts(view: NeedFields, { forms }: ReviewTexts): Part {
  const { nextPartners = [], hadTurn, isRestricted, typed } = view;
  const { partners: turned = [], box } = hadTurn ?? {};
  const again = turned.map(({ id, name: who }) => ({ code: id, label: forms.hadTurn(who) }));
  const name = 'askNext.recipient';
  const nobody = { code: '', label: isRestricted ? forms.choose : forms.anyPartner };
  const next = [
    selectField({
      id: 'next-recipient',
      name,
      label: forms.nextPartner,
      options: [nobody, ...optionsOf(nextPartners), ...again],
      chosen: typedText(typed, name),
    }),
    turned.length > 0 && box,
    decide('askNext', forms.askNext, 'primary'),
  ];
  const close = decide('closeWithoutHelp', forms.close, 'primary');
  return [nextPartners.length + turned.length > 0 && next, close];
}

function postponeFields({ typed, tomorrow, seeFirst }: NeedFields, { forms }: ReviewTexts): Html {
  const name = 'postpone.until';
  const until = textField({
    id: 'postponed-until',
    name,
    label: forms.postponeUntil,
    hint: seeFirst && forms.tomorrowAtMost,
    type: 'date',
    min: tomorrow,
    max: seeFirst ? tomorrow : undefined,
    text: typed.text[name] ?? tomorrow,
  });
  return fields(until, decide('postpone', forms.postpone));
}
