/** Compiled, never run: what the operators take and what they give. */
import { filter, map, mergeMap, switchMap, type GroupedObservable, type Observable, type OperatorFunction } from 'rxjs';
import {
  accumulateCompletion,
  accumulateContent,
  accumulateReasoning,
  accumulateResponse,
  accumulateToolCalls,
  collectToolCalls,
  collectUsage,
  concatMapGated,
  contentDeltas,
  decodeEvents,
  FlowGate,
  parseChunks,
  reasoningDeltas,
  refusalDeltas,
  retryWithBackoff,
  splitChoices,
  takeChunks,
  toAsyncIterable,
  untilDone,
  type ChunkStream,
  type ServerSentEvent,
  type StreamChunk,
  type ToolCall,
  type UsageOf,
} from 'rxdelta';
import type OpenAI from 'openai';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  CompletionUsage,
  Response,
  ResponseStreamEvent,
  ResponseUsage,
} from 'rxdelta/openai';
import type { IsIdentical } from './IsIdentical';

declare const chat: ChunkStream<ChatCompletionChunk>;
declare const response: ChunkStream<ResponseStreamEvent>;
declare const either: Observable<StreamChunk>;
/** A chunk of a provider with fields of its own. */
declare const extended: Observable<ChatCompletionChunk & { x_timing: { tokensPerSecond: number } }>;
declare const tokens: ChunkStream<{ token: string }>;
declare const bytes: Observable<Uint8Array>;
declare const text: Observable<string>;
/** What the official SDK gives, behind `from`. */
declare const foreign: Observable<OpenAI.ChatCompletionChunk>;
declare const foreignResponse: Observable<OpenAI.Responses.ResponseStreamEvent>;

// ── slow work gives what it gives, of promises, lists and Observables

const gate = new FlowGate();
export const lengths: Observable<number> = text.pipe(concatMapGated(gate, (piece, index) => [piece.length, index]));
export const saved: Observable<boolean> = chat.pipe(
  concatMapGated(gate, (chunk) => Promise.resolve(chunk.id !== ''), { highWaterMark: 4 }),
);

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
  chatReasoning: chat.pipe(reasoningDeltas()),
  responseReasoning: response.pipe(accumulateReasoning({ choice: 1 })),
  refusal: either.pipe(refusalDeltas({ choice: 1 })),
  callsSoFar: chat.pipe(accumulateToolCalls()),
  responseCallsSoFar: response.pipe(accumulateToolCalls()),
  completion: chat.pipe(accumulateCompletion()),
  extendedCompletion: extended.pipe(untilDone(), accumulateCompletion()),
  wholeResponse: response.pipe(accumulateResponse()),
  chatUsage: chat.pipe(collectUsage()),
  extendedUsage: extended.pipe(collectUsage()),
  responseUsage: response.pipe(collectUsage()),
  eitherUsage: either.pipe(collectUsage()),
  laterUsage: chat.pipe(retryWithBackoff(), untilDone(), takeChunks(3), collectUsage()),
  laterResponseUsage: response.pipe(retryWithBackoff(), untilDone(), collectUsage()),
  choices: chat.pipe(splitChoices()),
  choiceTexts: chat.pipe(
    splitChoices(),
    mergeMap((choice) => choice.pipe(accumulateContent({ choice: choice.key }))),
  ),
  choiceUsages: chat.pipe(
    splitChoices(),
    mergeMap((choice) => choice.pipe(collectUsage())),
  ),
  foreignCompletion: foreign.pipe(retryWithBackoff(), accumulateCompletion()),
  foreignUsage: foreign.pipe(collectUsage()),
  foreignWholeResponse: foreignResponse.pipe(untilDone(), accumulateResponse()),
  foreignResponseUsage: foreignResponse.pipe(collectUsage()),
  iterableCompletion: toAsyncIterable(chat.pipe(accumulateCompletion())),
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
  chatReasoning: Observable<string>;
  responseReasoning: Observable<string>;
  refusal: Observable<string>;
  callsSoFar: Observable<readonly ToolCall[]>;
  responseCallsSoFar: Observable<readonly ToolCall[]>;
  completion: Observable<ChatCompletion>;
  extendedCompletion: Observable<ChatCompletion>;
  wholeResponse: Observable<Response>;
  chatUsage: Observable<CompletionUsage>;
  extendedUsage: Observable<CompletionUsage>;
  responseUsage: Observable<ResponseUsage>;
  eitherUsage: Observable<CompletionUsage | ResponseUsage>;
  laterUsage: Observable<CompletionUsage>;
  laterResponseUsage: Observable<ResponseUsage>;
  choices: Observable<GroupedObservable<number, ChatCompletionChunk>>;
  choiceTexts: Observable<string>;
  choiceUsages: Observable<CompletionUsage>;
  foreignCompletion: Observable<ChatCompletion>;
  foreignUsage: Observable<CompletionUsage>;
  foreignWholeResponse: Observable<Response>;
  foreignResponseUsage: Observable<ResponseUsage>;
  iterableCompletion: AsyncIterable<ChatCompletion>;
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
  chatReasoning: true,
  responseReasoning: true,
  refusal: true,
  callsSoFar: true,
  responseCallsSoFar: true,
  completion: true,
  extendedCompletion: true,
  wholeResponse: true,
  chatUsage: true,
  extendedUsage: true,
  responseUsage: true,
  eitherUsage: true,
  laterUsage: true,
  laterResponseUsage: true,
  choices: true,
  choiceTexts: true,
  choiceUsages: true,
  foreignCompletion: true,
  foreignUsage: true,
  foreignWholeResponse: true,
  foreignResponseUsage: true,
  iterableCompletion: true,
};

