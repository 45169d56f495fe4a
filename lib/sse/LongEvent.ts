/** An event, or a part of one, as the parser gives it. */
interface Message {
  data: string;
  event?: string | undefined;
  id?: string | undefined;
}

/**
 * An event of very many lines, taken from the parser part by part: the parser would keep a multiple of their length. To
 * hand out a part it is given an empty line of data and the end of an event, and before the next part an empty line again.
 */
export class LongEvent {
  /** The lines so far, each behind a line feed. */
  readonly #parts: string[] = [];
  #event: string | undefined;
  #id: string | undefined;
  /** In characters. */
  length = 0;

  /** Adds the lines before an end that is not that of the event. */
  add({ data, ...fields }: Message): void {
    const lines = data.slice(0, -1);
    this.#add(this.#parts.length > 0 || data === '' ? lines : `\n${lines}`, fields);
  }

  /** Adds the lines before the end; gives the event, or undefined when it has no data. */
  end({ data, ...fields }: Message): Message | undefined {
    this.#add(data, fields);
    const lines = this.#parts.join('');
    return lines === '' ? undefined : { data: lines.slice(1), event: this.#event, id: this.#id };
  }

  #add(lines: string, { event = this.#event, id = this.#id }: Omit<Message, 'data'>): void {
    this.#event = event;
    this.#id = id;
    this.#parts.push(lines);
    this.length += lines.length;
  }
}
