import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Visitor } from './Visitor';

const pages = {
  first: '/',
  start: '/start',
  guide: '/what-can-go-wrong',
  operator: '/api/rxdelta/functions/untilDone',
  playground: '/playground',
};

/** Each of the pages, narrow and wide, light and dark: nothing sticks out, axe finds nothing grave, and a picture is taken. */
export async function checkPages(visitor: Visitor, axeFile: string, pictures: string): Promise<string> {
  mkdirSync(pictures, { recursive: true });
  let count = 0;
  const findings: string[] = [];
  for (const [name, path] of Object.entries(pages)) {
    for (const width of [375, 1440]) {
      for (const scheme of ['light', 'dark'] as const) {
        const page = await visitor.open(path, width, scheme);
        if (name === 'playground') await play(page);
        const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        if (isTooWide) findings.push(`${path} at ${width} pixels is too wide`);
        await page.screenshot({ path: join(pictures, `${name}-${width}-${scheme}.png`), fullPage: true });
        await page.addScriptTag({ path: axeFile });
        const grave = await page.evaluate(graveFindings);
        findings.push(...grave.map((finding) => `${path} at ${width} pixels, ${scheme}: ${finding}`));
        count++;
      }
    }
  }
  assert.deepEqual(findings, []);
  return `${count} pictures in ${pictures}`;
}

/** A run with a failure in it, so that there is something to see. */
async function play(page: Page): Promise<void> {
  await page.getByRole('slider').press('Home');
  await page.getByLabel('What goes wrong').selectOption('cut');
  await page.getByRole('button', { name: 'Subscribe', exact: true }).click();
  await page.getByRole('status').filter({ hasText: 'Complete' }).waitFor();
}

interface Axe {
  run: () => Promise<{ violations: { id: string; impact: string; nodes: { target: unknown; html: string }[] }[] }>;
}

/** Runs in the page. */
async function graveFindings(): Promise<string[]> {
  const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, html }) => `${id} ${JSON.stringify(target)} ${html}`));
}
