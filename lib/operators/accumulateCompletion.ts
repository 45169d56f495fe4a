import type { OperatorFunction } from 'rxjs';
import type { ChatCompletion, ChatCompletionChunk } from '../openai/index.ts';
import { accumulate } from './accumulate.ts';
import { CompletionSnapshot } from './CompletionSnapshot.ts';

/**
 * Emits the chat completion so far, after each chunk: in the end what the API had answered without `stream`.
 *
 * ```marbles
 * chunks       --Hel--lo--(finish)--(usage)--|
 *              accumulateCompletion()
 * completions  --1----2---3---------4--------|
 * ```
 *
 * Everything that chunks bring is there: for each choice the role, the content, the refusal, the log probabilities, tool
 * calls by the rules of `collectToolCalls`, the legacy function call, audio and the finish reason, which is null until it
 * comes; usage, service tier and system fingerprint; and the fields of compatible providers: reasoning is joined, of all
 * else the last value stands. A content that is a list of parts becomes its text; thinking among them is for
 * `accumulateReasoning`. Choices and calls are in the order of their indices.
 *
 * A snapshot shares with the next what has not changed, and is never changed after it was emitted; log probabilities are
 * copied when they are read. Completion and errors pass through, so the last snapshot holds what had come when a stream
 * was cut; an empty source gives nothing. Unsubscribing unsubscribes the source. After a retry upstream that starts the
 * answer again, the completion starts again too. The cost of a chunk does not grow with the answer.
 *
 * @example
 * ```ts
 * import { lastValueFrom } from 'rxjs';
 * import { accumulateCompletion, createClient } from 'rxdelta';
 *
 * const messages = [{ role: 'user' as const, content: 'Hello' }];
 * const stream = createClient().chat.completions.stream({ model: 'gpt-4o-mini', messages });
 * const completion = await lastValueFrom(stream.pipe(accumulateCompletion()));
 * console.log(completion.choices[0]?.message.content, completion.choices[0]?.finish_reason);
 * ```
 * @see https://platform.openai.com/docs/api-reference/chat/object
 */
/* @__NO_SIDE_EFFECTS__ */
export function accumulateCompletion(): OperatorFunction<ChatCompletionChunk, ChatCompletion> {
  return accumulate(() => {
    const snapshot = new CompletionSnapshot();
    return (chunk) => snapshot.add(chunk);
  });
}
