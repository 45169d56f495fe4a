import { describeChunk } from './describeChunk.ts';

/** Compares what came with what was expected; it throws, or reports in the way of its test runner, when they differ. */
export type AssertDeepEqual = (actual: unknown, expected: unknown) => unknown;

/** What a TestScheduler compares: notifications in time, or subscriptions. */
interface Frame {
  frame?: number;
  notification?: { kind: string; value?: unknown; error?: unknown };
  subscribedFrame?: number;
  unsubscribedFrame?: number;
}

/**
 * Makes the function by which a TestScheduler compares: first in readable lines, such as `20ms next content "Hel"` and
 * `40ms complete`, so that a difference is seen at a glance; then the whole values, so that none is missed.
 *
 * It imports no test runner: the assert function is yours. Errors differ here when their fields do, also under a runner
 * that looks at their messages only. A value that a matcher stands for, such as `expect.anything()`, is left to it.
 *
 * @param assertDeepEqual - how your test runner compares
 * @example
 * ```ts
 * import { deepStrictEqual } from 'node:assert';
 * import { chunkAssert } from 'rxdelta/testing';
 * import { TestScheduler } from 'rxjs/testing';
 *
 * export const scheduler = new TestScheduler(chunkAssert(deepStrictEqual));
 * // under Jest, Vitest or Jasmine: chunkAssert((actual, expected) => expect(actual).toEqual(expected))
 * ```
 */
export function chunkAssert(assertDeepEqual: AssertDeepEqual): (actual: unknown, expected: unknown) => void {
  return (actual, expected) => {
    if (isFrames(actual) && isFrames(expected)) {
      assertDeepEqual(linesOf(actual, expected), linesOf(expected, expected));
    }
    assertDeepEqual(actual, expected);
  };
}

function isFrames(value: unknown): value is Frame[] {
  return Array.isArray(value);
}

/** A line for each frame; where a matcher is expected, without the value. */
function linesOf(frames: Frame[], expected: Frame[]): string[] {
  return frames.map((frame, index) => describeFrame(frame, hasMatcher(expected[index]?.notification)));
}

function describeFrame({ frame, notification, ...log }: Frame, isMatched: boolean): string {
  if (!notification) return `subscribed ${moment(log.subscribedFrame)}, unsubscribed ${moment(log.unsubscribedFrame)}`;
  const { kind, value, error } = notification;
  const what = kind === 'N' ? 'next' : kind === 'E' ? 'error' : 'complete';
  const shown = kind === 'C' || isMatched ? '' : ` ${describeChunk(kind === 'N' ? value : error)}`;
  return `${moment(frame)} ${what}${shown}`;
}

function moment(frame: number | undefined): string {
  return frame === undefined || frame === Infinity ? 'never' : `${frame}ms`;
}

/** Whether a matcher of a test runner stands anywhere in what is expected. */
function hasMatcher(expected: unknown): boolean {
  let isFound = false;
  try {
    JSON.stringify(expected, (_, inner: unknown) => {
      isFound ||= typeof (Object(inner) as { asymmetricMatch?: unknown }).asymmetricMatch === 'function';
      return inner;
    });
  } catch {
    // A circle has no lines to compare anyway.
  }
  return isFound;
}
