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
  delta?: unknown;
  arguments?: unknown;
  input?: unknown;
  response?: { output?: (CallItem | null)[] | null } | null;
}

/** A call as far as it has come. */
interface PartialCall {
  /** Made anew with each change. */
  call: ToolCall;
  isHandedOut: boolean;
  /** Whether its item is done, so that the next one at its place is another. */
  isDone: boolean;
}

/** Puts the function and custom tool calls of Responses events together; each is handed out once, when it is whole. */
export class ResponseToolCalls {
  readonly #partials: PartialCall[] = [];
  /** By the ids of item and call, and by the place in the output. */
  readonly #byKey = new Map<string, PartialCall>();

  /**
   * Takes an event.
   *
   * @param handOut - told the calls that become whole with it
   */
  add(event: object, handOut: (call: ToolCall) => void): void {
    const { type, item, item_id, output_index, delta, response, arguments: whole, input } = event as ToolEvent;
    switch (type) {
      case 'response.output_item.added':
      case 'response.output_item.done':
        if (isCall(item)) this.#addItem(item, output_index, type.endsWith('done') ? handOut : undefined);
        break;
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta': {
        const partial = this.#find([item_id]) ?? this.#growingAt(output_index) ?? this.#open(output_index, item_id);
        if (!partial.isHandedOut) change(partial, { arguments: partial.call.arguments + textOf(delta) });
        break;
      }
      case 'response.function_call_arguments.done':
      case 'response.custom_tool_call_input.done': {
        const partial = this.#find([item_id]) ?? this.#growingAt(output_index);
        const payload = whole ?? input;
        // Without a name nobody can answer it yet; the item tells.
        if (!partial?.call.name || partial.isHandedOut || payload === undefined) break;
        change(partial, { arguments: textOf(payload) });
        finish(partial, handOut);
        break;
      }
      case 'response.completed':
        // Some servers give no item events at all.
        for (const [place, output] of (response?.output ?? []).entries()) {
          if (isCall(output)) this.#addItem(output, place, handOut, true);
        }
    }
  }

  /** All calls so far, by their place in the output. */
  get sorted(): ToolCall[] {
    return this.#partials.map(({ call }) => call).sort((a, b) => a.index - b.index);
  }

  /**
   * @param handOut - given when the item is done
   * @param isLast - whether it comes with the whole output, which knows no other item at a place than those before
   */
  #addItem(item: CallItem, place: number | undefined, handOut?: (call: ToolCall) => void, isLast = false): void {
    const ids = [item.id, item.call_id].filter(Boolean);
    const atPlace = this.#find([placeKey(place)]);
    // What is added is another call, unless parts came before it; what is done is the one of that name, as long as that
    // is not done itself: some servers give several calls one place.
    const name = !handOut ? '' : ids.length > 0 ? item.name : atPlace?.call.name;
    const isAtPlace = atPlace?.call.name === name && (isLast || !atPlace?.isDone);
    // Known by either id, as servers do not always repeat both; else by its place, where some change their ids.
    const partial = this.#find(ids) ?? (isAtPlace ? atPlace : undefined) ?? this.#open(place, ...ids);
    partial.isDone = handOut !== undefined;
    for (const id of ids) if (id) this.#byKey.set(id, partial);
    if (partial.isHandedOut) return;
    const { call } = partial;
    change(partial, {
      index: place ?? call.index,
      id: item.call_id || item.id || call.id,
      type: item.type === 'custom_tool_call' ? 'custom' : 'function',
      name: item.name || call.name,
      arguments: textOf(item.arguments ?? item.input) || call.arguments,
    });
    // An incomplete item is one that the answer was cut in.
    if (handOut && item.status !== 'incomplete') finish(partial, handOut);
  }

  #find(keys: (string | null | undefined)[]): PartialCall | undefined {
    return keys.map((key) => this.#byKey.get(key ?? '')).find(Boolean);
  }

  /** The call at a place that more may come of. */
  #growingAt(place: number | undefined): PartialCall | undefined {
    const partial = this.#find([placeKey(place)]);
    return partial?.isHandedOut ? undefined : partial;
  }

  #open(place: number | undefined, ...ids: (string | null | undefined)[]): PartialCall {
    const index = place ?? this.#partials.length;
    const call = new ToolCall({ choice: 0, index, id: '', type: 'function', name: '', arguments: '' });
    const partial = { call, isHandedOut: false, isDone: false };
    this.#partials.push(partial);
    for (const key of [...ids, placeKey(index)]) if (key) this.#byKey.set(key, partial);
    return partial;
  }
}

function isCall(item: CallItem | null | undefined): item is CallItem {
  return item?.type === 'function_call' || item?.type === 'custom_tool_call';
}

/** Without a place it is the key of none. */
function placeKey(place: number | undefined): string {
  return `#${place}`;
}

function textOf(payload: unknown): string {
  return typeof payload === 'string' ? payload : payload == null ? '' : JSON.stringify(payload);
}

function change(partial: PartialCall, fields: Partial<ToolCall>): void {
  const { call } = partial;
  const names = Object.keys(fields) as (keyof ToolCall)[];
  if (names.some((name) => call[name] !== fields[name])) partial.call = new ToolCall(Object.assign({}, call, fields));
}

function finish(partial: PartialCall, handOut: (call: ToolCall) => void): void {
  partial.isHandedOut = true;
  handOut(partial.call);
}
