import { type Html, html, selectField } from '@loopwell/http';
import { minorServices, minorSituations } from '@loopwell/sdoh';
import type { ReviewTexts } from '../../texts/en.ts';
import type { ReferralPageView } from '../referral-view.ts';

const authorities = ['parent', 'guardian', 'agent', 'self'] as const;

/** Renders who said yes for a person under age, and by which law a minor did so alone. */
export function minorFields(
  { review, typed }: ReferralPageView,
  { forms, personPage }: ReviewTexts,
): Html | undefined {
  if (review.record.age !== 'minor') return undefined;
  const field = (id: string, name: string) => ({
    ...{ id, name: `agree.${name}`, chosen: typed.text[`agree.${name}`] ?? '' },
  });
  const choose = { code: '', label: forms.choose };
  const services = minorServices.map((code) => ({ code, label: personPage.minorServices[code] }));
  const situations = minorSituations.map((code) => ({ code, label: forms.minorSituations[code] }));
  const who = authorities.map((code) => ({ code, label: forms.authorities[code] }));
  return html`${selectField({ ...field('agreed-by', 'agreedBy'), label: forms.whoSaidYes, options: [choose, ...who] })}
${selectField({ ...field('minor-service', 'minorService'), label: forms.minorService, hint: forms.minorServiceHint, options: [choose, ...services] })}
${selectField({ ...field('minor-situation', 'minorSituation'), label: forms.minorSituation, options: situations })}`;
}
