/**
 * The two clocks as SQL. What is compared with each other must be on one clock.
 * DECISIONS D136.
 */

/**
 * Reads the real clock, which nobody moves. Leases, back-offs, and what is compared with another
 * server's clock use it; no deadline does.
 */
export const realNow = 'clock_timestamp()';

/**
 * Reads the clock of deadlines once for the whole statement. Plain `loopwell_now()` is read again
 * for each row, which costs two microseconds.
 */
export const nowOnce = '(select loopwell_now())';
