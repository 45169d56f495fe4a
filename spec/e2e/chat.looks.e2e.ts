import { join } from 'node:path';
import { ChatPage } from './support/ChatPage';
import { findings } from './support/findings';
import { folders } from './support/folders';
import { Stage } from './support/Stage';

const ANSWER = `\
It is **mild** in Oslo. Here is how to ask for it:

\`\`\`ts
const weather$ = city$.pipe(switchMap((city) => ask(\`The weather in \${city}?\`)));
\`\`\`

| City  | Now   | Sky          |
| ----- | ----- | ------------ |
| Oslo  | 21 °C | light clouds |
| Paris | 25 °C | fog          |

1. [Ask](https://example.org) again tomorrow,
2. or \`unsubscribe()\`.`;

describe('the looks of angular-chat', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open('angular-chat');
  });
  afterEach(async () => expect(await stage.leave()).toEqual([]));
  afterAll(() => stage.close());

  it.each([
    { name: 'light', colorScheme: 'light' as const, viewport: { width: 1100, height: 860 } },
    { name: 'dark', colorScheme: 'dark' as const, viewport: { width: 1100, height: 860 } },
    {
      name: 'narrow',
      colorScheme: 'light' as const,
      viewport: { width: 375, height: 720 },
      hasTouch: true,
      isMobile: true,
    },
  ])('is fine: $name', async ({ name, ...options }) => {
    const { page } = await stage.visit(options);
    const chat = new ChatPage(page);
    const look = async (part: string) => {
      await chat.page.screenshot({ path: join(folders.pictures, `${name}-${part}.png`) });
      expect(await chat.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
    };
    await look('1-empty');
    expect(await findings(chat.page)).toEqual([]);

    await chat.ask('What is the weather in Oslo?');
    const first = await stage.api.next();
    first.call(0, 'call_1', 'get_weather').argue(0, '{"city":"Os');
    await chat.shows('{"city":"Os');
    await look('2-calling');
    first.argue(0, 'lo"}').finish('tool_calls');
    const second = await stage.api.next();
    for (const piece of ANSWER.match(/[^]{1,60}/g) ?? []) second.say(piece);
    await chat.shows('unsubscribe()');
    await look('3-writing');
    expect(await findings(chat.page)).toEqual([]);
    second.finish();
    await chat.shows('40 tokens');
    await look('4-done');

    await chat.ask(
      'And in a city with a name that is longer than any other, Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch?',
    );
    const third = await stage.api.next();
    third.say('I have never');
    await chat.shows('I have never');
    third.cut();
    await chat.button('Retry').waitFor();
    await look('5-cut');
    expect(await findings(chat.page)).toEqual([]);
  });

  it('moves nothing when the figures come', async () => {
    const { page } = await stage.visit();
    const chat = new ChatPage(page);
    await chat.ask('Hello?');
    const exchange = await stage.api.next();
    const message = await chat.message.boundingBox();
    const before = await chat.answer.boundingBox();
    exchange.say('Hello!');
    await chat.shows('Hello!');
    expect(await chat.answer.boundingBox()).toEqual(before);
    exchange.finish();
    await chat.shows('20 tokens');
    expect(await chat.answer.boundingBox()).toEqual(before);
    expect(await chat.message.boundingBox()).toEqual(message);
  });
});
