import { attributes, type Html, html, type Part } from '../html/html.ts';

/** One column of a table. On a narrow screen each cell shows its column's title beside it. */
export type Column<Row> = {
  title: string;
  cell: (row: Row) => Part;
  kind?: 'header' | 'number' | 'day';
  /** The cell has a warning. */
  isBad?: (row: Row) => boolean;
  /** A wide cell that takes the whole line of a narrow screen and needs no title there. */
  isUntitled?: boolean;
};

type Cell<Row> = Column<Row>['cell'];

/** Creates a column of texts. */
export const column = <Row>(title: string, cell: Cell<Row>): Column<Row> => ({ title, cell });

/** Creates the column that names the row, also for screen readers. */
export const headerColumn = <Row>(title: string, cell: Cell<Row>): Column<Row> => ({
  title,
  cell,
  kind: 'header',
});

/** Creates a column of numbers, aligned by their digits. */
export const numberColumn = <Row>(title: string, cell: Cell<Row>): Column<Row> => ({
  title,
  cell,
  kind: 'number',
});

/** Creates a column of days, which are not broken across lines. */
export const dayColumn = <Row>(title: string, cell: Cell<Row>): Column<Row> => ({
  title,
  cell,
  kind: 'day',
});

/** Renders a table; `caption` says how it is sorted, or what it holds. */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  caption?: { text: Part; isHint?: boolean },
): Html {
  return html`<table>
  ${caption && html`<caption ${attributes({ class: caption.isHint ? 'hint' : undefined })}>${caption.text}</caption>`}
  <thead><tr>${columns.map(headOf)}</tr></thead>
  <tbody>
    ${rows.map((row) => html`<tr>${columns.map((column) => cellOf(column, row))}</tr>\n    `)}
  </tbody>
</table>`;
}

const headOf = <Row>({ title, kind }: Column<Row>): Html =>
  html`<th ${attributes({ scope: 'col', class: kind === 'number' && 'number' })}>${title}</th>`;

const classes = { number: 'number', day: 'whole', header: undefined } as const;

function cellOf<Row>(column: Column<Row>, row: Row): Html {
  if (column.kind === 'header') return html`<th scope="row">${column.cell(row)}</th>`;
  const names = [column.kind && classes[column.kind], column.isBad?.(row) ? 'bad' : undefined];
  const written = names.filter((name) => name !== undefined).join(' ');
  const cell = attributes({
    class: written || undefined,
    'data-label': column.isUntitled ? undefined : column.title,
  });
  return html`<td ${cell}>${column.cell(row)}</td>`;
}
