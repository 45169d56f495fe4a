import { joinFields } from './joinFields.ts';
import { isFields, type Fields } from './takeFields.ts';

/** The fields of a detail that come in pieces. */
const TEXTS = ['text', 'summary'];

/** Puts `reasoning_details` (OpenRouter) together: the parts of one type, index and id are one detail. */
export class ReasoningDetails {
  readonly #details: unknown[] = [];
  /** The last place of what a part may name, since one may leave out the index or the id. */
  readonly #places = new Map<string, number>();

  /** Adds parts; gives all details so far. */
  add(parts: readonly unknown[]): unknown[] {
    const details = this.#details;
    for (const part of parts) {
      let at = isFields(part) ? (this.#places.get(keyOf(part)) ?? -1) : -1;
      while (at >= 0 && !areOne(details[at], part)) at--;
      if (at >= 0) details[at] = joinFields(details[at] as Fields, part as Fields, TEXTS);
      else this.#open(part);
    }
    return [...details];
  }

  #open(part: unknown): void {
    const at = this.#details.push(part) - 1;
    if (!isFields(part)) return;
    const { type, index, id } = part;
    for (const named of [part, { type, index }, { type, id }, { type }]) this.#places.set(keyOf(named), at);
  }
}

function keyOf({ type, index, id }: Fields): string {
  return JSON.stringify([type, index, id]);
}

/** Data that is not text comes whole. */
function areOne(detail: unknown, part: unknown): boolean {
  if (!isFields(detail) || !isFields(part) || (detail.data != null && part.data != null)) return false;
  const isSame = (name: string) => part[name] == null || part[name] === detail[name];
  return detail.type === part.type && isSame('index') && isSame('id');
}
