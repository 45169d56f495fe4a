import type { Response } from '../openai/index.ts';
import type { GrowingList } from './GrowingList.ts';
import { checkIndex } from './checkIndex.ts';
import { itemAfter } from './itemAfter.ts';
import { isFields, type Fields } from './takeFields.ts';

/** The events that carry the Response; those of the second kind are the last. */
const LIFECYCLE = /^response\.(?:created|queued|in_progress|(completed|incomplete|cancelled|failed))$/;

/** A Response whose output is a list. */
type OpenResponse = Fields & { readonly output: readonly Fields[]; readonly output_text: string };

/** Puts a Response together. Each snapshot shares with the one before what has not changed, and stays as it is. */
export class ResponseSnapshot {
  /** At first, what stands for a Response that the server has not told of. */
  #response: OpenResponse = { id: '', object: 'response', status: 'in_progress', output: [], output_text: '' };
  /** The index that the server gave to each item of the output. */
  #places: number[] = [];
  readonly #growing = new WeakMap<object, GrowingList>();

  /** Takes an event; gives the Response so far, or undefined when nothing changed. */
  add(event: object): Response | undefined {
    const known = this.#response;
    const { type, response } = event as Fields;
    const lifecycle = LIFECYCLE.exec(String(type));
    this.#response =
      lifecycle && isFields(response) ? this.#adopt(response, lifecycle[1] !== undefined) : this.#read(event as Fields);
    return this.#response === known ? undefined : (this.#response as unknown as Response);
  }

  /** Takes over a Response as the server has it. Before the last one, it may know less of the output than we do. */
  #adopt(response: Fields, isTerminal: boolean): OpenResponse {
    const { output: known } = this.#response;
    const sent = Array.isArray(response.output) ? (response.output as unknown[]).filter(isFields) : [];
    const isNewer = sent.length > 0 && (isTerminal || sent.length >= known.length);
    if (isNewer) this.#places = sent.map(({ id }, at) => this.#places[this.#indexOf(id)] ?? at);
    return withOutput(response, isNewer ? sent : known, response.output_text);
  }

  #read(event: Fields): OpenResponse {
    const { output } = this.#response;
    const { output_index, item_id, item, type } = event;
    const id = item_id ?? (isFields(item) ? (item.id ?? item.call_id) : undefined);
    const place = (output_index ?? this.#placeOf(id)) as number;
    const isAdded = type === 'response.output_item.added';
    const own = this.#indexOf(id, place, isAdded);
    // Some servers change the ids, and some give several items one place.
    const at = own < 0 ? this.#places.lastIndexOf(place) : own;
    const known = output[at];
    const changed = itemAfter(known, event, own >= 0, this.#growing);
    if (!changed || changed === known) return this.#response;
    const next = [...output];
    if (known && (own >= 0 || (changed.type === known.type && !(isAdded && id && known.id)))) next[at] = changed;
    else {
      // It only tells the order, so that gaps cost nothing.
      checkIndex(place, 'output_index', Infinity);
      const after = this.#places.findIndex((other) => other > place);
      const to = after < 0 ? next.length : after;
      next.splice(to, 0, changed);
      this.#places.splice(to, 0, place);
    }
    return withOutput(this.#response, next);
  }

  /** Where a server gives no index: that of the item with this id, or the next one. */
  #placeOf(id: unknown): number {
    return this.#places[this.#indexOf(id)] ?? (this.#places.at(-1) ?? -1) + 1;
  }

  /**
   * The item with this id, first of all at this place.
   *
   * @param isThere - whether one elsewhere is another
   */
  #indexOf(id: unknown, place?: number, isThere = false): number {
    const { output } = this.#response;
    const isOwn = (item: Fields) => id && (item.id === id || item.call_id === id);
    const at = output.findIndex((item, index) => isOwn(item) && this.#places[index] === place);
    return at < 0 && !isThere ? output.findIndex(isOwn) : at;
  }
}

/** @param text - all text of the output, where the server sends it too */
function withOutput(response: Fields, output: readonly Fields[], text?: unknown): OpenResponse {
  return { ...response, output, output_text: typeof text === 'string' && text ? text : textOf(output) };
}

/** All text of the output. Joined piece by piece, since to join a list would copy the text. */
function textOf(output: readonly Fields[]): string {
  let all = '';
  for (const { type, content } of output) {
    if (type !== 'message' || !Array.isArray(content)) continue;
    for (const part of content as (Fields | undefined)[]) {
      if (part?.type === 'output_text' && typeof part.text === 'string') all += part.text;
    }
  }
  return all;
}
