import type { Request, Response } from 'express';

/** A fault on demand: which requests it strikes, how often, and its effect. */
export type Fault = {
  method?: string;
  /** Regular expression over path and query. */
  path?: string;
  /** The number of requests that get through before it strikes, and the number that it strikes. */
  after?: number;
  times?: number;
  effect:
    | 'status'
    | 'html'
    | 'truncated'
    | 'hang'
    | 'cut'
    | 'store-then-cut'
    | 'store-then-hang'
    | 'repeat-next'
    | 'foreign-next'
    | 'outcome-only'
    | 'accept-nothing'
    | 'alter'
    | 'unshowable';
  status?: number;
  retryAfter?: string;
  issueCode?: string;
  /**
   * `unshowable`: ids of resources that turn each page with them into an error, because they lack
   * an element.
   */
  ids?: readonly string[];
  /** `alter`: elements that are stored differently than they were sent. Null drops one. */
  stores?: Readonly<Record<string, unknown>>;
  /** Words of the OperationOutcome. Like those of real servers they may quote what was sent. */
  text?: string;
};

type Armed = Fault & { left: number; passed: number };

/** Holds the armed faults of one fake server and picks the one that strikes a request. */
export class Faults {
  #armed: Armed[] = [];

  set(faults: readonly Fault[]): void {
    this.#armed = faults.map((fault) => ({
      ...fault,
      left: fault.times ?? Number.POSITIVE_INFINITY,
      passed: 0,
    }));
  }

  /** Returns the fault that strikes this request, if there is one, and counts it. */
  strike(request: Request): Fault | undefined {
    const path = request.originalUrl;
    const fault = this.#armed.find(
      (armed) =>
        armed.left > 0 &&
        (armed.method === undefined || armed.method.split('|').includes(request.method)) &&
        (armed.path === undefined || new RegExp(armed.path).test(path)),
    );
    if (!fault) return undefined;
    fault.passed += 1;
    if (fault.passed <= (fault.after ?? 0)) return undefined;
    fault.left -= 1;
    return fault;
  }
}

/** Returns the body that is stored in place of the sent one. */
export function altered(
  fault: Fault,
  body: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries({ ...body, ...fault.stores }).filter(([, value]) => value !== null),
  );
}

/**
 * Applies an effect that needs no answer of the server itself; returns false when the request goes
 * on.
 */
export function strikeAtOnce(fault: Fault, response: Response): boolean {
  switch (fault.effect) {
    case 'status': {
      if (fault.retryAfter) response.set('retry-after', fault.retryAfter);
      const words =
        fault.text === undefined ? {} : { details: { text: fault.text }, diagnostics: fault.text };
      const issue = [{ severity: 'error', code: fault.issueCode ?? 'exception', ...words }];
      response.status(fault.status ?? 500).json({ resourceType: 'OperationOutcome', issue });
      return true;
    }
    case 'html':
      response.status(200).type('html').send('<html><body>Please sign in</body></html>');
      return true;
    case 'truncated':
      response
        .status(200)
        .type('application/fhir+json')
        .send('{"resourceType":"Bundle","type":"searchset","entry":[{"resou');
      return true;
    case 'hang':
      return true;
    case 'cut':
      response.socket?.destroy();
      return true;
    case 'outcome-only':
      response.json({
        resourceType: 'Bundle',
        type: 'searchset',
        entry: [
          {
            resource: {
              resourceType: 'OperationOutcome',
              issue: [{ severity: 'error', code: 'throttled' }],
            },
          },
        ],
      });
      return true;
    case 'accept-nothing':
      response.status(200).json({});
      return true;
    default:
      return false;
  }
}
