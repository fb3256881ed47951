import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';

/**
 * The path of Debian's Chromium, if it is installed. Tests that need it are visibly skipped if it
 * is missing.
 */
export const chromiumPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) =>
  existsSync(path),
);

/**
 * Starts Chromium without a window.
 *
 * @throws Error if there is no Chromium: check `chromiumPath` first
 */
export function openBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('There is no Chromium on this machine');
  return chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}

const axeSource = () =>
  readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Lists the rules of WCAG 2.2 A and AA that a page breaks, with the places; empty if it breaks
 * none.
 */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(axeSource());
  return page.evaluate(async () => {
    type Axe = {
      run: () => Promise<{ violations: { id: string; nodes: { target: unknown[] }[] }[] }>;
    };
    const { axe } = globalThis as typeof globalThis & { axe: Axe };
    const { violations } = await axe.run();
    return violations.map(
      (one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`,
    );
  });
}

/** Tells whether the page fits the width of its window. */
export function fitsItsWindow(page: Page): Promise<boolean> {
  return page.evaluate(
    'document.documentElement.scrollWidth <= document.documentElement.clientWidth',
  );
}

/** Lists what a finger has to hit and is lower than 44 pixels, in forms, menus and folded parts. */
export function smallTargets(page: Page): Promise<string[]> {
  const kinds = 'button, input, select, textarea, summary, nav a, .button, .action, .people th a';
  return page.evaluate<string[]>(`[...document.querySelectorAll('${kinds}')]
    .filter((one) => one.checkVisibility() && one.type !== 'hidden')
    .map((one) => [one, one.getBoundingClientRect().height])
    .filter(([, height]) => height > 0 && height < 43.9)
    .map(([one, height]) => one.outerHTML.slice(0, 120) + ' ' + height)`);
}

export type { Browser, Page };
