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
  { href: '/review', name: 'review', role: 'reviewer' },
  { href: '/see-first', name: 'seeFirst', role: 'reviewer' },
  { href: '/call-today', name: 'callToday', role: 'reviewer' },
  { href: '/appointments', name: 'appointments', role: 'reviewer' },
  { href: '/on-duty', name: 'onDuty', role: 'reviewer' },
  { href: '/disclosures', name: 'disclosures', role: 'auditor' },
];
