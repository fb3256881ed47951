import { AppError } from '@loopwell/kit';

/**
 * The status of each error that a reviewer can correct. The page shows it above the form that it
 * came from, with everything that was typed.
 */
const statuses: Readonly<Record<string, number>> = {
  REQUEST_INVALID: 400,
  FORBIDDEN: 403,
  CONFLICT: 409,
};

/**
 * Gives the error if it is a problem of the form.
 *
 * @throws the error itself otherwise
 */
export function requireExplained(error: unknown): AppError {
  if (error instanceof AppError && statuses[error.code] !== undefined) return error;
  throw error;
}

/** Gives the status of a page with or without a problem. */
export const statusOf = ({ problem }: { problem?: AppError }): number =>
  problem === undefined ? 200 : (statuses[problem.code] ?? 200);
