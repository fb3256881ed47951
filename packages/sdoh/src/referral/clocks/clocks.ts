export { addBusinessDays } from '../business-days.ts';
export { deadlineAfter, type Hours } from './deadline-after.ts';
export {
  addOpenTime,
  nextOpen,
  type OpenHours,
  type OpenTime,
  openTimeBetween,
  usualHours,
} from './open-hours.ts';
