import { isJSON } from './isJSON.ts';
import { ToolCall } from './ToolCall.ts';

/** A call as far as it has come. */
export interface PartialCall {
  /** The index that the server gave. */
  readonly key: number | undefined;
  /** Made anew with each change. */
  call: ToolCall;
}

/** A part of a call, as providers send it: any field may be missing. */
export interface CallDelta {
  index?: number | null;
  id?: string | null;
  type?: string | null;
  function?: FunctionDelta | null;
  custom?: { name?: string | null; input?: unknown } | null;
}

/** The legacy form of a part. */
export interface FunctionDelta {
  name?: string | null;
  arguments?: unknown;
}

/** Puts the tool calls of one chat choice together. */
export class ChoiceToolCalls {
  readonly #choice: number;
  readonly #calls: PartialCall[] = [];

  constructor(choice: number) {
    this.#choice = choice;
  }

  /** The calls so far, by index. */
  get sorted(): ToolCall[] {
    return this.#calls.map(({ call }) => call).sort((a, b) => a.index - b.index);
  }

  /** Adds a part; gives the call that it belongs to. A part that says nothing opens none. */
  add(delta: CallDelta): PartialCall | undefined {
    const { index, type, custom } = delta;
    const id = delta.id ?? '';
    const name = delta.function?.name ?? custom?.name ?? '';
    const payload = custom ? custom.input : delta.function?.arguments;
    const key = index ?? undefined;
    const known = findCall(this.#calls, key, id, name, payload);
    if (!known && !id && !name && !payload) return undefined;
    const partial = known ?? this.#open(key, 'function');
    return grow(partial, id, name, payload, custom || type === 'custom' ? 'custom' : undefined);
  }

  /** Adds a part of the one legacy call. */
  addLegacy({ name, arguments: payload }: FunctionDelta): PartialCall | undefined {
    const known = this.#calls.find(({ call }) => call.type === 'function_call');
    if (!known && !name && !payload) return undefined;
    return grow(known ?? this.#open(undefined, 'function_call'), '', name ?? '', payload);
  }

  #open(key: number | undefined, type: ToolCall['type']): PartialCall {
    const index = freeIndex(this.#calls, key);
    const call = new ToolCall({ choice: this.#choice, index, id: '', type, name: '', arguments: '' });
    const partial = { key, call };
    this.#calls.push(partial);
    return partial;
  }
}

/** The call that a part belongs to, or undefined for a new one. */
function findCall(
  calls: PartialCall[],
  key: number | undefined,
  id: string,
  name: string,
  payload: unknown,
): PartialCall | undefined {
  const candidates = key === undefined ? calls : calls.filter((open) => (open.key ?? open.call.index) === key);
  const sameId = id === '' ? undefined : candidates.find(({ call }) => call.id === id);
  const last = candidates.at(-1);
  if (sameId || !last || name === '') return sameId ?? last;
  // Some providers give no index, or number every call 0: a new id together with a name is a new call.
  if (id !== '' && last.call.id !== '') return undefined;
  // Without an id another name, or a second set of whole arguments, can only be another call. Nearly no piece begins as
  // they do, so the text so far is seldom read.
  const { arguments: text } = last.call;
  const isWhole = isObject(payload) ? key === undefined && text !== '' : /^\s*\{/.test(String(payload)) && isJSON(text);
  const isAnother = last.call.name !== name || isWhole;
  return isAnother && last.call.name !== '' ? undefined : last;
}

/** An empty or repeated id or name changes nothing. Arguments come in pieces of text, or at once as an object. */
function grow(partial: PartialCall, id: string, name: string, payload: unknown, type = partial.call.type): PartialCall {
  const { call } = partial;
  const text = isObject(payload)
    ? JSON.stringify(payload)
    : call.arguments + (typeof payload === 'string' ? payload : '');
  const { choice, index } = call;
  const grown = new ToolCall({ choice, index, id: call.id || id, type, name: call.name || name, arguments: text });
  const names = ['id', 'type', 'name', 'arguments'] as const;
  if (names.some((each) => grown[each] !== call[each])) partial.call = grown;
  return partial;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The index that the server gave, unless another call has it; then the first free one after all. */
function freeIndex(calls: PartialCall[], wanted: number | undefined): number {
  if (wanted !== undefined && !calls.some(({ call }) => call.index === wanted)) return wanted;
  return calls.reduce((next, { call }) => Math.max(next, call.index + 1), 0);
}
