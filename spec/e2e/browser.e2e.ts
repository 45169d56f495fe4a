import { join } from 'node:path';
import type { BrowserContextOptions } from 'playwright-core';
import { eventually } from './support/eventually';
import { SERVER_KEY } from './support/ExampleServer';
import { findings } from './support/findings';
import { folders } from './support/folders';
import { Stage } from './support/Stage';

describe('the page without a framework', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open('browser');
  });
  afterEach(async () => expect(await stage.leave()).toEqual([]));
  afterAll(() => stage.close());

  async function asked(options?: BrowserContextOptions) {
    const { page } = await stage.visit(options);
    await page.getByLabel('Your question').fill('Count to twelve');
    await page.keyboard.press('Enter');
    const answer = page.getByRole('article');
    const shows = (text: string) => eventually(async () => expect(await answer.innerText()).toBe(text));
    return { page, shows, exchange: await stage.api.next() };
  }

  it('shows each word before the API sends the next', async () => {
    const { page, shows, exchange } = await asked();
    expect(exchange.authorization).toBe(`Bearer ${SERVER_KEY}`);
    let text = '';
    for (let number = 1; number <= 12; number++) {
      exchange.say(`${number},`);
      text += `${number},`;
      await shows(text);
    }
    exchange.finish();
    await page.getByText('Done').waitFor();
  });

  it('closes the connection of the API within a second of Stop, and keeps the text', async () => {
    const { page, shows, exchange } = await asked();
    exchange.say('1, 2');
    await shows('1, 2');
    const clickedAtMs = performance.now();
    await page.getByRole('button', { name: 'Stop' }).click();
    expect((await exchange.closed()) - clickedAtMs).toBeLessThan(1000);
    await page.getByText('Stopped').waitFor();
    await shows('1, 2');
  });

  it('says what went wrong, and asks again', async () => {
    const { page, shows, exchange } = await asked();
    exchange.say('1, 2');
    await shows('1, 2');
    exchange.cut();
    await page.getByText('It did not work').waitFor();
    await shows('1, 2');
    await page.getByRole('button', { name: 'Send' }).click();
    (await stage.api.next()).answer('1, 2, 3');
    await shows('1, 2, 3');
  });

  it('shows HTML as text', async () => {
    const { page, shows, exchange } = await asked();
    exchange.answer('<img src=x onerror="alert(1)">');
    await shows('<img src=x onerror="alert(1)">');
    expect(await page.locator('img').count()).toBe(0);
  });

  it.each(['light', 'dark'] as const)('is fine to look at: %s', async (colorScheme) => {
    const { page, shows, exchange } = await asked({ colorScheme, viewport: { width: 375, height: 600 } });
    const text = 'One, two, three, four, five, six, seven, eight, nine, ten, eleven';
    exchange.say(text);
    await shows(text);
    await page.screenshot({ path: join(folders.pictures, `browser-${colorScheme}.png`) });
    expect(await findings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
    exchange.finish();
  });
});
