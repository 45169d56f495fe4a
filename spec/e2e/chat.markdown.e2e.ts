import { ChatPage } from './support/ChatPage';
import { Stage } from './support/Stage';

/** Each of these would call `pwned()`, or the network, if it were taken for HTML. */
const HOSTILE = [
  '<script>pwned()</script>',
  '<img src=x onerror="pwned()">',
  '<svg onload="pwned()"></svg>',
  '<iframe srcdoc="<script>parent.pwned()</script>"></iframe>',
  '<a href="javascript:pwned()">raw link</a>',
  '[a link](javascript:pwned())',
  '[another](JaVaScRiPt&colon;pwned())',
  '[data](data:text/html,<script>pwned()</script>)',
  '![a picture](https://elsewhere.example/pixel.png)',
  '![onerror](x" onerror="pwned())',
  '<details open ontoggle="pwned()">',
  '<style>* { display: none }</style>',
  '`<img src=x onerror=pwned()>`',
  '```html\n<img src=x onerror=pwned()>\n```',
  '| <img src=x onerror=pwned()> |\n| --- |\n| <script>pwned()</script> |',
];

describe('angular-chat, showing Markdown', () => {
  let stage: Stage;
  let chat: ChatPage;
  beforeAll(async () => {
    stage = await Stage.open('angular-chat');
  });
  beforeEach(async () => {
    chat = new ChatPage((await stage.visit()).page);
  });
  afterEach(async () => expect(await stage.leave()).toEqual([]));
  afterAll(() => stage.close());

  it('shows hostile text as text: nothing of it runs, nothing is loaded', async () => {
    await chat.page.evaluate(() => {
      Object.assign(window, { pwned: () => Object.assign(window, { isPwned: true }) });
    });
    await chat.ask('Say something nasty');
    const exchange = await stage.api.next();
    for (const piece of HOSTILE.join('\n\n').match(/[^]{1,7}/g) ?? []) exchange.say(piece);
    exchange.say('\n\nthe end').finish();
    const shown = await chat.shows('20 tokens');
    for (const text of [
      '<script>pwned()</script>',
      'onerror="pwned()"',
      '<iframe',
      'raw link',
      'a picture',
      'the end',
    ]) {
      expect(shown).toContain(text);
    }
    for (const link of await chat.answer.getByRole('link').all()) {
      expect(await link.getAttribute('href')).toMatch(/^https:\/\/elsewhere\.example\//);
    }
    const made =
      'script, img, svg:not([aria-hidden]), iframe, style, details, [onerror], [onload], [href^="javascript"]';
    expect(await chat.answer.locator(made).count()).toBe(0);
    expect(await chat.page.evaluate(() => 'isPwned' in window)).toBe(false);
  });

  it('shows code while its fence is open, and half a fence as nothing', async () => {
    await chat.ask('Some code?');
    const exchange = await stage.api.next();
    exchange.say('Here it is:\n\n``');
    await chat.shows('Here it is:');
    expect(await chat.answer.innerText()).not.toContain('`');
    exchange.say('`ts\nconst answer = 42;');
    await chat.shows('const answer = 42;');
    const code = chat.answer.locator('pre');
    expect(await code.innerText()).toBe('const answer = 42;');
    exchange.say('\n``');
    exchange.say('`\n\nThat was **al');
    await chat.shows('That was al');
    expect(await chat.answer.locator('strong').innerText()).toContain('al');
    expect(await code.innerText()).toBe('const answer = 42;');
    expect(await chat.answer.innerText()).not.toMatch(/[`*]/);
    exchange.say('l**').finish();
    await chat.shows('That was all');
  });

  it('shows a number as a number, and a list as a list', async () => {
    await chat.ask('Six times seven?');
    const exchange = await stage.api.next();
    exchange.answer('42.\n\n1. six\n2. seven');
    await chat.shows('20 tokens');
    expect(await chat.answer.locator('p').first().innerText()).toBe('42.');
    expect(await chat.answer.getByRole('listitem').allInnerTexts()).toEqual(['six', 'seven']);
  });

  it('keeps what is there while the rest grows', async () => {
    await chat.ask('Two paragraphs?');
    const exchange = await stage.api.next();
    exchange.say('The first.\n\nThe sec');
    await chat.shows('The sec');
    const first = await chat.answer.getByText('The first.').elementHandle();
    await first?.evaluate((element) => getSelection()?.selectAllChildren(element));
    exchange.say('ond.\n\n- a list').finish();
    await chat.shows('20 tokens');
    expect(await first?.evaluate((element) => element.isConnected)).toBe(true);
    expect(await chat.page.evaluate(() => getSelection()?.toString())).toBe('The first.');
  });
});
