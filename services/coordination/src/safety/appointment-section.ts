import { html, notice } from '@loopwell/http';
import type { PersonSection } from '../person-section.ts';
import { appointmentForm } from './appointment-form.ts';
import { appointmentText } from './appointment-text.ts';
import { readNextAppointments } from './read-safety.ts';

/** Shows when the person comes next: as the chart says, else as somebody has typed it in. */
export const appointmentSection: PersonSection = {
  name: 'appointment',
  async read(tx, { person }, context) {
    const appointments = await readNextAppointments(tx, [person], context.deps);
    const next = appointments.get(person);
    const isSaved = context.query.appointment === 'saved';
    return (texts) => html`${isSaved && notice('done', texts.safety.recorded)}
<p id="appointment">${texts.safety.next}: <strong>${appointmentText(next, texts)}</strong></p>
${appointmentForm(person, { from: 'person' }, texts)}`;
  },
};
