import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Observable } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import type { APIError } from 'rxdelta';
import type { ChatCompletionChunk } from 'rxdelta/openai';
import { chunkAssert, chunkMarbles, type SubscriptionLog } from 'rxdelta/testing';
import { marblesOf } from './marblesOf';

/** The answer of a model, and when it was subscribed. */
export type Answer = Observable<ChatCompletionChunk> & { subscriptions: SubscriptionLog[] };

/** What the spec of a recipe works with: the rows of its page, by name. */
export interface RecipeHelpers extends RunHelpers {
  /** The marbles of a row. */
  row: (name: string) => string;
  /** What stands behind the letters of the block. */
  values: Record<string, any>;
  /** An answer by a row: each letter is a chunk with its text, which `values` may say. `#` stands for the error. */
  answer: (name: string, error?: APIError) => Answer;
  /** Says that a result is what a row shows; `#` stands for the error. It is subscribed as long as another row shows. */
  expectRow: (result: Observable<unknown>, name: string, error?: unknown, during?: string) => void;
  /** Says that a connection is open as long as a row shows. */
  expectOpen: (source: { subscriptions: SubscriptionLog[] }, name: string) => void;
}

/**
 * Runs the marbles of a page: what the page shows is what is checked.
 *
 * @param page - the file in docs/cookbook, without `.md`
 * @param index - which block of marbles, from 0
 * @throws Error when a row of the block was not used, and when an answer is subscribed elsewhere than where its row begins
 */
export function recipe(page: string, index: number, run: (helpers: RecipeHelpers) => void): void {
  const text = readFileSync(join(__dirname, '../../docs/cookbook', `${page}.md`), 'utf8');
  const block = marblesOf(text)[index];
  if (!block) throw new Error(`${page}.md has no block of marbles ${index}`);
  const unused = new Set(block.rows.keys());
  const row = (name: string) => {
    const marbles = block.rows.get(name);
    if (marbles === undefined) throw new Error(`${page}.md has no row ${name}`);
    unused.delete(name);
    return marbles;
  };
  const { values } = block;
  const answers = new Map<string, Answer>();
  new TestScheduler(chunkAssert((actual, expected) => expect(actual).toEqual(expected))).run((helpers) => {
    run({
      ...helpers,
      row,
      values,
      answer: (name, error) => {
        const source = helpers.cold(...chunkMarbles(row(name), textsOf(values), error));
        answers.set(name, source);
        return source;
      },
      expectRow: (result, name, error, during) => {
        const letters = lettersOf(row(name), values);
        helpers.expectObservable(result, during && row(during)).toBe(row(name), letters, error);
      },
      expectOpen: ({ subscriptions }, name) => helpers.expectSubscriptions(subscriptions).toBe(row(name)),
    });
  });
  for (const [name, { subscriptions }] of answers) {
    const begin = row(name).search(/\S/);
    const [{ subscribedFrame } = { subscribedFrame: begin }] = subscriptions;
    if (begin !== subscribedFrame) {
      throw new Error(`${page}.md:${block.line}: ${name} begins at ${subscribedFrame}, not at ${begin}`);
    }
  }
  if (unused.size > 0) throw new Error(`${page}.md:${block.line}: nothing looks at ${[...unused].join(', ')}`);
}

function textsOf(values: Record<string, unknown>): Record<string, string> {
  const texts = Object.entries(values).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(texts) as Record<string, string>;
}

/** A letter without a value stands for itself. */
function lettersOf(marbles: string, values: Record<string, unknown>): Record<string, unknown> {
  return { ...Object.fromEntries(Array.from(marbles, (letter) => [letter, letter])), ...values };
}
