/** The codes of `AppError`, each with its HTTP status and whether a retry can help. */
export const errorCodes = {
  CONFIG_INVALID: { status: 500, retryable: false },
  REQUEST_INVALID: { status: 400, retryable: false },
  UNAUTHENTICATED: { status: 401, retryable: false },
  FORBIDDEN: { status: 403, retryable: false },
  NOT_FOUND: { status: 404, retryable: false },
  CONFLICT: { status: 409, retryable: false },
  RESOURCE_INVALID: { status: 422, retryable: false },
  CONSENT_MISSING: { status: 409, retryable: false },
  ADDRESS_REFUSED: { status: 400, retryable: false },
  REMOTE_REFUSED: { status: 502, retryable: false },
  REMOTE_INVALID: { status: 502, retryable: true },
  REMOTE_UNAVAILABLE: { status: 503, retryable: true },
  OUTCOME_UNKNOWN: { status: 503, retryable: true },
  TASK_MOVE_ILLEGAL: { status: 409, retryable: false },
  INTERNAL: { status: 500, retryable: true },
} as const satisfies Record<string, { status: number; retryable: boolean }>;

export type ErrorCode = keyof typeof errorCodes;

/** Ids, codes and numbers about one failure. Never personal data. */
export type Facts = Readonly<Record<string, string | number | boolean | null | undefined>>;

export type AppErrorOptions = { retryable?: boolean; facts?: Facts; cause?: unknown };

/**
 * The one error type of the house. Its message is static; what differs from case to case goes into
 * `facts`. Facts are ids, codes and numbers only, never names, birth dates, answers or free text:
 * they end up in logs and in the ledger.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly facts: Facts;

  /** @param message static English sentence that names the rule; it may be shown to anyone */
  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.retryable = options.retryable ?? errorCodes[code].retryable;
    this.facts = options.facts ?? {};
  }

  /** Returns the HTTP status that a caller of ours gets for this error. */
  get status(): number {
    return errorCodes[this.code].status;
  }
}

/** Messages of pg without a code when its connection is gone. */
const awayMessages = [
  'connection terminated',
  'connection timeout',
  'timeout exceeded when trying to connect',
  'client has encountered a connection error',
  'client was closed and is not queryable',
  'query read timeout',
];

/**
 * Tells whether an error says that the database is away rather than that the statement is wrong.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  // 57P0x shutting down or starting, 08 connection, 53 no resources (disk, memory, connections),
  // 25006 a standby.
  if (/^(57P0[1235]|08|53|25006|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|EAI_AGAIN)/.test(code))
    return true;
  const message = error.message.toLowerCase();
  return awayMessages.some((words) => message.includes(words));
}

/**
 * Returns what is safe to write down of any thrown value: an AppError as it is, anything else
 * without its message.
 */
export function errorRecord(thrown: unknown): {
  code: ErrorCode;
  message: string;
  retryable: boolean;
  facts: Facts;
} {
  if (thrown instanceof AppError) {
    return {
      code: thrown.code,
      message: thrown.message,
      retryable: thrown.retryable,
      facts: thrown.facts,
    };
  }
  const name = thrown instanceof Error ? thrown.name : typeof thrown;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined;
  return {
    code: 'INTERNAL',
    message: 'Unexpected failure',
    retryable: true,
    facts: { name, code },
  };
}
