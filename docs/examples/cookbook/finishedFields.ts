import { defer, distinctUntilChanged, map, type OperatorFunction } from 'rxjs';
import { accumulateToolCalls } from 'rxdelta';
import type { ChatCompletionChunk } from 'rxdelta/openai';

/** The names of the fields that are whole in the arguments of the first tool call, each time that there is one more. */
export function finishedFields(): OperatorFunction<ChatCompletionChunk, readonly string[]> {
  return (chunks) =>
    defer(() => {
      let reader = new FieldReader();
      return chunks.pipe(
        accumulateToolCalls(),
        map(([call]) => {
          const json = call?.arguments ?? '';
          if (json.length < reader.position) reader = new FieldReader(); // the answer has started again
          return reader.read(json);
        }),
        distinctUntilChanged(),
      );
    });
}

/** Reads JSON that grows, each character once. */
class FieldReader {
  position = 0;
  #finished: readonly string[] = [];
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #stringStart = 0;
  #string = '';
  #name = '';

  /** The names of the finished fields: the same list as long as there is no new one. */
  read(json: string): readonly string[] {
    for (; this.position < json.length; this.position++) this.#take(json, json[this.position]);
    return this.#finished;
  }

  #take(json: string, character: string | undefined): void {
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (character === '\\') this.#isEscaped = true;
      else if (character === '"') {
        this.#isInString = false;
        this.#string = json.slice(this.#stringStart, this.position);
      }
      return;
    }
    if (character === '"') {
      this.#isInString = true;
      this.#stringStart = this.position + 1;
    } else if (character === '{' || character === '[') this.#depth++;
    else if (character === ':' && this.#depth === 1) this.#name = this.#string;
    else if (character === ',' && this.#depth === 1) this.#finish();
    else if (character === '}' || character === ']') {
      if (this.#depth === 1 && this.#name) this.#finish();
      this.#depth--;
    }
  }

  #finish(): void {
    this.#finished = [...this.#finished, this.#name];
    this.#name = '';
  }
}
