import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { answer } from '../../docs/.vitepress/playground/answer';
import type { Visitor } from './Visitor';

/** What a visitor does in the playground, and sees of it. */
export async function checkPlayground(visitor: Visitor): Promise<string> {
  const page = await visitor.open('/playground');
  await speed(page, 20);

  await page.getByRole('button', { name: 'Subscribe', exact: true }).click();
  await textLongerThan(page, 20);
  await statusSays(page, 'Complete');
  assert.equal(await text(page), answer);
  assert.equal(await page.locator('.legend li').count(), 4);

  await page.getByLabel('What goes wrong').selectOption('cut');
  await page.getByLabel('Retry').uncheck();
  await page.getByRole('button', { name: 'Subscribe', exact: true }).click();
  await statusSays(page, 'StreamTruncatedError, kind truncated');
  const cut = await text(page);
  assert(cut.length > 10 && cut.length < answer.length && answer.startsWith(cut), `cut: ${cut}`);
  assert.equal(await page.locator('.timeline > svg path.error').count(), 2); // of the attempt, and of the text

  await page.getByLabel('Retry').check();
  await page.getByRole('button', { name: 'Subscribe', exact: true }).click();
  await statusSays(page, 'Complete');
  assert.equal(await text(page), answer);
  const lanes = await page.locator('.timeline > svg .name').allTextContents();
  assert.deepEqual(lanes, ['attempt 1: StreamTruncatedError', 'attempt 2', 'text']);

  await page.getByLabel('What goes wrong').selectOption('none');
  await speed(page, 200);
  await page.getByRole('button', { name: 'Subscribe', exact: true }).press('Enter');
  await textLongerThan(page, 10);
  await page.getByRole('button', { name: 'Unsubscribe' }).click();
  await statusSays(page, 'Request 1 is aborted');
  const stopped = await text(page);
  await page.waitForTimeout(600);
  assert.equal(await text(page), stopped);
  assert.equal(await page.locator('.timeline > svg path.abort').count(), 2);
  return 'the text grows, a cut keeps it, a retry starts again, unsubscribing aborts';
}

/** By the keyboard alone: the slider moves in steps of 20 from its end. */
async function speed(page: Page, everyMs: number): Promise<void> {
  const slider = page.getByRole('slider');
  await slider.press('Home');
  for (let ms = 20; ms < everyMs; ms += 20) await slider.press('ArrowRight');
  assert.equal(await slider.inputValue(), String(everyMs));
}

async function text(page: Page): Promise<string> {
  return (await page.locator('.playground .text').textContent()) ?? '';
}

async function textLongerThan(page: Page, length: number): Promise<void> {
  await page.waitForFunction(
    (least) => (document.querySelector('.playground .text')?.textContent.length ?? 0) > least,
    length,
  );
}

async function statusSays(page: Page, words: string): Promise<void> {
  await page.getByRole('status').filter({ hasText: words }).waitFor({ timeout: 15_000 });
}
