import { ToolCall } from './ToolCall.ts';

/** A call that is being put together. */
interface OpenCall {
  /** The index that the server gave. */
  key: number | undefined;
  index: number;
  id: string;
  type: ToolCall['type'];
  name: string;
  text: string;
}

/** A part of a call, as providers send it: any field may be missing. */
interface CallDelta {
  index?: number | null;
  id?: string | null;
  type?: string | null;
  function?: FunctionDelta | null;
  custom?: { name?: string | null; input?: unknown } | null;
}

interface FunctionDelta {
  name?: string | null;
  arguments?: unknown;
}

interface ChoiceDelta {
  index?: number | null;
  delta?: { tool_calls?: (CallDelta | null)[] | null; function_call?: FunctionDelta | null } | null;
  finish_reason?: unknown;
}

/** Puts the tool calls of chat chunks together, choice by choice. */
export class ChatToolCalls {
  readonly #open = new Map<number, OpenCall[]>();

  /** Takes a chunk's choices; gives the calls of the choices that finished with it. */
  add(choices: readonly unknown[]): ToolCall[] {
    const finished: ToolCall[] = [];
    for (const item of choices as (ChoiceDelta | null)[]) {
      if (!item) continue;
      const choice = item.index ?? 0;
      for (const call of listOf(item.delta?.tool_calls)) if (call) this.#addCall(choice, call);
      const legacy = item.delta?.function_call;
      if (legacy) this.#addLegacy(choice, legacy);
      if (item.finish_reason) finished.push(...this.#finish(choice));
    }
    return finished;
  }

  /** The calls of all choices that have not finished. */
  rest(): ToolCall[] {
    return [...this.#open.keys()].flatMap((choice) => this.#finish(choice));
  }

  #finish(choice: number): ToolCall[] {
    const calls = this.#open.get(choice) ?? [];
    this.#open.delete(choice);
    return calls.map(
      ({ index, id, type, name, text }) => new ToolCall({ choice, index, id, type, name, arguments: text }),
    );
  }

  #callsOf(choice: number): OpenCall[] {
    let calls = this.#open.get(choice);
    if (!calls) this.#open.set(choice, (calls = []));
    return calls;
  }

  #addCall(choice: number, delta: CallDelta): void {
    const calls = this.#callsOf(choice);
    const name = delta.function?.name ?? delta.custom?.name ?? '';
    const id = delta.id ?? '';
    const key = delta.index ?? undefined;
    const payload = delta.custom ? delta.custom.input : delta.function?.arguments;
    let call = findCall(calls, key, id, name, payload);
    if (!call) {
      const type = delta.custom || delta.type === 'custom' ? 'custom' : 'function';
      call = { key, index: freeIndex(calls, key), id, type, name, text: '' };
      calls.push(call);
    }
    call.id ||= id;
    call.name ||= name;
    addPayload(call, payload);
  }

  #addLegacy(choice: number, { name, arguments: payload }: FunctionDelta): void {
    const calls = this.#callsOf(choice);
    let call = calls.find(({ type }) => type === 'function_call');
    if (!call) {
      const index = freeIndex(calls, undefined);
      call = { key: undefined, index, id: '', type: 'function_call', name: '', text: '' };
      calls.push(call);
    }
    call.name ||= name ?? '';
    addPayload(call, payload);
  }
}

function listOf<T>(value: T[] | null | undefined): T[] {
  return Array.isArray(value) ? value : [];
}

/** The call that a part belongs to, or undefined for a new one. */
function findCall(
  calls: OpenCall[],
  key: number | undefined,
  id: string,
  name: string,
  payload: unknown,
): OpenCall | undefined {
  const candidates = key === undefined ? calls : calls.filter((open) => open.key === key);
  const sameId = id === '' ? undefined : candidates.find((open) => open.id === id);
  const last = candidates.at(-1);
  if (sameId || !last || name === '') return sameId ?? last;
  // Some providers give no index, or number every call 0: a new id together with a name is a new call.
  if (id !== '' && last.id !== '') return undefined;
  // Without an id another name, or without an index a second set of whole arguments, can only be another call.
  const isAnother = last.name !== name || (key === undefined && last.text !== '' && isObject(payload));
  return isAnother && last.name !== '' ? undefined : last;
}

/** The arguments come in pieces of text, or at once as an object. */
function addPayload(call: OpenCall, payload: unknown): void {
  if (typeof payload === 'string') call.text += payload;
  else if (isObject(payload)) call.text = JSON.stringify(payload);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The index that the server gave, unless another call has it; then the first free one after all. */
function freeIndex(calls: OpenCall[], wanted: number | undefined): number {
  if (wanted !== undefined && !calls.some(({ index }) => index === wanted)) return wanted;
  return calls.reduce((next, { index }) => Math.max(next, index + 1), 0);
}
