/** Compiled, never run: what may be given to the entry for tests, and what it gives. */
import { deepStrictEqual } from 'node:assert';
import { NEVER, type Observable } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { accumulateResponse, APIConnectionError, createClient, type Client, type Transport } from 'rxdelta';
import type { ChatCompletionChunk, ResponseStreamEvent } from 'rxdelta/openai';
import {
  chunkAssert,
  chunkMarbles,
  contentChunk,
  contentChunks,
  fakeClient,
  fakeTransport,
  finish,
  recordTransport,
  replayTransport,
  responseEvents,
  type ChunkMarbles,
  type FakeRequest,
} from 'rxdelta/testing';
import type { IsIdentical } from './IsIdentical';

declare const event: ResponseStreamEvent;

// ── marbles: strings become chunks, everything else stays what it is

const ofStrings = chunkMarbles('-a-b|', { a: 'Hel', b: 'lo' });
const ofBoth = chunkMarbles('-a-(b|)', { a: 'Hel', b: finish() }, new APIConnectionError('', { phase: 'body' }));
export const ofEvents = chunkMarbles('a|', { a: event });
export const verdicts: [
  strings: IsIdentical<typeof ofStrings, ChunkMarbles<ChatCompletionChunk>>,
  both: IsIdentical<typeof ofBoth, ChunkMarbles<ChatCompletionChunk>>,
  events: IsIdentical<typeof ofEvents, ChunkMarbles<ResponseStreamEvent>>,
] = [true, true, true];

export function run({ cold, hot, expectObservable, expectSubscriptions }: RunHelpers): void {
  const source: Observable<ChatCompletionChunk> = cold(...ofBoth);
  expectObservable(hot(...ofStrings)).toBe(...ofStrings);
  expectObservable(cold(...ofEvents).pipe(accumulateResponse())).toBe('');
  expectSubscriptions(fakeClient(source).subscriptions).toBe('^!');
  expectSubscriptions(fakeTransport(source).subscriptions).toBe('^!');
}

// @ts-expect-error -- a value is a chunk or a string
chunkMarbles('a|', { a: 7 });
// @ts-expect-error -- `#` takes an APIError
chunkMarbles('#', {}, new Error('any'));

// ── what a transport answers

fakeTransport(NEVER);
fakeTransport('data: [DONE]\n\n');
fakeTransport({ status: 429, headers: { 'retry-after': '1' }, body: { error: { message: 'Slow down' } } });
fakeTransport([contentChunks('Hi'), responseEvents.text('Hi'), new APIConnectionError('', { phase: 'head' }), NEVER]);
fakeTransport((request: FakeRequest, index: number) => contentChunks(`${request.url} ${index}`));
// @ts-expect-error -- a list holds one answer per request
fakeTransport(contentChunks('Hi'));
// @ts-expect-error -- a response has no such member
fakeTransport({ code: 429 });

// ── they pass for the real ones

export const client: Client = fakeClient([contentChunks('Hi'), NEVER, new TypeError('Broken')]);
export const transports: Transport[] = [
  fakeTransport(NEVER),
  recordTransport(fakeTransport(NEVER)),
  replayTransport(''),
];
export const real: Client = createClient({ transport: fakeTransport(NEVER) });
export const onTransport: Client = fakeClient(replayTransport(''), { retry: {} });
// @ts-expect-error -- a list holds one answer per call
fakeClient(contentChunks('Hi'));
// @ts-expect-error -- that is no fake transport
fakeClient(recordTransport(fakeTransport(NEVER)));

// ── any way to compare

chunkAssert(deepStrictEqual);
chunkAssert((actual, expected) => actual === expected);

// @ts-expect-error -- a chunk is OpenAI's own
export const missing = contentChunk('Hi').message;
