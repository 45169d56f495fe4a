import { ChoiceToolCalls, type CallDelta, type FunctionDelta } from './ChoiceToolCalls.ts';
import { isJSON } from './isJSON.ts';
import type { ToolCall } from './ToolCall.ts';

interface ChoiceDelta {
  index?: number | null;
  delta?: { tool_calls?: unknown; function_call?: FunctionDelta | null } | null;
  finish_reason?: unknown;
}

/**
 * The finish reasons of an answer that the model ended itself, with a few that proxies pass on. For one that was cut each
 * provider has its own.
 */
const WHOLE = /^(stop|eos|end_turn|tool_calls|tool_use|function_call)$/i;

/** Puts the tool calls of chat chunks together, choice by choice. */
export class ChatToolCalls {
  readonly #open = new Map<number, ChoiceToolCalls>();
  readonly #finished: ToolCall[] = [];
  /** What has been handed out, each as a whole, with its answer and choice: a server may send its last chunk again. */
  readonly #handedOut = new Set<string>();
  #answer: unknown;

  /**
   * Takes a chunk's choices.
   *
   * @param answer - the id of the chunk
   * @param handOut - told the calls of the choices that finish with it
   */
  add(answer: unknown, choices: readonly unknown[], handOut: (call: ToolCall) => void): void {
    this.#answer = answer;
    for (const item of choices as (ChoiceDelta | null)[]) {
      const choice = item?.index ?? 0;
      const { tool_calls: parts, function_call: legacy } = item?.delta ?? {};
      for (const part of Array.isArray(parts) ? (parts as (CallDelta | null)[]) : []) {
        if (part) this.#callsOf(choice).add(part);
      }
      if (legacy) this.#callsOf(choice).addLegacy(legacy);
      const reason = item?.finish_reason;
      if (reason) this.#finish(choice, handOut, typeof reason !== 'string' || !WHOLE.test(reason));
    }
  }

  /** Hands out the calls of all choices that have not finished. */
  finishAll(handOut: (call: ToolCall) => void): void {
    for (const choice of this.#open.keys()) this.#finish(choice, handOut);
  }

  /** All calls so far, by choice and index. */
  get sorted(): ToolCall[] {
    const open = [...this.#open.values()].flatMap(({ sorted }) => sorted);
    return [...this.#finished, ...open].sort((a, b) => a.choice - b.choice || a.index - b.index);
  }

  #callsOf(choice: number): ChoiceToolCalls {
    const calls = this.#open.get(choice) ?? new ChoiceToolCalls(choice);
    this.#open.set(choice, calls);
    return calls;
  }

  /** @param isCut - whether the last call may not be whole: arguments that are JSON are, of a free text nobody knows */
  #finish(choice: number, handOut: (call: ToolCall) => void, isCut = false): void {
    const keyOf = ({ id, name, arguments: text }: ToolCall) => id && [this.#answer, choice, id, name, text].join();
    const calls = (this.#open.get(choice)?.sorted ?? []).filter((call) => !this.#handedOut.has(keyOf(call)));
    this.#open.delete(choice);
    this.#finished.push(...calls);
    const last = isCut ? calls.at(-1) : undefined;
    for (const call of calls) {
      if (call === last && (call.type === 'custom' || !isJSON(call.arguments))) continue;
      const key = keyOf(call);
      if (key) this.#handedOut.add(key);
      handOut(call);
    }
  }
}
