import { ChoiceToolCalls, type PartialCall } from './ChoiceToolCalls.ts';
import { contentText } from './contentText.ts';
import { GrowingList } from './GrowingList.ts';
import { joinFields } from './joinFields.ts';
import { mergeDetails } from './mergeDetails.ts';
import { setField } from './setField.ts';
import { isFields, withFields, type Fields } from './withFields.ts';

/** What is not simply taken over from a choice of a chunk, from a part of a call. */
const OF_CHOICE = new Set(['index', 'delta', 'finish_reason', 'logprobs']);
const AUDIO_TEXTS = ['data', 'transcript'];
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
    const message = { ...known };
    for (const name in delta) {
      const value = delta[name];
      switch (name) {
        case 'content':
        case 'refusal':
        case 'reasoning_content':
        case 'reasoning':
          // An empty refusal is none.
          if (value || (value === '' && name !== 'refusal')) {
            message[name] = ((known[name] ?? '') as string) + contentText(value);
          } else if (value === null) message[name] ??= null;
          break;
        case 'role':
          message.role = value || known.role;
          break;
        case 'reasoning_details':
          if (Array.isArray(value)) message[name] = mergeDetails((known[name] ?? []) as unknown[], value);
          break;
        case 'audio':
          if (isFields(value)) message[name] = joinFields((known[name] ?? {}) as Fields, value, AUDIO_TEXTS);
          break;
        case 'function_call':
          if (isFields(value)) message[name] = this.#addLegacyCall(value) ?? known[name];
          break;
        case 'tool_calls':
          if (Array.isArray(value)) message[name] = this.#addCalls(value);
          break;
        default:
          if (value != null || known[name] === undefined) setField(message, name, value);
      }
    }
    return message;
  }

  #addLegacyCall(part: Fields): Fields | undefined {
    const call = this.#calls.addLegacy(part)?.call;
    return call && { name: call.name, arguments: call.arguments };
  }

  #addCalls(parts: unknown[]): Fields[] {
    for (const part of parts) if (isFields(part)) this.#addCall(part);
    return [...this.#messageCalls].sort(([a], [b]) => a.call.index - b.call.index).map(([, call]) => call);
  }

  #addCall(part: Fields): void {
    const partial = this.#calls.add(part);
    if (!partial) return;
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
