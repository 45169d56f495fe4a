import { lengthOf } from '../words.ts';
import { chatEvents, toolCallEvents } from './chatEvents.ts';

const chunksOf = (events: string[]) => events.slice(0, -1).map((event) => JSON.parse(event.slice('data: '.length)));

describe('chatEvents', () => {
  it('gives a chunk per word, the role before and the finish reason after, and the mark', () => {
    const events = chatEvents(30);
    const chunks = chunksOf(events);
    expect(chunks).toHaveLength(32);
    expect(chunks.map(({ choices }) => choices[0].delta.content ?? '').join('')).toHaveLength(lengthOf(30));
    expect(chunks.at(-1).choices[0].finish_reason).toBe('stop');
    expect(events.at(-1)).toBe('data: [DONE]\n\n');
  });

  it('gives chunks of about 270 bytes', () => {
    const bytes = chatEvents(1_000).slice(1, -2).join('').length / 1_000;
    expect(bytes).toBeGreaterThan(255);
    expect(bytes).toBeLessThan(285);
  });
});

describe('toolCallEvents', () => {
  it('gives as many pieces, which are JSON together', () => {
    const chunks = chunksOf(toolCallEvents(2, 50));
    const pieces = chunks.flatMap(({ choices }) => choices[0].delta.tool_calls ?? []);
    const text = pieces.map(({ function: { arguments: piece } }) => piece).join('');
    expect(pieces).toHaveLength(1 + 50);
    expect(text).toHaveLength(lengthOf(0, 50));
    expect(JSON.parse(text)).toEqual({ text: expect.any(String) });
  });
});
