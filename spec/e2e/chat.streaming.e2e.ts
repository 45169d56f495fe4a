import { setTimeout } from 'node:timers/promises';
import { ChatPage } from './support/ChatPage';
import { eventually } from './support/eventually';
import { SERVER_KEY } from './support/ExampleServer';
import { Stage } from './support/Stage';

/** The meter tells no rate of a shorter answer. */
const SHORTEST_RATE_MS = 200;
const WORDS = 'The quick brown fox jumps over the lazy dog and runs away'.split(' ');

describe('angular-chat', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open('angular-chat');
  });
  afterEach(async () => expect(await stage.leave()).toEqual([]));
  afterAll(() => stage.close());

  async function asked(question: string) {
    const { page } = await stage.visit();
    const chat = new ChatPage(page);
    await chat.ask(question);
    return { chat, page, exchange: await stage.api.next() };
  }

  it('shows each word before the API sends the next', async () => {
    const { chat, exchange } = await asked('What does the fox do?');
    const steps = new Set<string>();
    for (const [index, word] of WORDS.entries()) {
      exchange.say(`${word} `);
      steps.add(await chat.shows(WORDS.slice(0, index + 1).join(' ')));
    }
    // On a fast machine all this took less than a rate is told of.
    await setTimeout(SHORTEST_RATE_MS);
    exchange.say('Again');
    await chat.shows('chunks/s');
    exchange.finish();
    // Counted by the API, at the end.
    const shown = await chat.shows('20 tokens');
    expect(steps.size).toBeGreaterThanOrEqual(10);
    expect(shown).toMatch(/First chunk after \d+ ms · [1-9]\d* tokens\/s · 20 tokens$/);
  });

  it('asks with the key of its server, which the page never sees', async () => {
    const { page, exchange } = await asked('Hello?');
    expect(exchange.authorization).toBe(`Bearer ${SERVER_KEY}`);
    expect(exchange.params).toMatchObject({ stream: true, messages: [{ role: 'user', content: 'Hello?' }] });
    expect(await page.content()).not.toContain(SERVER_KEY);
    exchange.answer('Hello!');
  });

  it('closes the connection of the API within a second of Stop, and keeps the text', async () => {
    const { chat, exchange } = await asked('Tell me a long story');
    exchange.say('It was a dark');
    await chat.shows('It was a dark');
    const clickedAtMs = performance.now();
    await chat.button('Stop').click();
    expect((await exchange.closed()) - clickedAtMs).toBeLessThan(1000);
    expect(await chat.shows('Stopped')).toContain('It was a dark');
    expect(await chat.problem.count()).toBe(0);
    await chat.button('Send').waitFor();
  });

  it('closes it before the first word too', async () => {
    const { chat, exchange } = await asked('Tell me a long story');
    const clickedAtMs = performance.now();
    await chat.button('Stop').click();
    expect((await exchange.closed()) - clickedAtMs).toBeLessThan(1000);
    await chat.shows('Stopped');
  });

  it('closes it when the page is left for another', async () => {
    const { chat, page, exchange } = await asked('Tell me a long story');
    exchange.say('It was a dark');
    await chat.shows('It was a dark');
    const leftAtMs = performance.now();
    await page.goto('about:blank');
    expect((await exchange.closed()) - leftAtMs).toBeLessThan(1000);
  });

  it('closes it when the tab is closed', async () => {
    const { chat, page, exchange } = await asked('Tell me a long story');
    exchange.say('It was a dark');
    await chat.shows('It was a dark');
    const closedAtMs = performance.now();
    await page.close();
    expect((await exchange.closed()) - closedAtMs).toBeLessThan(1000);
  });

  it('ends an answer when the next question is asked', async () => {
    const { chat, page, exchange } = await asked('Tell me a long story');
    exchange.say('It was a dark');
    await chat.shows('It was a dark');
    const askedAtMs = performance.now();
    await chat.ask('A short one, please');
    expect((await exchange.closed()) - askedAtMs).toBeLessThan(1000);
    const next = await stage.api.next();
    next.answer('The end.');
    await chat.shows('20 tokens');
    const answers = page.getByRole('group', { name: 'Answer' });
    await eventually(async () => expect(await answers.first().innerText()).toMatch(/It was a dark\s+Stopped/));
    expect(next.params.messages).toMatchObject([
      { role: 'user', content: 'Tell me a long story' },
      { role: 'assistant', content: 'It was a dark' },
      { role: 'user', content: 'A short one, please' },
    ]);
  });
});
