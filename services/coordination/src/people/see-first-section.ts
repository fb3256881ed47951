import { html, notice } from '@loopwell/http';
import { peopleInDanger } from '@loopwell/store';
import { unprinted } from '../pages/parts.ts';
import type { PersonSection } from '../person-section.ts';
import { openForm } from '../safety/open-form.ts';

/**
 * Shows the mark *See first* and the button that opens why. Both are the same for an answer about
 * safety and for a need with a date.
 */
export const seeFirstSection: PersonSection = {
  name: 'see-first',
  async read(tx, { person, patients }, { principal }) {
    const marked = await peopleInDanger(tx, principal.tenant, patients);
    if (marked.size === 0) return undefined;
    return (texts) => {
      const { seeFirst, decideEach } = texts.safety;
      return unprinted(html`${notice('danger', html`<strong>${seeFirst}.</strong> ${decideEach}`)}
${openForm(person, texts)}`);
    };
  },
};
