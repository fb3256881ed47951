import { addNeedSection } from '../add-need/add-need-section.ts';
import { chartSection } from '../disclosures/chart-section.ts';
import { householdSection } from '../household/household-section.ts';
import { mustBySection } from '../must-by/must-by-section.ts';
import { paperSection } from '../paper/paper-section.ts';
import type { PersonSection } from '../person-section.ts';
import { reachSection } from '../reach/reach-section.ts';
import { appointmentSection } from '../safety/appointment-section.ts';
import { workSection } from '../work/work-section.ts';
import { contactSection } from './contact-section.ts';
import { headerSection } from './header-section.ts';
import { needsSection } from './needs-section.ts';
import { seeFirstSection } from './see-first-section.ts';
import { takenSection } from './taken-section.ts';

/** The sections of the page of a person, in their order. */
export const personSections: readonly PersonSection[] = [
  seeFirstSection,
  takenSection,
  headerSection,
  needsSection,
  mustBySection,
  appointmentSection,
  reachSection,
  contactSection,
  workSection,
  addNeedSection,
  householdSection,
  paperSection,
  chartSection,
];
