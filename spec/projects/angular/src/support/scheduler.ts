import { chunkAssert } from 'rxdelta/testing';
import { TestScheduler } from 'rxjs/testing';
import { expect } from 'vitest';

/** Keeps virtual time, and compares by Vitest. */
export function scheduler(): TestScheduler {
  return new TestScheduler(chunkAssert((actual, expected) => expect(actual).toEqual(expected)));
}
