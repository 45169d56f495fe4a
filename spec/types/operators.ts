/** Compiled, never run: what the operators take and what they give. */
import { filter, map, switchMap, type Observable } from 'rxjs';
import {
  accumulateContent,
  collectToolCalls,
  contentDeltas,
  decodeEvents,
  parseChunks,
  retryWithBackoff,
  takeChunks,
  toAsyncIterable,
  untilDone,
  type ChunkStream,
  type ServerSentEvent,
  type StreamChunk,
  type ToolCall,
} from 'rxdelta';
import type { ChatCompletionChunk, ResponseStreamEvent } from 'rxdelta/openai';
import type { IsIdentical } from './IsIdentical';

declare const chat: ChunkStream<ChatCompletionChunk>;
declare const response: ChunkStream<ResponseStreamEvent>;
declare const either: Observable<StreamChunk>;
/** A chunk of a provider with fields of its own. */
declare const extended: Observable<ChatCompletionChunk & { x_timing: { tokensPerSecond: number } }>;
declare const tokens: ChunkStream<{ token: string }>;
declare const bytes: Observable<Uint8Array>;
declare const text: Observable<string>;

// ── the operators read chat chunks, Responses and either, and give what they say

export const results = {
  chatText: chat.pipe(contentDeltas()),
  responseText: response.pipe(contentDeltas({ choice: 1 })),
  eitherText: either.pipe(accumulateContent()),
  extendedText: extended.pipe(contentDeltas()),
  calls: chat.pipe(collectToolCalls()),
  responseCalls: response.pipe(collectToolCalls()),
  taken: chat.pipe(takeChunks(3)),
  judged: response.pipe(untilDone()),
  retried: extended.pipe(retryWithBackoff()),
  together: chat.pipe(retryWithBackoff(), untilDone(), takeChunks(3), accumulateContent()),
  filtered: chat.pipe(
    filter(({ choices }) => choices.length > 0),
    contentDeltas(),
  ),
  afterResponse: chat.withResponse().pipe(
    switchMap(({ chunks }) => chunks),
    contentDeltas(),
  ),
  parsed: chat.events().pipe(untilDone(), parseChunks<ChatCompletionChunk>(), contentDeltas()),
  fromBytes: bytes.pipe(decodeEvents(), parseChunks<{ token: string }>()),
  iterable: toAsyncIterable(chat.pipe(accumulateContent())),
};

type Results = typeof results;
interface Expected {
  chatText: Observable<string>;
  responseText: Observable<string>;
  eitherText: Observable<string>;
  extendedText: Observable<string>;
  calls: Observable<ToolCall>;
  responseCalls: Observable<ToolCall>;
  taken: Observable<ChatCompletionChunk>;
  judged: Observable<ResponseStreamEvent>;
  retried: typeof extended;
  together: Observable<string>;
  filtered: Observable<string>;
  afterResponse: Observable<string>;
  parsed: Observable<string>;
  fromBytes: Observable<{ token: string }>;
  iterable: AsyncIterable<string>;
}
type Verdicts<A extends B, B> = { [Name in keyof A & keyof B]: IsIdentical<A[Name], B[Name]> };

export const verdicts: Verdicts<Results, Expected> = {
  chatText: true,
  responseText: true,
  eitherText: true,
  extendedText: true,
  calls: true,
  responseCalls: true,
  taken: true,
  judged: true,
  retried: true,
  together: true,
  filtered: true,
  afterResponse: true,
  parsed: true,
  fromBytes: true,
  iterable: true,
};

// The check is able to fail.
// @ts-expect-error -- a text is not a number
export const different: IsIdentical<Results['chatText'], Observable<number>> = true;

export const timings: Observable<number> = extended.pipe(
  untilDone(),
  map(({ x_timing }) => x_timing.tokensPerSecond),
);

export async function iterate(): Promise<string[]> {
  const texts: string[] = [];
  for await (const chunk of chat) texts.push(chunk.choices[0]?.delta.content ?? '');
  for await (const piece of toAsyncIterable(response.pipe(contentDeltas()))) texts.push(piece);
  return texts;
}

// ── what does not fit together does not compile

// @ts-expect-error -- text has no content
export const twice = chat.pipe(contentDeltas(), contentDeltas());
// @ts-expect-error -- text has no tool calls
export const callsOfText = text.pipe(collectToolCalls());
// @ts-expect-error -- chunks of another kind have no content
export const contentOfTokens = tokens.pipe(accumulateContent());
// @ts-expect-error -- events have not been parsed
export const contentOfEvents = chat.events().pipe(contentDeltas());
// @ts-expect-error -- bytes are no events
export const chunksOfBytes = bytes.pipe(parseChunks());
// @ts-expect-error -- chunks are no bytes
export const eventsOfChunks = chat.pipe(decodeEvents());
// @ts-expect-error -- a chunk is an object
export const parsedText = chat.events().pipe(parseChunks<string>());
// @ts-expect-error -- a choice is a number
export const namedChoice = chat.pipe(contentDeltas({ choice: 'first' }));
// @ts-expect-error -- there is no such option
export const misspelt = chat.pipe(retryWithBackoff({ maxRetry: 3 }));
// @ts-expect-error -- the number is asked for
export const takeNone = chat.pipe(takeChunks());
// @ts-expect-error -- text is no chunk
export const wrongResult: Observable<ChatCompletionChunk> = chat.pipe(contentDeltas());

// ── the members of a call, and of an event

export const call: Observable<string> = chat.pipe(
  collectToolCalls(),
  map((one) => one.parsed<{ city: string }>().city + one.name + one.arguments),
);
export const event: Observable<[string, string | undefined, number | undefined]> = chat
  .events()
  .pipe(map(({ data, event: type, retry }: ServerSentEvent) => [data, type, retry]));
