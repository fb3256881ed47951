import { withOffsetOf } from '@loopwell/kit';
import { dateWritten, isMeant } from './dates.ts';
import { laterStatuses, statuses } from './elements.ts';
import { mistake, saysMistake, statusWritten } from './encounter-status.ts';
import { type At, type FlawList, gone, sentence, voidsOf } from './flaws.ts';
import { isObject, nameOf } from './silent.ts';
import { isFhirId } from './structural-rules.ts';

const scalars: ReadonlySet<string> = new Set(['text', 'date', 'number', 'boolean', 'id', 'status']);
/** Tells whether a kind of element is a scalar. */
export const isScalar = (kind: string) => scalars.has(kind);

/** Reads texts, numbers, dates and statuses of one resource. */
export class ScalarReader {
  private readonly type: string;
  private readonly timeZone: string | undefined;
  private readonly flawList: FlawList;

  constructor(type: string, timeZone: string | undefined, flawList: FlawList) {
    this.type = type;
    this.timeZone = timeZone;
    this.flawList = flawList;
  }

  /**
   * Tells whether a value is as FHIR has it without looking closer. A value of which this is not
   * sure may be right all the same.
   */
  isPlain(received: unknown, kind: string): boolean {
    switch (kind) {
      case 'text':
        return typeof received === 'string';
      case 'text[]':
        return Array.isArray(received) && received.every((member) => typeof member === 'string');
      case 'number':
      case 'boolean':
        return typeof received === kind;
      case 'id':
        return isFhirId(received);
      case 'date':
        return typeof received === 'string' && this.isPlainDate(received);
      case 'status':
        return typeof received === 'string' && statuses[this.type]?.has(received) === true;
      case 'any':
        return isObject(received);
      case 'any[]':
        return Array.isArray(received) && received.every(isObject);
      default:
        return false;
    }
  }

  /** Where a site has a time zone, each time is looked at. */
  private isPlainDate(text: string): boolean {
    return this.timeZone === undefined && dateWritten(text) === text && isMeant(text);
  }

  /**
   * Reads one scalar value of a kind.
   *
   * @returns `gone` if the value cannot be read
   */
  read(received: unknown, kind: string, at: At): unknown {
    if (kind === 'number') return this.inNumber(received, at);
    if (kind === 'boolean') return this.inBoolean(received, at);
    const text = this.textOf(received, kind, at);
    if (text === undefined) {
      this.flawList.unreadable(at, `is ${nameOf(received)} where FHIR has text`);
      return kind === 'status' && saysMistake(this.type, received) ? mistake : gone;
    }
    if (kind === 'id') return this.inId(text, at);
    if (kind === 'date') return this.inDate(text, at);
    return kind === 'status' ? this.inStatus(text, at) : text;
  }

  /**
   * Gives a value as text. A whole number can be one text only; `1.10` came as `1.1`, so a fraction
   * is refused.
   */
  private textOf(received: unknown, kind: string, at: At): string | undefined {
    if (typeof received === 'string') return received;
    if (
      typeof received !== 'number' ||
      !Number.isSafeInteger(received) ||
      kind === 'date' ||
      kind === 'status'
    )
      return undefined;
    this.flawList.mended(at, 'is a number where FHIR has text');
    return String(received);
  }

  private inNumber(received: unknown, at: At): unknown {
    if (typeof received === 'number') return received;
    if (typeof received !== 'string' || !/^-?\d{1,15}(\.\d{1,15})?$/.test(received.trim()))
      return this.flawList.unreadable(at, `is ${nameOf(received)} where FHIR has a number`);
    this.flawList.mended(at, 'is a number written as text');
    return Number(received);
  }

  private inBoolean(received: unknown, at: At): unknown {
    if (typeof received === 'boolean') return received;
    const word = typeof received === 'string' ? received.trim().toLowerCase() : '';
    if (word !== 'true' && word !== 'false')
      return this.flawList.unreadable(at, `is ${nameOf(received)} where FHIR has true or false`);
    this.flawList.mended(at, 'is true or false written as text');
    return word === 'true';
  }

  private inId(text: string, at: At): unknown {
    const id = text.trim();
    if (!isFhirId(id)) return this.flawList.unreadable(at, 'is no FHIR id, and is not used');
    if (id !== text) this.flawList.mended(at, 'has blanks around it');
    return id;
  }

  private inDate(text: string, at: At): unknown {
    const written = dateWritten(text);
    if (written !== undefined && isMeant(written)) {
      const zoned = this.timeZone === undefined ? undefined : withOffsetOf(this.timeZone, written);
      if (zoned !== undefined) {
        const path = at.path;
        this.flawList.flaws.push({
          kind: 'mended',
          path,
          text: sentence(at, `has no time zone, and was read in the site's (${this.timeZone})`),
        });
      } else if (written !== text)
        this.flawList.mended(at, `is a date in another writing than FHIR's`);
      return zoned ?? written;
    }
    this.flawList.flaws.push({
      kind: 'invalid',
      path: at.path,
      text: sentence(at, 'is no date that anybody means'),
      ...voidsOf(at),
    });
    // The presence of this date says that the person has died. An implausible date does not mean
    // that the person is alive.
    return at.isNeeded || at.path === 'deceasedDateTime' ? text : gone;
  }

  private inStatus(text: string, at: At): unknown {
    const allowed = statuses[this.type];
    if (!allowed || allowed.has(text)) return text;
    const word = statusWritten(text);
    if (allowed.has(word)) {
      this.flawList.mended(at, 'is a status in another writing');
      return word;
    }
    // The R5 status is reported once for the whole Encounter.
    if (this.type === 'Encounter' && laterStatuses.has(word)) return text;
    return this.flawList.unreadable(at, 'is no status of FHIR R4');
  }
}
