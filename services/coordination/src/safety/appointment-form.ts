import { attributes, button, type Html, hiddenField, html, textField } from '@loopwell/http';
import type { ReviewTexts } from '../texts/en.ts';
import type { SafetyForm } from './record-safety.ts';

/** What came of the form, and the page that it is on. */
export type AppointmentFeedback = {
  problem?: string | undefined;
  typed?: SafetyForm;
  from: 'person' | 'see-first';
};

/** Renders the form that types in the next appointment, where the chart has none. */
export function appointmentForm(
  person: string,
  { problem, typed = {}, from }: AppointmentFeedback,
  { safety: words }: ReviewTexts,
): Html {
  const sentences: Readonly<Record<string, string>> = words.problems;
  const errorOf = (field: string) => (problem === field ? sentences[field] : undefined);
  const isOpen = problem === 'at' || problem === 'place';
  const at = textField({
    ...{ id: 'at', name: 'at', type: 'datetime-local', label: words.appointmentAt },
    ...{ text: typed.at, error: errorOf('at') },
  });
  const place = textField({
    ...{ id: 'place', name: 'place', label: words.appointmentPlace, maxlength: 200 },
    ...{ text: typed.place, error: errorOf('place') },
  });
  return html`<details ${attributes({ open: isOpen })}><summary>${words.typeAppointment}</summary>
<form method="post" action="/people/${person}/appointment">
  ${hiddenField('from', from)}
  ${at}
  ${place}
  ${button({ label: words.saveAppointment })}
</form></details>`;
}
