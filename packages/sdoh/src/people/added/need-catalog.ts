import type { Coding } from '../../fhir-json/codings.ts';
import { sdohccCategories } from '../../terminology/sdohcc-categories.ts';
import { generalServiceCodes } from '../../terminology/service-codes.ts';
import { isSafetyCategory } from '../safety/danger-kinds.ts';

/** A need that somebody can add without a form: its code, and what is asked of partners. */
export type CatalogNeed = {
  code: string;
  /** SDOHCC category, by which the directory names who helps. */
  category: string;
  /** The service that is asked for; undefined for the usual one of the category. */
  service?: Coding | undefined;
  /** A machine never approves it. */
  isSensitive: boolean;
};

const serviceOf = (code: string): Coding | undefined =>
  generalServiceCodes().find((service) => service.code === code);

const [communityNetwork, benefits] = ['464161000124109', '462491000124104'];

/** Help that no category of the guide names. */
const services: readonly CatalogNeed[] = [
  {
    code: 'free-screening',
    category: 'sdoh-category-unspecified',
    service: serviceOf(communityNetwork),
    isSensitive: false,
  },
  {
    code: 'telehealth-help',
    category: 'digital-access',
    service: serviceOf(communityNetwork),
    isSensitive: false,
  },
  {
    code: 'class',
    category: 'personal-health-literacy',
    service: serviceOf(communityNetwork),
    isSensitive: false,
  },
  {
    code: 'help-with-bills',
    category: 'medical-cost-burden',
    service: serviceOf(benefits),
    isSensitive: false,
  },
];

const noNeeds: readonly string[] = ['protective-factor', 'sdoh-category-unspecified'];

/**
 * The needs that can be added. A need about safety is not among them: its name alone would tell an
 * answer that only the person gives, alone.
 */
export const needCatalog: readonly CatalogNeed[] = [
  ...sdohccCategories
    .filter((category) => !isSafetyCategory(category) && !noNeeds.includes(category))
    .map((category) => ({
      ...{ code: category, category },
      isSensitive: category === 'incarceration-status',
    })),
  ...services,
];

/** Finds a need of the catalog by its code. */
export const findCatalogNeed = (code: string): CatalogNeed | undefined =>
  needCatalog.find((need) => need.code === code);
