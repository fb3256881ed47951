import type { Formats } from '@loopwell/http';

/** The column headings. */
const columns = {
  what: 'What',
  noticed: 'Listed since',
  acts: 'Deleted on',
  erased: 'When',
  by: 'By',
  reason: 'Why',
  rows: 'Entries',
  copies: 'Who keeps copies',
};

/** Why somebody was erased. */
const reasons = {
  asked: 'The person asked for it',
  order: 'By order of a court',
  retention: 'The time ran out',
};

/** Makes the texts of what is deleted, and of who was erased. */
export const retentionTexts = ({ count, plural }: Formats) => ({
  title: 'Kept and erased',
  intro:
    'How long things are kept is set on the page Site. What is to be deleted stands here for 14 ' +
    'days first. Somebody about whom something happens meanwhile is taken off.',
  notices: 'To be deleted',
  noNotices: 'Nothing is to be deleted.',
  views: 'Who saw whom: the oldest entries',
  receipts: 'Erased',
  noReceipts: 'Nobody was erased.',
  columns,
  reasons,
  copies: (partners: number, inEhr: number) => {
    const atPartners = `${count(partners)} ${plural(partners, 'copy', 'copies')} at partners`;
    const ehr = `${count(inEhr)} ${plural(inEhr, 'entry', 'entries')} in charts`;
    return partners + inEhr === 0 ? 'Nobody' : `${atPartners}, ${ehr}`;
  },
});
