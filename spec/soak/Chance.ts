/** Chance that can be had again: the same seed gives the same numbers. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 to 1, by mulberry32. */
  number(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from the first to the last. */
  whole(first: number, last: number): number {
    return first + Math.floor(this.number() * (last - first + 1));
  }

  /** Whether something comes to pass that does so in this part of all cases. */
  happens(part: number): boolean {
    return this.number() < part;
  }

  /** One of the keys, each as often as its weight says. */
  pick<T extends string>(weights: Record<T, number>): T {
    const entries = Object.entries<number>(weights) as [T, number][];
    let rest = this.number() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of entries) if ((rest -= weight) < 0) return key;
    return entries[0]![0];
  }

  /** Some words, of characters of every width. */
  text(): string {
    const alphabet = ['robot ', 'Wörter ', '面', '😀 ', 'e\u{301}', '\n', '"quoted" ', 'x', '\\ ', '\u{2028}'];
    return Array.from({ length: this.whole(1, 8) }, () => alphabet[this.whole(0, alphabet.length - 1)]).join('');
  }
}
