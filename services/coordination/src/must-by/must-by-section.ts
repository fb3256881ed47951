import { referrals } from '@loopwell/store';
import type { PersonSection } from '../person-section.ts';
import { mustByForms, openNeeds } from './must-by-forms.ts';

/** Shows the dates by which something must happen for the open needs of a person. */
export const mustBySection: PersonSection = {
  name: 'must-by',
  async read(tx, { person, patients }, context) {
    const needs = openNeeds(await referrals.referralsOfPeople(tx, patients));
    if (needs.length === 0) return undefined;
    const isSaved = context.query.date === 'saved';
    return (texts) => mustByForms({ person, needs }, { isSaved }, texts);
  },
};
