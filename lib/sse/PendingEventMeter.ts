const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;
/** `data: `, the most that a line holds besides its value. */
const PREFIX_LENGTH = 6;

/**
 * Measures the event that is still incomplete, in bytes of its data, so that a stream which never ends its event or its
 * line is refused as soon as it passes the limit, and at the same byte however the bytes were cut into reads.
 *
 * A line of any kind, also a comment, counts as too large when it is longer than a `data:` line may be.
 */
export class PendingEventMeter {
  readonly #limit: number;
  /** The first bytes of the unfinished line: enough to tell a data line. */
  readonly #lineHead = new Uint8Array(PREFIX_LENGTH);
  #lineBytes = 0;
  #dataBytes = 0;
  #hasData = false;
  #afterCR = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Takes note of a read.
   *
   * @returns how many bytes of it may still be used before the limit is passed: usually all, `bytes.length`
   */
  measure(bytes: Uint8Array): number {
    const mayPass = this.#dataBytes + this.#lineBytes + bytes.length > this.#limit;
    return this.#scan(bytes, mayPass ? 0 : this.#skipWholeEvents(bytes));
  }

  /** Where the last event of a read begins. All before it has been, or will be, measured when it is handed over. */
  #skipWholeEvents(bytes: Uint8Array): number {
    let end = bytes.lastIndexOf(LF);
    while (end > 0) {
      const before = bytes[end - 1] === CR ? end - 2 : end - 1;
      if (before < 0) break;
      if (bytes[before] === LF) {
        this.#startLine();
        this.#startEvent();
        this.#afterCR = false;
        return end + 1;
      }
      end = bytes.lastIndexOf(LF, before);
    }
    return 0;
  }

  #scan(bytes: Uint8Array, from: number): number {
    let start = from;
    if (this.#afterCR && bytes.length > start) {
      this.#afterCR = false;
      if (bytes[start] === LF) start++;
    }
    let nextCR = bytes.indexOf(CR, start);
    let nextLF = bytes.indexOf(LF, start);
    while (start < bytes.length) {
      const end = nextCR >= 0 && (nextLF < 0 || nextCR < nextLF) ? nextCR : nextLF;
      const room = this.#extendLine(bytes, start, end < 0 ? bytes.length : end);
      if (room >= 0) return room;
      if (end < 0) break;
      this.#endLine();
      start = end + 1;
      if (end === nextCR) {
        if (start === bytes.length) this.#afterCR = true;
        else if (bytes[start] === LF) start++;
        nextCR = bytes.indexOf(CR, start);
      }
      if (nextLF >= 0 && nextLF < start) nextLF = bytes.indexOf(LF, start);
    }
    return bytes.length;
  }

  /** Adds bytes to the unfinished line; gives the place where the limit was passed, or -1. */
  #extendLine(bytes: Uint8Array, start: number, end: number): number {
    for (let i = start; this.#lineBytes + (i - start) < PREFIX_LENGTH && i < end; i++) {
      this.#lineHead[this.#lineBytes + (i - start)] = bytes[i] ?? 0;
    }
    this.#lineBytes += end - start;
    const excess = Math.max(this.#lineBytes - PREFIX_LENGTH, this.#dataBytesWithLine()) - this.#limit;
    return excess > 0 ? Math.max(start, end - excess) : -1;
  }

  #endLine(): void {
    if (this.#lineBytes === 0) this.#startEvent();
    else if (this.#isDataLine()) {
      this.#dataBytes = this.#dataBytesWithLine();
      this.#hasData = true;
    }
    this.#startLine();
  }

  #dataBytesWithLine(): number {
    if (!this.#isDataLine()) return this.#dataBytes;
    const prefix = this.#lineBytes > 5 && this.#lineHead[5] === SPACE ? 6 : Math.min(5, this.#lineBytes);
    return this.#dataBytes + (this.#hasData ? 1 : 0) + this.#lineBytes - prefix;
  }

  #isDataLine(): boolean {
    const [d, a, t, a2, colon] = this.#lineHead;
    if (this.#lineBytes < 4 || d !== 100 || a !== 97 || t !== 116 || a2 !== 97) return false;
    return this.#lineBytes === 4 || colon === COLON;
  }

  #startLine(): void {
    this.#lineBytes = 0;
  }

  #startEvent(): void {
    this.#dataBytes = 0;
    this.#hasData = false;
  }
}
