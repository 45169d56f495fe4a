import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { folders } from './folders';

/** The part of axe-core that is used. */
interface WithAxe {
  axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
}

/** What axe-core finds wrong with a page for people who cannot see it well, or use a keyboard. */
export async function findings(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(join(folders.installed, 'angular-chat/node_modules/axe-core/axe.min.js'), 'utf8'));
  const { violations } = await page.evaluate(() => (window as unknown as WithAxe).axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(', ')}`);
}
