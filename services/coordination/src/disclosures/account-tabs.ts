import { type Html, tabs } from '@loopwell/http';
import type { ReviewTexts } from '../texts/en.ts';

const links = [
  { name: 'disclosures', href: '/disclosures' },
  { name: 'views', href: '/disclosures/views' },
  { name: 'signIns', href: '/disclosures/sign-ins' },
  { name: 'demands', href: '/disclosures/demands' },
  { name: 'retention', href: '/disclosures/retention' },
] as const;

/** Renders the links between the accounts. */
export const accountTabs = (
  current: (typeof links)[number]['name'],
  { accounts }: ReviewTexts,
): Html =>
  tabs(
    accounts.navigation,
    links.map(({ name, href }) => ({
      href,
      label: accounts.tabs[name],
      isCurrent: name === current,
    })),
  );
