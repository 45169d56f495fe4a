import { collectToolCalls, type StreamChunk } from 'rxdelta';
import { connect, EMPTY, map, merge, mergeMap, tap, toArray, type Observable } from 'rxjs';
import { terminal } from './terminal.ts';
import { callTool, type ToolResult } from './weather.ts';

/** Asks the model, and tells it the results of the tools that it called in the rounds before. */
export type Answer = (rounds: ToolResult[][]) => Observable<StreamChunk>;

/** A model that still calls tools after so many rounds will not stop by itself. */
const MAX_ROUNDS = 5;

/**
 * The chunks of an answer. When the model called tools in it, the chunks of the next answer follow, and so on.
 *
 * `connect` shares one connection: the chunks go on as they come, while the tool calls are collected from them.
 */
export function converse(answer: Answer, rounds: ToolResult[][] = []): Observable<StreamChunk> {
  return answer(rounds).pipe(
    connect((chunks) => merge(chunks, chunks.pipe(collectResults(), mergeMap(answerResults)))),
  );

  function answerResults(results: ToolResult[]): Observable<StreamChunk> {
    if (results.length === 0) return EMPTY;
    if (rounds.length === MAX_ROUNDS) throw new Error(`The model called tools more than ${MAX_ROUNDS} times in a row`);
    return converse(answer, [...rounds, results]);
  }
}

/** Calls each tool as soon as the model's call is whole; gives all results when the answer has ended. */
function collectResults() {
  return (chunks: Observable<StreamChunk>): Observable<ToolResult[]> =>
    chunks.pipe(
      collectToolCalls(),
      tap((call) => terminal.line(`→ ${call.name}(${call.arguments})`)),
      map((call) => ({ call, output: callTool(call) })),
      tap(({ output }) => terminal.line(`← ${output}`)),
      toArray(),
    );
}
