import { defer, groupBy, mergeMap, tap, type GroupedObservable, type OperatorFunction } from 'rxjs';
import { endOf, markEnd } from '../chunks/completion/endMark.ts';
import type { ChatCompletionChunk } from '../openai/index.ts';
import { attemptOf, markAttempt } from '../retry/attempt.ts';
import { Restarts } from '../retry/Restarts.ts';

/**
 * Splits an answer with several choices (`n` above 1) into one Observable for each, as it first appears.
 *
 * ```marbles
 * chunks   --(0 Hel)--(1 Good)--(0 lo)--(1 bye)--|
 *          splitChoices()
 * choices  --0--------1--------------------------|
 * choice 0   Hel----------------lo---------------|
 * choice 1            Good--------------bye------|
 * ```
 *
 * Each group has the choice's index as its `key`, and emits chunks with that choice alone: the very chunk where it has
 * no other, else a copy. Chunks without a choice, such as the usage, are in none: read them from the source. All groups
 * end with the source, by completion or by its error, since a finished choice may still be told of. Subscribe a group when
 * it comes: what it emitted before is gone. The source is unsubscribed when nobody listens to the groups either. A retry
 * upstream that starts the answer again goes on in the same groups, where accumulators start afresh.
 *
 * @example
 * ```ts
 * import { map, mergeMap } from 'rxjs';
 * import { accumulateContent, createClient, splitChoices } from 'rxdelta';
 *
 * createClient()
 *   .chat.completions.stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }], n: 2 })
 *   .pipe(
 *     splitChoices(),
 *     mergeMap((choice) =>
 *       choice.pipe(
 *         accumulateContent({ choice: choice.key }),
 *         map((text) => `${choice.key}: ${text}`),
 *       ),
 *     ),
 *   )
 *   .subscribe({ next: (line) => console.log(line), error: (error) => console.error(error) });
 * ```
 * @see https://rxjs.dev/api/operators/groupBy
 */
/* @__NO_SIDE_EFFECTS__ */
export function splitChoices(): OperatorFunction<ChatCompletionChunk, GroupedObservable<number, ChatCompletionChunk>> {
  return (source) =>
    defer(() => {
      const restarts = new Restarts();
      let last: ChatCompletionChunk | undefined;
      const lastOfGroups = new Map<number, ChatCompletionChunk>();
      /** A client that has judged the end of the source has judged that of each group. */
      const judge = () => {
        const end = endOf(last);
        if (end) for (const part of lastOfGroups.values()) markEnd(part, end);
      };
      return source.pipe(
        mergeMap((chunk) => {
          if (restarts.at(chunk)) lastOfGroups.clear();
          last = chunk;
          return single(chunk);
        }),
        tap({ next: (part) => lastOfGroups.set(indexOf(part), part), complete: judge }),
        groupBy(indexOf),
      );
    });
}

/** One chunk for each choice of a chunk, of the same attempt. */
function single(chunk: ChatCompletionChunk): ChatCompletionChunk[] {
  const { choices } = chunk as Partial<ChatCompletionChunk>;
  if (!Array.isArray(choices)) return [];
  if (choices.length === 1 && choices[0]) return [chunk];
  const attempt = attemptOf(chunk);
  return choices.filter(Boolean).map((choice) => {
    const part = { ...chunk, choices: [choice] };
    if (attempt) markAttempt(part, attempt);
    return part;
  });
}

function indexOf({ choices: [choice] }: ChatCompletionChunk): number {
  return choice?.index ?? 0;
}
