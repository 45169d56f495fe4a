import { ChatPage } from './support/ChatPage';
import { Stage } from './support/Stage';

describe('angular-chat, with tools', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open('angular-chat');
  });
  afterEach(async () => expect(await stage.leave()).toEqual([]));
  afterAll(() => stage.close());

  it('shows a tool call as it is written, runs it, and sends the result back', async () => {
    const { page } = await stage.visit();
    const chat = new ChatPage(page);
    await chat.ask('What is 17.5 * (240 + 36)?');
    const first = await stage.api.next();
    expect(first.params.tools).toMatchObject([
      { function: { name: 'get_weather' } },
      { function: { name: 'calculate' } },
    ]);

    first.call(0, 'call_1', 'calculate');
    await chat.shows('calculate');
    let json = '';
    for (const piece of ['{"expr', 'ession"', ':"17.5 *', ' (240 +', ' 36)"']) {
      first.argue(0, piece);
      json += piece;
      await chat.shows(json);
    }
    first.argue(0, '}').finish('tool_calls');
    expect(await chat.shows('{"value":4830}')).toContain(`${json}}`);

    const second = await stage.api.next();
    expect(second.params.messages.slice(1)).toMatchObject([
      { role: 'assistant', tool_calls: [{ id: 'call_1', function: { name: 'calculate', arguments: `${json}}` } }] },
      { role: 'tool', tool_call_id: 'call_1', content: '{"value":4830}' },
    ]);
    second.answer('That makes **4830**.');
    await chat.shows('That makes 4830.');
    await chat.shows('40 tokens');

    await chat.ask('And half of that?');
    const third = await stage.api.next();
    expect(third.params.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant', 'user']);
    third.answer('2415.');
    await chat.shows('2415.');
  });

  it('runs several calls of one answer, and tells the model what went wrong with one', async () => {
    const { page } = await stage.visit();
    const chat = new ChatPage(page);
    await chat.ask('The weather in Oslo, and a sum?');
    const first = await stage.api.next();
    first.call(0, 'call_1', 'get_weather').call(1, 'call_2', 'calculate');
    first.argue(0, '{"city":"Oslo"}').argue(1, '{"expression":"process.exit()"}').finish('tool_calls');
    const second = await stage.api.next();
    expect(second.params.messages.slice(2)).toMatchObject([
      { tool_call_id: 'call_1', content: expect.stringContaining('"city":"Oslo"') },
      { tool_call_id: 'call_2', content: expect.stringContaining('"error"') },
    ]);
    second.answer('Mild, and no sum.');
    await chat.shows('Mild, and no sum.');
  });

  it('runs nothing of a call that was cut', async () => {
    const { page } = await stage.visit();
    const chat = new ChatPage(page);
    await chat.ask('The weather in Oslo?');
    const exchange = await stage.api.next();
    exchange.call(0, 'call_1', 'get_weather').argue(0, '{"city":"Oslo"}');
    await chat.shows('{"city":"Oslo"}');
    exchange.cut();
    await chat.problem.waitFor();
    expect(await chat.answer.innerText()).not.toContain('celsius');
  });
});
