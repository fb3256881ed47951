import { button, fields, type Html, html, notice, selectField, textField } from '@loopwell/http';
import { noKinds, noSayers } from '@loopwell/sdoh';
import type { ReviewTexts } from '../../texts/en.ts';
import type { ReferralPageView } from '../referral-view.ts';

/** Renders the person's no that stands against a need, and the field of the day that ends it. */
export function broughtUpPart(view: ReferralPageView, texts: ReviewTexts): Html | undefined {
  const { saidNo, typed, today, partners } = view;
  if (saidNo === undefined) return undefined;
  const { contact: words } = texts;
  const { kind, category, partner, saidOn, saidTo } = saidNo;
  const help = category === null ? words.everything : texts.need(category);
  const about = partner === null ? help : (partners.get(partner) ?? partner);
  const to = saidTo.startsWith('partner:')
    ? words.partnerSaid(partners.get(saidTo.slice(8)) ?? saidTo.slice(8))
    : saidTo;
  const day = textField({
    ...{ id: 'brought-up-on', name: 'broughtUpOn', label: words.broughtUpOn, type: 'date' },
    ...{ hint: words.broughtUpHint, max: today, text: typed.text.broughtUpOn ?? '' },
  });
  return html`${notice('wait', words.said(kind, about, saidOn, to))}
${fields(day)}`;
}

/** Renders the fields of a no that somebody records now. They count for both buttons of a stop. */
export function noFields(view: ReferralPageView, texts: ReviewTexts): Html {
  const { contact: words } = texts;
  const { typed, today, tomorrow } = view;
  const named = (name: string) => ({
    ...{ id: `no-${name}`, name: `no.${name}`, text: typed.text[`no.${name}`] ?? '' },
    chosen: typed.text[`no.${name}`] ?? '',
  });
  const kinds = noKinds.map((code) => ({ code, label: words.kinds[code] }));
  const usual = { code: '', label: words.kinds['not-this-help'] };
  const places = view.recipients.map(({ id: code, name: label }) => ({ code, label }));
  const noPlace = { code: '', label: words.noPlace };
  const sayers = noSayers.map((code) => ({ code, label: words.sayers[code] }));
  const parts = [
    selectField({
      ...named('kind'),
      label: words.kind,
      options: [usual, ...kinds.filter(({ code }) => code !== 'not-this-help')],
    }),
    selectField({ ...named('partner'), label: words.partner, options: [noPlace, ...places] }),
    textField({ ...named('until'), label: words.untilField, type: 'date', min: tomorrow }),
    textField({
      ...named('saidOn'),
      ...{ label: words.saidOn, hint: words.todayIfEmpty, type: 'date', max: today },
    }),
    selectField({
      ...named('saidBy'),
      label: words.saidBy,
      options: [{ code: '', label: words.sayers.person }, ...sayers.slice(1)],
    }),
    textField({ ...named('saidTo'), label: words.saidTo, maxlength: 120 }),
    button({
      ...{ label: words.theySaidNo, name: 'decision', sends: 'withdrawAgreement' },
      kind: 'danger',
    }),
  ];
  return html`<fieldset>
    <legend>${words.theySaidNo}</legend>
    <p class="hint">${words.recordHint}</p>
    ${fields(...parts)}
  </fieldset>`;
}
