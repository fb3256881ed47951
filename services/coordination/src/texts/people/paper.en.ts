/** The English texts of what is copied into the chart, and of what is printed. */
export const paperTexts = {
  copyTitle: 'Copy for the chart',
  copyHint:
    'Select this text and paste it into the chart. It has nothing about safety, no notes of the care team, and no words of a partner.',
  copyHead: 'Social needs and referrals (Loopwell):',
  printTitle: 'One page to print',
  printHint:
    'Print this page with your browser. It has nothing about safety, no notes of the care team, and no words of a partner.',
  noNeeds: 'No needs are on record.',
  back: 'Back to the person',
};
