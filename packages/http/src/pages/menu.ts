import type { ShellTexts } from '../texts/en.ts';

/**
 * A page that every signed-in person with the role finds in the menu, under the name that their
 * language has for it.
 * DECISIONS D112.
 */
export type MenuItem = { href: string; name: keyof ShellTexts['menu']; role: string };

/**
 * The pages of all services, whichever process shows them: behind one address a person who signs in
 * at the console finds the review, and the other way round. The first page that a person's role
 * opens is where they start.
 */
export const menu: readonly MenuItem[] = [
  { href: '/console', name: 'operations', role: 'operator' },
  { href: '/console/work', name: 'failedWork', role: 'operator' },
  { href: '/console/quarantine', name: 'quarantine', role: 'operator' },
  { href: '/console/holds', name: 'holds', role: 'operator' },
  { href: '/console/trace', name: 'timeline', role: 'operator' },
  { href: '/quality', name: 'quality', role: 'operator' },
  { href: '/review', name: 'review', role: 'reviewer' },
];
