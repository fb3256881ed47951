/**
 * Loaded before anything else (`node --import`): the clock of this process is off by CLOCK_OFF_MS.
 * Timers go on as they are.
 */
const offMs = Number(process.env.CLOCK_OFF_MS);
const RightDate = globalThis.Date;

class WrongDate extends RightDate {
  constructor(...parts: readonly unknown[]) {
    if (parts.length === 0) super(RightDate.now() + offMs);
    else super(...(parts as [number]));
  }
  static override now(): number {
    return RightDate.now() + offMs;
  }
}

globalThis.Date = WrongDate as DateConstructor;
