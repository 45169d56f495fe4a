import { APIStatusError, StreamTruncatedError } from 'rxdelta';
import {
  contentChunk,
  describeChunk,
  finishChunk,
  reasoningChunk,
  responseEvents,
  roleChunk,
  toolCallChunks,
  usageChunk,
} from 'rxdelta/testing';

describe('describeChunk', () => {
  const [, opening, piece] = toolCallChunks({ name: 'f', arguments: '{}' });
  const circle: Record<string, unknown> = {};
  circle.self = circle;

  it.each<[string, unknown]>([
    ['content "Hel"', contentChunk('Hel')],
    ['choice 1: content "Hel"', contentChunk('Hel', { choice: 1 })],
    ['content "" role "assistant"', roleChunk()],
    ['finish length', finishChunk('length')],
    ['reasoning_content "First"', reasoningChunk('First')],
    ['tool_calls [{"function":{"arguments":"","name":"f"},"id":"call_1","index":0,"type":"function"}]', opening],
    ['tool_calls [{"function":{"arguments":"{}"},"index":0}]', piece],
    ['usage 3+2', usageChunk()],
    ['no choices', { choices: [] }],
    ['nothing', { choices: [{ index: 0, delta: {} }] }],
    ['response.output_text.delta #4 "Hi"', responseEvents.text('Hi')[4]],
    ['response.created #0', responseEvents.text('Hi')[0]],
    ['APIStatusError "No" {"headers":{},"kind":"status","retryable":true,"status":429}', statusError()],
    [
      'StreamTruncatedError "Cut" {"chunkCount":2,"kind":"truncated","phase":"body","retryable":true}',
      new StreamTruncatedError('Cut', { chunkCount: 2 }),
    ],
    ['Error "plain"', new Error('plain')],
    ['"text"', 'text'],
    ['{"a":1,"b":{"c":2,"d":3}}', { b: { d: 3, c: 2 }, a: 1 }],
    ['undefined', undefined],
    ['null', null],
    ['{"type":7}', { type: 7 }],
    ['nothing, choice 1: nothing', { choices: [null, { index: 1, delta: null }] }],
    ['[object Object]', circle],
    ['[object BigInt]', 1n],
  ])('says %s', (description, value) => {
    expect(describeChunk(value)).toBe(description);
  });

  it('cuts what is long', () => {
    expect(describeChunk('x'.repeat(1000))).toBe(`"${'x'.repeat(119)}…`);
  });
});

function statusError(): APIStatusError {
  return new APIStatusError('No', { status: 429 });
}
