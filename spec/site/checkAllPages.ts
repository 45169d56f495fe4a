import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import type { Visitor } from './Visitor';

/** Opens every page on a narrow screen: none may be wider than it. What a page logs or asks for, the visitor notes. */
export async function checkAllPages(visitor: Visitor, folder: string): Promise<string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));
  const paths = files.map((file) => `/${file.replace(/(^|\/)index\.html$/, '$1').replace(/\.html$/, '')}`);
  for (const path of paths.filter((name) => name !== '/404')) {
    const page = await visitor.open(path, 375, 'light', 'load');
    assert(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} is too wide`);
    assert((await page.locator('h1').count()) > 0, `${path} has no heading`);
  }
  return `${paths.length} pages`;
}
