import type { Visitor } from './Visitor';

/** The search opens by the keyboard, and finds an operator. */
export async function checkSearch(visitor: Visitor): Promise<string> {
  const page = await visitor.open('/start');
  await page.keyboard.press('Control+k');
  await page.locator('.VPLocalSearchBox input').fill('retryWithBackoff');
  const found = page.locator('.VPLocalSearchBox a.result[href*="/api/rxdelta/functions/retryWithBackoff"]');
  await found.first().waitFor();
  await found.first().click();
  await page.waitForURL(/functions\/retryWithBackoff/);
  await page.locator('svg.marbles').waitFor();
  return 'retryWithBackoff is found, and has its marbles';
}
