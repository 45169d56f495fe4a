/**
 * Compiled, never run: the types in lib/openai are the same as those of the `openai` package they are generated from, so
 * that whatever one of them types can be given to the other.
 */
import type * as Chat from 'openai/resources/chat/completions/completions';
import type * as Responses from 'openai/resources/responses/responses';
import type * as Ours from 'rxdelta/openai';

type IsAny<T> = 0 extends 1 & T ? true : false;
/** Assignable in both directions; `any` is no evidence. */
type IsMutual<A, B> = true extends IsAny<A> | IsAny<B> ? false : [A, B] extends [B, A] ? true : false;
/** Identical all the way down, as the compiler sees it: an `any` deep inside counts as a difference. */
type IsIdentical<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Each pair of types. */
interface Pairs {
  chatCompletion: [Ours.ChatCompletion, Chat.ChatCompletion];
  chatCompletionChunk: [Ours.ChatCompletionChunk, Chat.ChatCompletionChunk];
  chatCompletionParams: [Ours.ChatCompletionCreateParamsStreaming, Chat.ChatCompletionCreateParamsStreaming];
  response: [Ours.Response, Responses.Response];
  responseStreamEvent: [Ours.ResponseStreamEvent, Responses.ResponseStreamEvent];
  responseParams: [Ours.ResponseCreateParamsStreaming, Responses.ResponseCreateParamsStreaming];
}

type Verdicts = {
  [Name in keyof Pairs]: [
    mutual: IsMutual<Pairs[Name][0], Pairs[Name][1]>,
    identical: IsIdentical<Pairs[Name][0], Pairs[Name][1]>,
  ];
};

export const verdicts: Verdicts = {
  chatCompletion: [true, true],
  chatCompletionChunk: [true, true],
  chatCompletionParams: [true, true],
  response: [true, true],
  responseStreamEvent: [true, true],
  responseParams: [true, true],
};

// The check is able to fail: another type is not mutual, a wider one neither, nor is `any`.
// @ts-expect-error -- a chunk is not a completion
export const different: IsMutual<Ours.ChatCompletionChunk, Chat.ChatCompletion> = true;
// @ts-expect-error -- one direction is not enough
export const wider: IsMutual<Ours.ResponseStreamEvent | { type: 'rxdelta.new' }, Responses.ResponseStreamEvent> = true;
// @ts-expect-error -- any goes with everything
export const untyped: IsMutual<any, Chat.ChatCompletionChunk> = true;
// @ts-expect-error -- any in one place
export const loose: IsIdentical<
  Omit<Ours.Response, 'id'> & { id: any },
  Omit<Responses.Response, 'id'> & { id: string }
> = true;
