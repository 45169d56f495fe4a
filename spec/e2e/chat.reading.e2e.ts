import { ChatPage } from './support/ChatPage';
import { eventually } from './support/eventually';
import { Stage } from './support/Stage';

describe('angular-chat, for who reads it', () => {
  let stage: Stage;
  let chat: ChatPage;
  beforeAll(async () => {
    stage = await Stage.open('angular-chat');
  });
  beforeEach(async () => {
    chat = new ChatPage((await stage.visit({ viewport: { width: 800, height: 600 } })).page);
  });
  afterEach(async () => expect(await stage.leave()).toEqual([]));
  afterAll(() => stage.close());

  it('keeps the conversation over a reload, and goes on with it', async () => {
    await chat.ask('Who are you?');
    (await stage.api.next()).answer('I am a **model**.');
    await chat.shows('20 tokens');
    await chat.page.reload();
    await chat.shows('I am a model.');
    await chat.ask('And who am I?');
    const exchange = await stage.api.next();
    expect(exchange.params.messages).toEqual([
      { role: 'user', content: 'Who are you?' },
      { role: 'assistant', content: 'I am a **model**.' },
      { role: 'user', content: 'And who am I?' },
    ]);
    exchange.answer('Somebody who asks.');
    await chat.shows('Somebody who asks.');
  });

  it('keeps what came of an answer that a reload ended', async () => {
    await chat.ask('A story?');
    const exchange = await stage.api.next();
    exchange.say('Once upon a time');
    await chat.shows('Once upon a time');
    const leftAtMs = performance.now();
    await chat.page.reload();
    expect((await exchange.closed()) - leftAtMs).toBeLessThan(1000);
    expect(await chat.shows('Stopped')).toContain('Once upon a time');
    await chat.button('Send').waitFor();
  });

  it('begins anew where what is stored is no conversation', async () => {
    for (const stored of ['{', '{"a":1}', '[null]', '[{"id":"1","question":"x"}]']) {
      // Before the app begins: a page that is left stores what it has.
      await chat.page.addInitScript((text) => {
        localStorage.setItem('rxdelta-chat-1', text);
      }, stored);
      await chat.page.reload();
      await chat.page.getByText('What would you like to know?').waitFor();
    }
  });

  it('begins a new chat', async () => {
    await chat.ask('Hello?');
    (await stage.api.next()).answer('Hello!');
    await chat.shows('20 tokens');
    await chat.button('New chat').click();
    await chat.page.getByText('What would you like to know?').waitFor();
    await chat.page.reload();
    await chat.page.getByText('What would you like to know?').waitFor();
  });

  it('needs no mouse', async () => {
    const { keyboard } = chat.page;
    const focused = () =>
      chat.page.evaluate(() => document.activeElement?.textContent?.trim() || document.activeElement?.id);
    expect(await focused()).toBe('message');
    await keyboard.type('First line');
    await keyboard.press('Shift+Enter');
    await keyboard.type('second line');
    await keyboard.press('Enter');
    const exchange = await stage.api.next();
    expect(exchange.params.messages).toEqual([{ role: 'user', content: 'First line\nsecond line' }]);
    exchange.say('An answer');
    await chat.shows('An answer');
    await keyboard.press('Tab');
    expect(await focused()).toBe('Stop');
    exchange.finish();
    await chat.shows('20 tokens');
    expect(await focused()).toBe('Send');

    await chat.ask('Another one?');
    const another = await stage.api.next();
    another.say('Another answer');
    await chat.shows('Another answer');
    const pressedAtMs = performance.now();
    await keyboard.press('Escape');
    expect((await another.closed()) - pressedAtMs).toBeLessThan(1000);
    await chat.shows('Stopped');
    await chat.message.focus();
    await keyboard.press('Shift+Tab');
    expect(await chat.page.evaluate(() => document.activeElement?.localName)).toBe('main');
    await keyboard.press('Shift+Tab');
    expect(await focused()).toBe('New chat');
    await keyboard.press('Enter');
    await eventually(async () => expect(await focused()).toBe('message'));
    await chat.button('Write a story about a robot').waitFor();
    await keyboard.press('Shift+Tab');
    expect(await focused()).toBe('Write a story about a robot');
    await keyboard.press('Space');
    (await stage.api.next()).answer('A robot.');
    await chat.shows('A robot.');
    expect(await focused()).toBe('message');
  });

  it('tells a screen reader of whole paragraphs, not of every word', async () => {
    const status = chat.page.getByRole('status');
    await status.evaluate((element) => {
      const told: string[] = [];
      Object.assign(window, { told });
      new MutationObserver(() => told.push(element.textContent)).observe(element, {
        childList: true,
        subtree: true,
        characterData: true,
      });
    });
    await chat.ask('Two paragraphs?');
    const exchange = await stage.api.next();
    for (const word of ['One ', 'two ', 'three.\n\n', 'Four ', 'five ', 'six.']) {
      exchange.say(word);
      await chat.shows(word.trim());
    }
    exchange.finish();
    await chat.shows('20 tokens');
    expect(await chat.page.evaluate(() => (window as unknown as { told: string[] }).told)).toEqual([
      'Waiting for the answer',
      'The answer is coming',
      'One two three.',
      'Four five six.',
    ]);
  });

  it('follows the answer, until the reader scrolls up', async () => {
    const box = chat.page.getByRole('main');
    const fromEnd = () => box.evaluate((main) => main.scrollHeight - main.clientHeight - main.scrollTop);
    await chat.ask('A long one?');
    const exchange = await stage.api.next();
    const lines = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => `Line ${from + index}\n\n`).join('');
    exchange.say(lines(0, 40));
    await chat.shows('Line 39');
    await eventually(async () => expect(await fromEnd()).toBeLessThan(8));
    exchange.say(lines(40, 60));
    await chat.shows('Line 59');
    await eventually(async () => expect(await fromEnd()).toBeLessThan(8));

    await box.hover();
    await chat.page.mouse.wheel(0, -300);
    const jump = chat.button('Go to the end of the conversation');
    await jump.waitFor();
    await eventually(async () => expect(await fromEnd()).toBeGreaterThan(250));
    const top = await box.evaluate((main) => main.scrollTop);
    exchange.say(lines(60, 80));
    await chat.shows('Line 79');
    expect(await box.evaluate((main) => main.scrollTop)).toBe(top);

    await jump.click();
    await eventually(async () => expect(await fromEnd()).toBeLessThan(8));
    exchange.say(lines(80, 100)).finish();
    await chat.shows('20 tokens');
    await eventually(async () => expect(await fromEnd()).toBeLessThan(8));
  });
});
