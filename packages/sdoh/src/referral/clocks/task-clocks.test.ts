import { describe, expect, it } from 'vitest';
import { usualHours } from './open-hours.ts';
import {
  type ClockStart,
  clockEvents,
  clocksFromNews,
  clocksFromSend,
  clocksFromYes,
  nextClockEvent,
  runningClock,
  type TaskClocks,
  usualLimits,
} from './task-clocks.ts';

const at = (text: string) => new Date(`2026-${text}:00Z`);
const hours = { hours: usualHours, timeZone: 'America/Chicago' };
/** Monday, 10 am in Minneapolis. */
const monday = at('11-30T16:00');
const from = (now: Date, latest?: Date): ClockStart => ({ now, hours, latest });

const none: TaskClocks = {
  status: 'requested',
  acceptBy: null,
  contactBy: null,
  serveBy: null,
  halfAt: null,
  halfToldAt: null,
  lateToldAt: null,
};

describe('the clocks of a Task', () => {
  it('begin with the send, and half is in the middle of the open time', () => {
    expect(clocksFromSend(usualLimits, from(monday))).toEqual({
      acceptBy: at('12-02T16:00'),
      contactBy: null,
      serveBy: null,
      // 9 of 18 open hours: Tuesday, 10 am.
      halfAt: at('12-01T16:00'),
    });
  });

  it('run over a weekend in open time, and in plain time where the limit is plain', () => {
    const friday = at('11-27T22:00');
    const { acceptBy, halfAt } = clocksFromSend(usualLimits, from(friday));
    expect([acceptBy, halfAt]).toEqual([at('12-01T22:00'), at('11-30T22:00')]);
    const plain = { ...usualLimits, acceptBy: { ms: 20_000 } };
    const quick = clocksFromSend(plain, from(friday));
    expect(quick.halfAt?.getTime()).toBe(friday.getTime() + 10_000);
  });

  it.each([
    ['before it', at('12-01T06:00'), at('12-01T06:00')],
    ['after it', at('12-20T06:00'), at('12-02T16:00')],
  ])('never pass the date of the person: %s', (_title, latest, acceptBy) => {
    expect(clocksFromSend(usualLimits, from(monday, latest)).acceptBy).toEqual(acceptBy);
    const yes = clocksFromYes(null, usualLimits, from(monday, latest));
    expect(yes.contactBy).toEqual(acceptBy);
  });

  it('ask for news after a yes, and then for help', () => {
    const yes = { ...none, status: 'accepted', ...clocksFromYes(null, usualLimits, from(monday)) };
    expect([yes.contactBy, yes.serveBy]).toEqual([at('12-02T16:00'), at('12-14T16:00')]);
    expect(runningClock(yes)).toEqual(yes.contactBy);
    const news = { ...yes, ...clocksFromNews(yes, usualLimits, from(at('12-01T16:00'))) };
    expect([news.contactBy, news.serveBy]).toEqual([null, yes.serveBy]);
    expect(runningClock(news)).toEqual(yes.serveBy);
  });

  it('give some time again after news that came late', () => {
    const late = { ...none, status: 'in-progress', serveBy: at('12-01T16:00') };
    const { serveBy } = clocksFromNews(late, usualLimits, from(at('12-08T16:00')));
    expect(serveBy).toEqual(at('12-10T16:00'));
  });
});

describe('somebody is told', () => {
  const sent = { ...none, ...clocksFromSend(usualLimits, from(monday)) };
  const taken = {
    ...none,
    status: 'accepted',
    ...clocksFromYes(null, usualLimits, from(monday)),
  };

  it.each([
    ['nothing before half of the time', sent, at('12-01T15:59'), []],
    ['once at half', sent, at('12-01T16:00'), ['half']],
    ['not twice', { ...sent, halfToldAt: monday }, at('12-01T17:00'), []],
    ['nothing of a silent Task, which is taken back', sent, at('12-02T16:00'), []],
    ['of a Task that was accepted and forgotten', taken, at('12-02T16:00'), ['late']],
    ['of it once', { ...taken, lateToldAt: monday }, at('12-03T16:00'), []],
    ['nothing where no clock runs', none, at('12-03T16:00'), []],
  ])('%s', (_title, clocks, now, events) => {
    expect(clockEvents(clocks, now)).toEqual(events);
  });

  it('and the next look is when the next thing is due', () => {
    expect(nextClockEvent(sent, monday)).toEqual(at('12-01T16:00'));
    expect(nextClockEvent({ ...sent, halfToldAt: monday }, monday)).toEqual(at('12-02T16:00'));
    expect(nextClockEvent(taken, at('12-02T15:00'))).toEqual(at('12-01T16:00'));
    const told = { ...taken, lateToldAt: monday };
    expect(nextClockEvent(told, at('12-03T16:00'))).toBeUndefined();
    expect(nextClockEvent(none, monday)).toBeUndefined();
  });
});
