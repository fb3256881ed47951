import { describe, expect, it } from 'vitest';
import { html } from '../html/html.ts';
import { intlFormats } from '../texts/formats.ts';
import { facts, time } from './facts.ts';
import { enterDoesNothing, selectField, textField } from './fields.ts';
import { addressOf, pager, tabs } from './navigation.ts';
import { notice } from './notice.ts';
import { table } from './table.ts';

const written = (markup: unknown) => String(markup).replace(/>\s+</g, '><');

describe('a table', () => {
  const rows = [{ name: '<Ada>', count: 3 }];

  it('has a header for each column and each row, and the title of its column beside each cell', () => {
    const markup = table(rows, [
      { title: 'Name', kind: 'header', cell: ({ name }) => name },
      {
        title: 'Count',
        kind: 'number',
        cell: ({ count }) => count,
        isBad: ({ count }) => count > 2,
      },
      { title: 'Wide', cell: () => html`<b>x</b>`, isUntitled: true },
    ]);
    expect(written(markup)).toBe(
      '<table><thead><tr><th scope="col">Name</th><th scope="col" class="number">Count</th><th scope="col">Wide</th></tr></thead>' +
        '<tbody><tr><th scope="row">&lt;Ada&gt;</th><td class="number bad" data-label="Count">3</td><td><b>x</b></td></tr></tbody></table>',
    );
  });
});

describe('a field', () => {
  it('has its label, and is read out with what is wrong with it', () => {
    const field = { id: 'signed', name: 'on', label: 'Signed on', hint: 'optional', text: '"x' };
    expect(written(textField({ ...field, error: 'This day is in the future' }))).toBe(
      '<div class="field"><label for="signed">Signed on <small>(optional)</small></label>' +
        '<input id="signed" name="on" autocomplete="off" value="&quot;x" aria-invalid="true" aria-describedby="signed-error">' +
        '<p class="bad" id="signed-error">This day is in the future</p></div>',
    );
  });

  it('keeps what was chosen', () => {
    const options = ['', 'a', 'b'].map((code) => ({ code, label: code.toUpperCase() }));
    const field = { id: 's', name: 's', label: 'S', options };
    expect(written(selectField({ ...field, chosen: 'b' }))).toContain(
      '<option value="b" selected>',
    );
    expect(written(selectField({ ...field, chosen: '' }))).not.toContain('selected');
  });

  it('gives Enter a first button that does nothing and says nothing', () => {
    expect(written(enterDoesNothing())).toBe(
      '<button disabled hidden aria-hidden="true"></button>',
    );
  });
});

describe('links', () => {
  it('mark the tab that is shown', () => {
    const list = [
      { href: '/a', label: 'A', isCurrent: true },
      { href: '/b', label: 'B', isCurrent: false },
    ];
    expect(written(tabs('Parts', list))).toBe(
      '<nav aria-label="Parts"><ul class="tabs"><li><a href="/a" aria-current="page">A</a></li><li><a href="/b">B</a></li></ul></nav>',
    );
  });

  it('lead to the next page with what the list was asked for', () => {
    const href = addressOf('/list', { code: 'a&b', person: undefined, after: 'x y' });
    expect(href).toBe('/list?code=a%26b&after=x+y');
    expect(written(pager({ href, label: 'More' }))).toContain(
      'href="/list?code=a%26b&amp;after=x+y"',
    );
    expect(pager(undefined)).toBeUndefined();
    expect(addressOf('/list', {})).toBe('/list');
  });
});

describe('notices and facts', () => {
  it('say at once what was recorded, and what was not', () => {
    expect(written(notice('done', 'Recorded.'))).toBe(
      '<p class="note" role="status">Recorded.</p>',
    );
    expect(written(notice('problem', 'Not recorded.'))).toContain('role="alert"');
    expect(written(notice('caution', 'Soon.'))).toBe('<p class="caution">Soon.</p>');
  });

  it('leave out what is not so', () => {
    const list = [{ term: 'Need', detail: 'Food' }, undefined, false as const];
    expect(written(facts(list, 'facts'))).toContain('<dl class="facts"><dt>Need</dt><dd>Food</dd>');
  });

  it('write an instant for people and for machines', () => {
    expect(written(time('2020-11-28T21:48:00Z', intlFormats('en-US', 'America/Chicago')))).toBe(
      '<time datetime="2020-11-28T21:48:00.000Z">Nov 28, 2020, 3:48 pm</time>',
    );
  });
});
