/** A page that every signed-in person with the role finds in the menu. */
export type MenuItem = { href: string; label: string; role: string };

/**
 * The pages of all services, whichever process shows them: behind one address a person who signs in at the console finds
 * the review, and the other way round. The first that somebody's role opens is where they start.
 */
export const menu: readonly MenuItem[] = [
  { href: '/console', label: 'Operations', role: 'operator' },
  { href: '/console/work', label: 'Failed work', role: 'operator' },
  { href: '/console/quarantine', label: 'Quarantine', role: 'operator' },
  { href: '/console/holds', label: 'Holds', role: 'operator' },
  { href: '/console/trace', label: 'Timeline', role: 'operator' },
  { href: '/quality', label: 'Data quality', role: 'operator' },
  { href: '/review', label: 'Review', role: 'reviewer' },
];
