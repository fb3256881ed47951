import { html, notice } from '@loopwell/http';
import { peopleInDanger } from '@loopwell/store';
import type { PersonSection } from '../person-section.ts';
import { appointmentForm } from './appointment-form.ts';
import { appointmentText } from './appointment-text.ts';
import { readNextAppointments } from './read-safety.ts';

/** Shows when the person comes next: as the chart says, else as somebody has typed it in. */
export const appointmentSection: PersonSection = {
  name: 'appointment',
  async read(tx, { person, patients }, context) {
    const marked = await peopleInDanger(tx, tx.tenant, patients);
    const isOpened = context.query.show === 'place' && marked.size === 0;
    const appointments = await readNextAppointments(tx, [person], context.deps, { isOpened });
    const next = appointments.get(person);
    // For whoever bears the mark the place stands on the page that says why.
    const link = `/people/${person}?show=place#appointment`;
    const hasLink = marked.size === 0 && next !== undefined && next.place === undefined;
    const isSaved = context.query.appointment === 'saved';
    return (texts) => html`${isSaved && notice('done', texts.safety.recorded)}
<p id="appointment">${texts.safety.next}: <strong>${appointmentText(next, texts)}</strong> ${hasLink && html`<a href="${link}">${texts.safety.showPlace}</a>`}</p>
${appointmentForm(person, { from: 'person' }, texts)}`;
  },
};
