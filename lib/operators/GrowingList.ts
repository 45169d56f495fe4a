/** A list that only grows, shared by all its snapshots: what one of them holds is copied when somebody reads it. */
export class GrowingList {
  readonly #items: unknown[] = [];

  /** Adds items; anything but a list adds nothing. */
  push(items: unknown): void {
    if (Array.isArray(items)) for (const item of items as unknown[]) this.#items.push(item);
  }

  /** Gives an object a field that reads as the list so far. */
  define<T extends object>(target: T, name: string): T {
    const { length } = this.#items;
    let copy: unknown[] | undefined;
    const get = () => (copy ??= this.#items.slice(0, length));
    return Object.defineProperty(target, name, { get, enumerable: true, configurable: true });
  }
}
