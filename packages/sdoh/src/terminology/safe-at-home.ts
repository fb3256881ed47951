/** Minnesota's Safe at Home program: a lot number at its post office box in Saint Paul. */
export const safeAtHome = 'PO Box 17370 Saint Paul';
