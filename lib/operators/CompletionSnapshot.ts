import type { ChatCompletion } from '../openai/index.ts';
import { ChoiceSnapshot } from './ChoiceSnapshot.ts';
import { isFields, takeFields, type Fields } from './takeFields.ts';
import { usageOf } from './usageOf.ts';

/** What is not simply taken over from a chunk. */
const OWN_FIELDS = new Set(['choices', 'object', 'obfuscation', 'system_fingerprint']);

/** Puts a chat completion together. Each snapshot shares with the one before what has not changed, and stays as it is. */
export class CompletionSnapshot {
  /** What is put together; what is emitted are its copies. */
  readonly #completion: Fields = { id: '', object: 'chat.completion', created: 0, model: '', choices: [] };
  /** By index. */
  readonly #choices: ChoiceSnapshot[] = [];

  /** Takes a chunk; gives the completion so far, or undefined for what is no chunk. */
  add(chunk: object): ChatCompletion | undefined {
    const { choices, id, system_fingerprint } = chunk as Fields;
    if (choices === undefined) return undefined;
    const items = Array.isArray(choices) ? (choices as unknown[]) : [];
    for (const item of items) if (isFields(item)) this.#choiceAt((item.index ?? 0) as number).add(item);
    const completion = this.#completion;
    // A chunk without an id is an aside of the provider, unless none has one.
    const isAside = !id && Boolean(completion.id);
    takeFields(completion, chunk as Fields, OWN_FIELDS, isAside);
    if (items.length > 0) completion.choices = this.#choices.map(choiceOf);
    const usage = usageOf(chunk);
    if (usage) completion.usage = usage;
    if (system_fingerprint) completion.system_fingerprint = system_fingerprint;
    return { ...completion } as unknown as ChatCompletion;
  }

  #choiceAt(index: number): ChoiceSnapshot {
    const after = this.#choices.findIndex(({ choice }) => choice.index >= index);
    const known = this.#choices[after];
    if (known?.choice.index === index) return known;
    const opened = new ChoiceSnapshot(index);
    this.#choices.splice(after < 0 ? this.#choices.length : after, 0, opened);
    return opened;
  }
}

function choiceOf({ choice }: ChoiceSnapshot): Fields {
  return choice;
}
