import { describe, expect, it } from 'vitest';
import { attributes, type Html, html } from './html.ts';

const written = (markup: Html): string => markup.toString();

describe('between elements', () => {
  it('escapes every sign that could begin markup or end an attribute', () => {
    expect(written(html`<p>${`<b>&"'`}</p>`)).toBe('<p>&lt;b&gt;&amp;&quot;&#39;</p>');
  });

  it('takes other html as it is, and lists of html and texts one after the other', () => {
    const rows = ['a', '<b>'].map((name) => html`<li>${name}</li>`);
    expect(written(html`<ul>${rows}${[1, ['&']]}</ul>`)).toBe(
      '<ul><li>a</li><li>&lt;b&gt;</li>1&amp;</ul>',
    );
  });

  it('writes nothing for undefined, null and false, and writes zero', () => {
    expect(written(html`<p>${undefined}${null}${false}${''}${0}</p>`)).toBe('<p>0</p>');
  });

  it('escapes a text that looks like html, and whatever pretends to be html', () => {
    const markup = written(html`<b>bold</b>`);
    expect(written(html`<p>${markup}</p>`)).toBe('<p>&lt;b&gt;bold&lt;/b&gt;</p>');
    const pretends = { toString: () => '<b>' } as unknown as Html;
    expect(() => html`<p>${pretends}</p>`).toThrow();
  });
});

describe('in attributes', () => {
  it('escapes the value, so that it cannot end', () => {
    expect(written(html`<p title="${`"><script>'`}"></p>`)).toBe(
      '<p title="&quot;&gt;&lt;script&gt;&#39;"></p>',
    );
    expect(written(html`<p class='a ${"'"}' id="${7}">x</p>`)).toBe(
      `<p class='a &#39;' id="7">x</p>`,
    );
  });

  it('takes no markup and no list in a value', () => {
    expect(() => html`<p title="${html`<b></b>`}"></p>`).toThrow();
    expect(() => html`<p title="${['a']}"></p>`).toThrow();
  });

  it('writes a list of attributes: true as the bare name, false and undefined not at all', () => {
    const list = attributes({
      checked: true,
      disabled: false,
      max: undefined,
      value: '"',
      rows: 0,
    });
    expect(written(html`<input ${list}>`)).toBe('<input checked value="&quot;" rows="0">');
    expect(written(html`<input ${false}>`)).toBe('<input>');
  });

  it('refuses attributes that run code or style, and names that are none', () => {
    for (const name of ['onclick', 'style', 'a b', 'a"b', 'A=', ''])
      expect(() => attributes({ [name]: 'x' })).toThrow();
    expect(() => html`<p onclick="${'x'}"></p>`).toThrow();
    expect(() => html`<p style="color: ${'x'}"></p>`).toThrow();
  });
});

describe('in addresses', () => {
  it('links to our own pages and to the schemes that people follow', () => {
    for (const address of [
      '/',
      '/review?gate=a&b=c',
      '#main',
      '?a=1',
      'https://a.example/x',
      'tel:+1',
    ])
      expect(written(html`<a href="${address}">x</a>`)).toBe(
        `<a href="${address.replaceAll('&', '&amp;')}">x</a>`,
      );
  });

  it.each([
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'JAVASCRIPT:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    '//elsewhere.example',
    '/\\elsewhere.example',
    '/\t/elsewhere.example',
    'https:elsewhere',
    '',
  ])('refuses %j', (address) => {
    expect(() => html`<a href="${address}">x</a>`).toThrow('may not link to');
    expect(() => attributes({ href: address })).toThrow('may not link to');
    expect(() => html`<form action='${address}'></form>`).toThrow('may not link to');
  });

  it('percent-encodes a piece of an address', () => {
    expect(written(html`<a href="/work/${'a/b'}?after=${'x&y="'}">x</a>`)).toBe(
      '<a href="/work/a%2Fb?after=x%26y%3D%22">x</a>',
    );
  });
});

describe('elsewhere', () => {
  it('refuses a part in a place where escaping would not help', () => {
    expect(() => html`<${'b'}>`).toThrow();
    expect(() => html`<p title=${'x'}></p>`).toThrow();
    expect(() => html`<p ${'x'}></p>`).toThrow();
    expect(() => html`<p ${'x'}="y"></p>`).toThrow();
    expect(() => html`<!-- ${'x'} -->`).toThrow();
    expect(() => html`<script>${'x'}</script>`).toThrow();
    expect(() => html`<style>${'x'}</style>`).toThrow();
  });

  it('refuses a template that ends inside a tag', () => {
    expect(() => html`<p class="a`).toThrow();
    expect(() => html`<p`).toThrow();
  });

  it('knows where an attribute ends when a value holds the signs of another place', () => {
    const markup = html`<a title="a > b" href="/x" class="${'c'}">${'<'}</a><!-- <p --><b>${'d'}</b>`;
    expect(written(markup)).toBe(
      '<a title="a > b" href="/x" class="c">&lt;</a><!-- <p --><b>d</b>',
    );
  });
});
