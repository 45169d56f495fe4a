import { ToolCall } from './ToolCall.ts';

/** A function or custom tool call among the output items of a Response. */
interface CallItem {
  type?: string;
  status?: string | null;
  id?: string | null;
  call_id?: string | null;
  name?: string | null;
  arguments?: unknown;
  input?: unknown;
}

interface ToolEvent {
  type?: string;
  item_id?: string;
  output_index?: number;
  item?: CallItem | null;
  arguments?: unknown;
  input?: unknown;
  response?: { output?: (CallItem | null)[] | null } | null;
}

/** Puts the function and custom tool calls of Responses events together; each is given out once, when it is whole. */
export class ResponseToolCalls {
  readonly #items = new Map<string, { item: CallItem; index: number }>();
  readonly #done = new Set<string>();

  /** Takes an event; gives the calls that became whole with it. */
  add(event: object): ToolCall[] {
    const { type, item, item_id: itemId, output_index: outputIndex, response, ...done } = event as ToolEvent;
    switch (type) {
      case 'response.output_item.added':
        if (item && isCall(item)) this.#note(item, outputIndex);
        return [];
      case 'response.function_call_arguments.done':
      case 'response.custom_tool_call_input.done': {
        const known = itemId === undefined ? undefined : this.#items.get(itemId);
        const payload = done.arguments ?? done.input;
        return known?.item.name && payload !== undefined ? this.#giveOut(known.item, known.index, payload) : [];
      }
      case 'response.output_item.done':
        return item && isCall(item) ? this.#giveOut(item, this.#note(item, outputIndex)) : [];
      case 'response.completed':
        // Some servers give no item events at all.
        return (response?.output ?? []).flatMap((output, index) =>
          output && isCall(output) ? this.#giveOut(output, index) : [],
        );
      default:
        return [];
    }
  }

  #note(item: CallItem, outputIndex: number | undefined): number {
    const key = keyOf(item);
    const index = outputIndex ?? this.#items.get(key)?.index ?? this.#items.size;
    this.#items.set(key, { item, index });
    return index;
  }

  #giveOut(item: CallItem, index: number, payload: unknown = item.arguments ?? item.input): ToolCall[] {
    // The answer was cut inside this call.
    if (item.status === 'incomplete') return [];
    const id = item.call_id || item.id || '';
    // Known by either id, as servers do not always repeat both; without any, by its place.
    const ids = [item.id, item.call_id].filter((key) => typeof key === 'string' && key !== '') as string[];
    const keys = ids.length > 0 ? ids : [`#${index}`];
    if (keys.some((key) => this.#done.has(key))) return [];
    for (const key of keys) this.#done.add(key);
    const text = typeof payload === 'string' ? payload : payload == null ? '' : JSON.stringify(payload);
    const type = item.type === 'custom_tool_call' ? 'custom' : 'function';
    return [new ToolCall({ choice: 0, index, id, type, name: item.name ?? '', arguments: text })];
  }
}

function isCall({ type }: CallItem): boolean {
  return type === 'function_call' || type === 'custom_tool_call';
}

function keyOf({ id, call_id }: CallItem): string {
  return id || call_id || '';
}
