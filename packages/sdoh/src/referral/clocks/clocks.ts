export { addBusinessDays } from '../business-days.ts';
export { deadlineAfter } from './deadline-after.ts';
export {
  addOpenTime,
  nextOpen,
  type OpenHours,
  type OpenTime,
  openTimeBetween,
  usualHours,
} from './open-hours.ts';
export {
  type ClockEvent,
  type ClockLimits,
  type ClockStart,
  type ClockTimes,
  clockEvents,
  clocksFromNews,
  clocksFromSend,
  clocksFromYes,
  nextClockEvent,
  runningClock,
  type TaskClocks,
  usualLimits,
} from './task-clocks.ts';