// The check is able to fail.
// @ts-expect-error -- a text is not a number
export const different: IsIdentical<Results['chatText'], Observable<number>> = true;
// @ts-expect-error -- the usage of chat is not that of a Response
export const otherUsage: IsIdentical<Results['chatUsage'], Observable<ResponseUsage>> = true;
// @ts-expect-error -- a list that nobody may change is another than one that all may
export const openList: IsIdentical<Results['callsSoFar'], Observable<ToolCall[]>> = true;

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

/** The members of what comes are known without type arguments. */
export const members = {
  finishReasons: chat.pipe(
    accumulateCompletion(),
    map(({ choices }) => choices.map(({ finish_reason }) => finish_reason)),
  ) satisfies Observable<ChatCompletion.Choice['finish_reason'][]>,
  status: response.pipe(
    accumulateResponse(),
    map(({ status, output_text }) => [status, output_text] as const),
  ) satisfies Observable<readonly [Response['status'], string]>,
  total: either.pipe(
    collectUsage(),
    map(({ total_tokens }) => total_tokens),
  ) satisfies Observable<number>,
  prompt: chat.pipe(
    collectUsage(),
    map(({ prompt_tokens }) => prompt_tokens),
  ) satisfies Observable<number>,
  input: response.pipe(
    collectUsage(),
    map(({ input_tokens }) => input_tokens),
  ) satisfies Observable<number>,
  names: chat.pipe(
    accumulateToolCalls(),
    map((calls) => calls.map(({ name }) => name)),
  ) satisfies Observable<string[]>,
};

export const usages: [
  IsIdentical<UsageOf<ChatCompletionChunk>, CompletionUsage>,
  IsIdentical<UsageOf<ResponseStreamEvent>, ResponseUsage>,
  IsIdentical<UsageOf<StreamChunk>, CompletionUsage | ResponseUsage>,
] = [true, true, true];

/** The operators can be kept and given on, each with its own type. */
export const kept: [
  OperatorFunction<StreamChunk, readonly ToolCall[]>,
  OperatorFunction<ChatCompletionChunk, ChatCompletion>,
  OperatorFunction<ResponseStreamEvent, Response>,
  OperatorFunction<ChatCompletionChunk, CompletionUsage>,
  OperatorFunction<ResponseStreamEvent, ResponseUsage>,
] = [accumulateToolCalls(), accumulateCompletion(), accumulateResponse(), collectUsage(), collectUsage()];

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
// @ts-expect-error -- the gate is asked for
export const ungated = chat.pipe(concatMapGated((chunk: ChatCompletionChunk) => [chunk.id]));
// @ts-expect-error -- the number is asked for
export const takeNone = chat.pipe(takeChunks());
// @ts-expect-error -- a number is asked for, not a text
export const takeThree = chat.pipe(takeChunks('3'));
// @ts-expect-error -- a Response is no chat completion
export const completionOfResponse = response.pipe(accumulateCompletion());
// @ts-expect-error -- of two kinds, one is no chat chunk
export const completionOfEither = either.pipe(accumulateCompletion());
// @ts-expect-error -- a chat completion is no Response
export const responseOfChat = chat.pipe(accumulateResponse());
// @ts-expect-error -- of two kinds, one is no event of a Response
export const responseOfEither = either.pipe(accumulateResponse());
// @ts-expect-error -- a Response has no choices
export const choicesOfResponse = response.pipe(splitChoices());
// @ts-expect-error -- a text has no content
export const contentOfText = text.pipe(contentDeltas());
// @ts-expect-error -- a text has no reasoning
export const reasoningOfText = text.pipe(accumulateReasoning());
// @ts-expect-error -- a text has no refusal
export const refusalOfText = text.pipe(refusalDeltas());
// @ts-expect-error -- a text has no tool calls so far
export const callsSoFarOfText = text.pipe(accumulateToolCalls());
// @ts-expect-error -- a text has no usage
export const usageOfText = text.pipe(collectUsage());
// @ts-expect-error -- chunks of another kind have no usage
export const usageOfTokens = tokens.pipe(collectUsage());
// @ts-expect-error -- events have not been parsed
export const usageOfEvents = chat.events().pipe(collectUsage());
// @ts-expect-error -- a completion is whole already
export const completedTwice = chat.pipe(accumulateCompletion(), accumulateCompletion());
// @ts-expect-error -- a choice is an Observable of chunks, not a chunk
export const contentOfChoices = chat.pipe(splitChoices(), accumulateContent());
export const nameOfList = chat.pipe(
  accumulateToolCalls(),
  // @ts-expect-error -- a list of calls has no name
  map(({ name }) => name),
);
export const inputOfChat = chat.pipe(
  collectUsage(),
  // @ts-expect-error -- the usage of chat counts prompt tokens, not input tokens
  map(({ input_tokens }) => input_tokens),
);
// @ts-expect-error -- there is no such option
export const choiceOfCalls = chat.pipe(accumulateToolCalls({ choice: 1 }));
// @ts-expect-error -- a choice is a number
export const namedReasoning = chat.pipe(reasoningDeltas({ choice: 'first' }));
// @ts-expect-error -- a chunk cannot be retried from a text
export const retriedText: Observable<ChatCompletionChunk> = text.pipe(retryWithBackoff());
// @ts-expect-error -- there is no such way to go on
export const resumed = chat.pipe(retryWithBackoff({ afterFirstChunk: 'resume' }));
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
