import type { ShellTexts } from '../texts/en.ts';

/**
 * A page in the menu of every signed-in person with the role. The name is the key of its text in
 * each language.
 * DECISIONS D112.
 */
export type MenuItem = { href: string; name: keyof ShellTexts['menu']; role: string };

/**
 * Lists the pages of all services, whichever process shows them. So a person who signs in at the
 * console finds the review behind the same address, and the reverse. A person starts at the first
 * page that their role opens.
 */
export const menu: readonly MenuItem[] = [
  { href: '/console', name: 'operations', role: 'operator' },
  { href: '/console/work', name: 'failedWork', role: 'operator' },
  { href: '/console/quarantine', name: 'quarantine', role: 'operator' },
  { href: '/console/holds', name: 'holds', role: 'operator' },
  { href: '/console/trace', name: 'timeline', role: 'operator' },
  { href: '/console/site', name: 'site', role: 'admin' },
  { href: '/quality', name: 'quality', role: 'operator' },
  { href: '/decide', name: 'review', role: 'reviewer' },
  { href: '/on-duty', name: 'onDuty', role: 'reviewer' },
  { href: '/disclosures', name: 'disclosures', role: 'auditor' },
];

/** The name of a list in the side menu: the key of its text in each language. */
type ListName = keyof ShellTexts['lists']['names'];

/** A list of people in the side menu of the care team. Urgent ones stand out while they have people. */
export type SideItem = { href: string; name: ListName; isUrgent?: boolean };

/** The lists of the care team in the order of the side menu. All its pages show them. */
export const sideMenu: readonly { name: keyof ShellTexts['lists']['groups']; items: SideItem[] }[] =
  [
    {
      name: 'now',
      items: [
        { href: '/call-today', name: 'callToday', isUrgent: true },
        { href: '/see-first', name: 'seeFirst', isUrgent: true },
      ],
    },
    {
      name: 'work',
      items: [
        { href: '/decide', name: 'decide' },
        { href: '/ask', name: 'ask' },
        { href: '/signature', name: 'signature' },
        { href: '/service', name: 'service' },
        { href: '/later', name: 'later' },
      ],
    },
    {
      name: 'sent',
      items: [
        { href: '/partners/calls', name: 'calls' },
        { href: '/waiting', name: 'waiting' },
        { href: '/without-help', name: 'withoutHelp', isUrgent: true },
        { href: '/helped', name: 'helped' },
      ],
    },
    {
      name: 'everybody',
      items: [
        { href: '/appointments', name: 'appointments' },
        { href: '/people', name: 'people' },
        { href: '/review/screenings', name: 'screenings' },
        { href: '/partners', name: 'partners' },
        { href: '/due-lists', name: 'dueLists' },
        { href: '/covers', name: 'covers' },
      ],
    },
  ];

/** Counts are exact up to this many people. */
const mostCounted = 1_000;

/** Tells whether a count is as high as counts go. */
export const isManyMore = (count: number): boolean => count >= mostCounted;
