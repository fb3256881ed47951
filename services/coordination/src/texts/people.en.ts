/** The English texts of the page of a person. */
export const personPageTexts = {
  title: 'Person',
  needs: 'Needs',
  noNeeds: 'No needs are on record.',
};
