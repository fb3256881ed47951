/** Begins a cell that a spreadsheet would take for a formula, blanks in front of it included. */
const formula = /^\s*[=+\-@|%\t\r\uFF0B\uFF0D\uFF1D\uFF20]/;

/** Takes what a table program would otherwise split or hide. */
const needsQuotes = /[",;\r\n\t]|^\s|\s$/;

/**
 * Writes one line of CSV (RFC 4180). A cell that a spreadsheet would run as a formula gets an
 * apostrophe in front of it, so that a name of somebody else's never acts on the reader's machine.
 */
export function csvLine(cells: readonly (string | number | null | undefined)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: string | number | null | undefined): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  const text = formula.test(cell) ? `'${cell}` : cell;
  return needsQuotes.test(text) || text !== cell ? `"${text.replaceAll('"', '""')}"` : text;
}
