import { ChoiceToolCalls, type PartialCall } from './ChoiceToolCalls.ts';
import { contentText } from './contentText.ts';
import { GrowingList } from './GrowingList.ts';
import { joinFields } from './joinFields.ts';
import { mergeDetails } from './mergeDetails.ts';
import { isFields, withFields, type Fields } from './withFields.ts';

/** What is not simply taken over from a choice of a chunk, from its delta, from a part of a call. */
const OF_CHOICE = new Set(['index', 'delta', 'finish_reason', 'logprobs']);
const TEXTS = ['content', 'refusal', 'reasoning_content', 'reasoning'];
const OF_DELTA = new Set([...TEXTS, 'role', 'reasoning_details', 'audio', 'tool_calls', 'function_call']);
const OF_CALL = new Set(['index', 'id', 'type', 'function', 'custom']);

/** Puts one choice of a chat completion together. */
export class ChoiceSnapshot {
  /** The choice so far, made anew with each part. */
  choice: Fields & { readonly index: number; readonly message: Fields };
  readonly #calls: ChoiceToolCalls;
  /** The calls as the message has them. */
  readonly #messageCalls = new Map<PartialCall, Fields>();
  /** The lists of the log probabilities, and what else there is. */
  readonly #lists = new Map<string, GrowingList>();
  #logprobs: Fields = {};

  constructor(index: number) {
    const message = { role: 'assistant', content: null, refusal: null };
    this.choice = { index, finish_reason: null, logprobs: null, message };
    this.#calls = new ChoiceToolCalls(index);
  }

  /** Takes a choice of a chunk. */
  add(part: Fields): void {
    const { delta, finish_reason, logprobs } = part;
    const { choice } = this;
    this.choice = {
      ...withFields(choice, part, OF_CHOICE),
      finish_reason: finish_reason || choice.finish_reason,
      message: isFields(delta) ? this.#addDelta(choice.message, delta) : choice.message,
      logprobs: isFields(logprobs) ? this.#addLogprobs(logprobs) : choice.logprobs,
    };
  }

  #addDelta(known: Fields, delta: Fields): Fields {
    const { role, reasoning_details, audio, tool_calls, function_call } = delta;
    const message: Fields = { ...withFields(known, delta, OF_DELTA) };
    if (role) message.role = role;
    for (const name of TEXTS) {
      const value = delta[name];
      if (value === undefined || (value === '' && name === 'refusal')) continue;
      message[name] = value === null ? (known[name] ?? null) : ((known[name] ?? '') as string) + contentText(value);
    }
    if (Array.isArray(reasoning_details)) {
      message.reasoning_details = mergeDetails((known.reasoning_details ?? []) as unknown[], reasoning_details);
    }
    if (isFields(audio)) message.audio = joinFields((known.audio ?? {}) as Fields, audio, ['data', 'transcript']);
    if (isFields(function_call)) {
      const { name, arguments: text } = this.#calls.addLegacy(function_call).call;
      message.function_call = { name, arguments: text };
    }
    if (Array.isArray(tool_calls)) {
      for (const call of tool_calls) if (isFields(call)) this.#addCall(call);
      message.tool_calls = [...this.#messageCalls]
        .sort(([a], [b]) => a.call.index - b.call.index)
        .map(([, call]) => call);
    }
    return message;
  }

  #addCall(part: Fields): void {
    const partial = this.#calls.add(part);
    const { id, type, name, arguments: text } = partial.call;
    this.#messageCalls.set(partial, {
      ...withFields(this.#messageCalls.get(partial) ?? {}, part, OF_CALL),
      id,
      type,
      ...(type === 'custom' ? { custom: { name, input: text } } : { function: { name, arguments: text } }),
    });
  }

  #addLogprobs(part: Fields): Fields {
    for (const [name, items] of Object.entries(part)) {
      if (!Array.isArray(items)) continue;
      const list = this.#lists.get(name) ?? new GrowingList();
      this.#lists.set(name, list);
      list.push(items);
    }
    this.#logprobs = withFields(this.#logprobs, part, new Set(this.#lists.keys()));
    const logprobs = { ...this.#logprobs };
    for (const [name, list] of this.#lists) list.define(logprobs, name);
    return logprobs;
  }
}
