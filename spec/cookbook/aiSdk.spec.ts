import { firstValueFrom, NEVER } from 'rxjs';
import { APIStatusError } from 'rxdelta';
import { contentChunks, fakeClient, toolCallChunks } from 'rxdelta/testing';
import { runBlock } from './runBlock';

const file = 'ai-sdk.md';

describe('the blocks of docs/coming-from/ai-sdk.md', () => {
  it('call tools until there are no more calls', () => {
    const client = fakeClient([
      toolCallChunks({ name: 'weather', arguments: { city: 'Paris' } }),
      contentChunks('It is sunny in Paris.'),
    ]);
    const { printed } = runBlock(file, 'expand((messages,', client);
    expect(printed).toEqual(['It is sunny in Paris.']);
    expect(client.calls[1]?.params).toMatchObject({
      messages: [{ role: 'user' }, { role: 'assistant' }, { role: 'tool', content: 'Sunny in Paris' }],
    });
  });

  it('give up calling tools after five requests', () => {
    const client = fakeClient(() => toolCallChunks({ name: 'weather', arguments: { city: 'Paris' } }));
    const { printed } = runBlock(file, 'expand((messages,', client);
    expect(client.calls).toHaveLength(5);
    expect(printed).toEqual(['Sunny in Paris']);
  });

  it('keep a chat', async () => {
    const answers = [contentChunks('Hi'), contentChunks('Fine'), new APIStatusError('busy', { status: 429 })];
    const client = fakeClient(answers);
    const { Chat } = runBlock(file, 'class Chat', client).exports;
    const chat = new Chat();
    chat.send('Hello');
    chat.send('How are you?');
    const expected = [
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Hi' },
      { role: 'user', content: 'How are you?' },
      { role: 'assistant', content: 'Fine' },
    ];
    expect(await firstValueFrom(chat.messages$)).toEqual(expected);
    expect(client.calls[1]?.params).toMatchObject({ messages: expected.slice(0, 3) });
    chat.send('And now?');
    expect(await firstValueFrom(chat.error$)).toBe(answers[2]);
  });

  it('stop a chat', async () => {
    const client = fakeClient([NEVER]);
    const { Chat } = runBlock(file, 'class Chat', client).exports;
    const chat = new Chat();
    chat.send('Hello');
    expect(client.subscriptions[0]?.unsubscribedFrame).toBe(Infinity);
    chat.stop();
    expect(client.subscriptions[0]?.unsubscribedFrame).not.toBe(Infinity);
  });

  it('print the text, and the error behind it', () => {
    const words = '`${error.kind}: ${error.message}`';
    expect(runBlock(file, words, fakeClient([contentChunks('Hello', { every: 3 })])).printed).toEqual(['Hel', 'lo']);
    const failing = fakeClient([new APIStatusError('HTTP 401', { status: 401 })]);
    expect(runBlock(file, words, failing).printed).toEqual(['status: HTTP 401']);
  });
});
