import { ChatPage } from './support/ChatPage';
import { Stage } from './support/Stage';

describe('angular-chat, when something fails', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open('angular-chat');
  });
  afterEach(async () => expect(await stage.leave()).toEqual([]));
  afterAll(() => stage.close());

  async function asked(question: string) {
    const visit = await stage.visit();
    const chat = new ChatPage(visit.page);
    await chat.ask(question);
    return { chat, visit, exchange: await stage.api.next() };
  }

  it('shows what came of an answer that was cut, says so, and asks again', async () => {
    const { chat, exchange } = await asked('Count to three');
    exchange.say('One, two');
    await chat.shows('One, two');
    exchange.cut();
    expect(await chat.shows('The answer was cut before its end.')).toContain('One, two');

    await chat.button('Retry').click();
    const again = await stage.api.next();
    expect(again.params.messages).toEqual([{ role: 'user', content: 'Count to three' }]);
    again.answer('One, two, three');
    await chat.shows('20 tokens');
    expect(await chat.shows('One, two, three')).not.toContain('cut');
    expect(await chat.problem.count()).toBe(0);
    expect(await chat.page.getByRole('group', { name: 'Answer' }).count()).toBe(1);
  });

  it('shows what came before the connection of the API broke', async () => {
    const { chat, exchange } = await asked('Count to three');
    exchange.say('One, two');
    await chat.shows('One, two');
    exchange.reset();
    expect(await chat.shows('The connection broke.')).toContain('One, two');
    await chat.button('Retry').waitFor();
  });

  it('shows what came before its own server went away', async () => {
    const own = await Stage.open('angular-chat');
    const visit = await own.visit();
    visit.expects(/^Failed to load resource/);
    const chat = new ChatPage(visit.page);
    await chat.ask('Count to three');
    (await own.api.next()).say('One, two');
    await chat.shows('One, two');
    await own.endServer();
    expect(await chat.shows('The connection broke.')).toContain('One, two');
    await chat.button('Retry').click();
    await chat.shows('The connection broke.');
    expect(await own.leave()).toEqual([]);
    await own.close();
  });

  it('says how long to wait when there are too many questions', async () => {
    const { chat, visit, exchange } = await asked('Hello?');
    visit.expects(refused(429));
    exchange.refuse(429, 'Rate limit reached', { 'retry-after': '7' });
    await chat.shownBy(chat.problem, '429');
    await chat.shownBy(chat.problem, 'Try again in 7 s.');
    await chat.button('Retry').click();
    (await stage.api.next()).answer('Hello!');
    await chat.shows('Hello!');
    expect(await chat.problem.count()).toBe(0);
  });

  it.each([
    [500, 'The model is out of order'],
    [503, 'The model is overloaded'],
  ])('says that the API answered %d', async (status, message) => {
    const { chat, visit, exchange } = await asked('Hello?');
    visit.expects(refused(status));
    exchange.refuse(status, message);
    await chat.shownBy(chat.problem, String(status));
    await chat.button('Retry').waitFor();
  });

  it('does not show a key that the API refused', async () => {
    const { chat, visit, exchange } = await asked('Hello?');
    // The relay does not say what the API thinks of its key.
    visit.expects(refused(502));
    exchange.refuse(401, `Incorrect API key provided: ${exchange.authorization ?? ''}`);
    await chat.problem.waitFor();
    expect(exchange.authorization).toMatch(/^Bearer sk-/);
    expect(await visit.page.content()).not.toContain(exchange.authorization?.slice('Bearer '.length));
  });
});

/** What Chromium itself writes into the console when a request is refused. */
function refused(status: number): RegExp {
  return new RegExp(`^Failed to load resource: the server responded with a status of ${status}`);
}
