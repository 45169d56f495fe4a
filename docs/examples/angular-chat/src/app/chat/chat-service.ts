import { Injectable } from '@angular/core';
import { accumulateContent, accumulateToolCalls, collectUsage, type ToolCall } from 'rxdelta';
import { injectClient } from 'rxdelta/angular';
import type { ChatCompletionMessageParam } from 'rxdelta/openai';
import { concat, connect, defer, filter, map, merge, of, scan, switchMap, takeLast, type Observable } from 'rxjs';
import { callTool } from '../tools/call-tool';
import { TOOLS } from '../tools/tools';
import { messagesOf, messagesOfRound } from './messages';
import { Stopwatch } from './stopwatch';
import { EMPTY_ROUND, type Answer, type Round, type ToolUse, type Turn } from './turn';

const MODEL = 'gpt-4o-mini';

/** After so many rounds the model is offered no tools any more, and has to say something. */
const MAX_TOOL_ROUNDS = 5;

/** Asks the model. Everything here is cold: a subscription sends the question, unsubscribing closes the connection. */
@Injectable({ providedIn: 'root' })
export class ChatService {
  readonly #client = injectClient();

  /** The answer to the next question of a conversation, as far as it has come, each time that more of it comes. */
  answer(turns: readonly Turn[], question: string): Observable<Answer> {
    return defer(() => {
      const stopwatch = new Stopwatch();
      return this.#rounds(messagesOf(turns, question), [], stopwatch).pipe(
        map((rounds) => ({ rounds, figures: stopwatch.figures })),
      );
    });
  }

  /** The rounds so far: the next one as it grows; where it called tools, their results and the round after, and so on. */
  #rounds(
    messages: ChatCompletionMessageParam[],
    before: readonly Round[],
    stopwatch: Stopwatch,
  ): Observable<readonly Round[]> {
    return this.#round(messages, before, stopwatch).pipe(
      // One request for two uses: the round is shown while it grows, and its last state decides how it goes on.
      connect((round$) =>
        merge(
          round$.pipe(map((round) => [...before, round])),
          round$.pipe(
            takeLast(1),
            filter(({ calls }) => calls.length > 0),
            map((round) => [...before, withResults(round)]),
            switchMap((rounds) => concat(of(rounds), this.#rounds(messages, rounds, stopwatch))),
          ),
        ),
      ),
    );
  }

  /** The answer to one request: its text, its tool calls and its usage, put together as they come. */
  #round(messages: ChatCompletionMessageParam[], before: readonly Round[], stopwatch: Stopwatch): Observable<Round> {
    return this.#client.chat.completions
      .stream({
        model: MODEL,
        messages: [...messages, ...before.flatMap(messagesOfRound)],
        stream_options: { include_usage: true },
        ...(before.length < MAX_TOOL_ROUNDS && { tools: TOOLS }),
      })
      .pipe(
        stopwatch.measure(),
        connect((chunk$) =>
          merge(
            chunk$.pipe(
              accumulateContent(),
              map((text) => ({ text })),
            ),
            chunk$.pipe(
              accumulateToolCalls(),
              map((calls) => ({ calls: calls.map(toolUseOf) })),
            ),
            chunk$.pipe(
              collectUsage(),
              map((usage) => ({ outputTokens: usage.completion_tokens })),
            ),
          ),
        ),
        scan((round: Round, news: Partial<Round>) => ({ ...round, ...news }), EMPTY_ROUND),
      );
  }
}

function toolUseOf({ id, name, arguments: json }: ToolCall): ToolUse {
  return { id, name, arguments: json };
}

function withResults(round: Round): Round {
  return { ...round, calls: round.calls.map((call) => ({ ...call, result: callTool(call.name, call.arguments) })) };
}
