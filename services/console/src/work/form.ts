/**
 * Returns the rows of the form, from `stage subject`: the ticked ones, or all shown ones when `all`
 * was ticked.
 */
export function rowsOf(body: unknown): { stage: string; subject: string }[] {
  const fields = new Map(Object.entries(typeof body === 'object' && body !== null ? body : {}));
  const chosen = fields.get(fields.get('all') === 'yes' ? 'shown' : 'row');
  const rows = chosen === undefined ? [] : [chosen].flat();
  return rows.map(String).map((row) => {
    const space = row.indexOf(' ');
    return { stage: row.slice(0, space), subject: row.slice(space + 1) };
  });
}
