import { ChoiceToolCalls, type PartialCall } from './ChoiceToolCalls.ts';
import { contentText } from './contentText.ts';
import { GrowingList } from './GrowingList.ts';
import { joinFields } from './joinFields.ts';
import { ReasoningDetails } from './ReasoningDetails.ts';
import { setField } from './setField.ts';
import { isFields, takeFields, type Fields } from './takeFields.ts';

/** What is not simply taken over from a choice of a chunk, from a part of a call. */
const OF_CHOICE = new Set(['index', 'delta', 'finish_reason', 'logprobs']);
const AUDIO_TEXTS = ['data', 'transcript'];
const OF_CALL = new Set(['index', 'id', 'type', 'function', 'custom']);

/** A choice as it is emitted. */
type Choice = Fields & { readonly index: number; readonly message: Fields };

/**
 * Puts one choice of a chat completion together. What is put together is changed, what is emitted are its copies: a copy
 * of a copy would take V8 five times as long.
 */
export class ChoiceSnapshot {
  /** The choice so far, made anew with each part. */
  choice: Choice;
  readonly #choice: Fields;
  readonly #message: Fields = { role: 'assistant', content: null, refusal: null };
  readonly #calls: ChoiceToolCalls;
  /** The calls as the message has them, and what a provider adds to each. */
  readonly #messageCalls = new Map<PartialCall, Fields>();
  readonly #extras = new Map<PartialCall, Fields>();
  readonly #details = new ReasoningDetails();
  /** The lists of the log probabilities, and what else there is. */
  readonly #lists = new Map<string, GrowingList>();
  readonly #logprobs: Fields = {};

  constructor(index: number) {
    const message = { ...this.#message };
    this.#choice = { index, finish_reason: null, logprobs: null, message };
    this.choice = { index, message };
    this.#calls = new ChoiceToolCalls(index);
  }

  /** Takes a choice of a chunk. */
  add(part: Fields): void {
    const { delta, finish_reason, logprobs } = part;
    const choice = this.#choice;
    takeFields(choice, part, OF_CHOICE);
    if (finish_reason) choice.finish_reason = finish_reason;
    if (isFields(delta)) {
      this.#addDelta(delta);
      choice.message = { ...this.#message };
    }
    if (isFields(logprobs)) choice.logprobs = this.#addLogprobs(logprobs);
    this.choice = { ...choice } as Choice;
  }

  #addDelta(delta: Fields): void {
    const message = this.#message;
    for (const name in delta) {
      const value = delta[name];
      switch (name) {
        case 'content':
        case 'refusal':
        case 'reasoning_content':
        case 'reasoning':
          // An empty refusal is none.
          if (value || (value === '' && name !== 'refusal')) {
            message[name] = ((message[name] ?? '') as string) + contentText(value);
          } else message[name] ??= null;
          break;
        case 'role':
          if (value) message.role = value;
          break;
        case 'reasoning_details':
          if (Array.isArray(value)) message[name] = this.#details.add(value);
          break;
        case 'audio':
          if (isFields(value)) message[name] = joinFields((message[name] ?? {}) as Fields, value, AUDIO_TEXTS);
          break;
        case 'function_call':
          if (isFields(value)) message[name] = this.#addLegacyCall(value) ?? message[name];
          break;
        case 'tool_calls':
          if (Array.isArray(value)) message[name] = this.#addCalls(value);
          break;
        default:
          if (value != null || message[name] === undefined) setField(message, name, value);
      }
    }
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
    const extras = this.#extras.get(partial) ?? {};
    this.#extras.set(partial, extras);
    takeFields(extras, part, OF_CALL);
    this.#messageCalls.set(partial, {
      ...extras,
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
    takeFields(this.#logprobs, part, new Set(this.#lists.keys()));
    const logprobs = { ...this.#logprobs };
    for (const [name, list] of this.#lists) list.define(logprobs, name);
    return logprobs;
  }
}
