import { contactForms } from '../nos/contact-forms.ts';
import { readContact } from '../nos/contact-view.ts';
import type { PersonSection } from '../person-section.ts';
import { todayOf } from '../reviewer.ts';

/** Shows what a person said no to, and the tries to reach them, with the forms for both. */
export const contactSection: PersonSection = {
  name: 'contact',
  async read(tx, subject, context) {
    const view = await readContact(tx, subject, todayOf(context.deps));
    const result = context.query.contact;
    const done = result === 'done' || result === 'same' ? result : undefined;
    return (texts) => contactForms(view, { done }, texts);
  },
};
