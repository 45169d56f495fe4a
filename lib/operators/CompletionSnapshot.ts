import type { ChatCompletion } from '../openai/index.ts';
import { ChoiceSnapshot } from './ChoiceSnapshot.ts';
import { isFields, withFields, type Fields } from './withFields.ts';

/** What is not simply taken over from a chunk. */
const OWN_FIELDS = new Set(['choices', 'object', 'obfuscation', 'system_fingerprint']);

/** Puts a chat completion together. Each snapshot shares with the one before what has not changed, and stays as it is. */
export class CompletionSnapshot {
  #completion: Fields = { id: '', object: 'chat.completion', created: 0, model: '', choices: [] };
  /** By index. */
  readonly #choices: ChoiceSnapshot[] = [];

  /** Takes a chunk; gives the completion so far, or undefined for what is no chunk. */
  add(chunk: object): ChatCompletion | undefined {
    const { choices, id, usage, system_fingerprint } = chunk as Fields;
    if (choices === undefined) return undefined;
    const items = Array.isArray(choices) ? (choices as unknown[]) : [];
    for (const item of items) if (isFields(item)) this.#choiceAt((item.index ?? 0) as number).add(item);
    // A chunk without an id is an aside of the provider, unless none has one.
    const isAside = !id && Boolean(this.#completion.id);
    const known = withFields(this.#completion, chunk as Fields, OWN_FIELDS, isAside);
    const next: Fields = { ...known, choices: items.length > 0 ? this.#choices.map(choiceOf) : known.choices };
    if (usage) next.usage = usage;
    if (system_fingerprint) next.system_fingerprint = system_fingerprint;
    this.#completion = next;
    return next as unknown as ChatCompletion;
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
