import { deepStrictEqual } from 'node:assert/strict';
import { APIConnectionError } from 'rxdelta';
import { chunkAssert, chunkMarbles, contentChunk, finish } from 'rxdelta/testing';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';

type Compared = [actual: unknown, expected: unknown];

/** What the assert function of a runner is asked, by a scheduler with `chunkAssert`. It never fails. */
function compared(run: (helpers: RunHelpers) => void): Compared[] {
  const comparisons: Compared[] = [];
  new TestScheduler(chunkAssert((...values) => comparisons.push(values))).run(run);
  return comparisons;
}

/** Runs marbles under the assertions of jest. */
function underJest(run: (helpers: RunHelpers) => void): void {
  new TestScheduler(chunkAssert((actual, expected) => expect(actual).toEqual(expected))).run(run);
}

describe('chunkAssert', () => {
  it('compares readable lines first, then everything', () => {
    const error = new APIConnectionError('Gone', { phase: 'body' });
    const [lines, whole] = compared(({ cold, expectObservable }) => {
      const source = cold(...chunkMarbles('-a-(bc)#', { a: 'Hel', b: 'lo', c: finish() }, error));
      expectObservable(source).toBe(...chunkMarbles('--a|', { a: 'Hal' }));
    });
    expect(lines).toEqual([
      [
        '1ms next content "Hel"',
        '3ms next content "lo"',
        '3ms next finish stop',
        '7ms error APIConnectionError "Gone" {"kind":"connection","phase":"body","retryable":true}',
      ],
      ['2ms next content "Hal"', '3ms complete'],
    ]);
    expect(whole?.[0]).toMatchObject([
      { frame: 1, notification: { value: contentChunk('Hel') } },
      {},
      {},
      { frame: 7 },
    ]);
  });

  it('writes subscriptions as lines', () => {
    const [lines] = compared(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('----a');
      expectSubscriptions(source.subscriptions).toBe(['^--!', '-^']);
      expectObservable(source, '--^-!');
    });
    expect(lines).toEqual([
      ['subscribed 2ms, unsubscribed 4ms'],
      ['subscribed 0ms, unsubscribed 3ms', 'subscribed 1ms, unsubscribed never'],
    ]);
  });

  it('shows the difference', () => {
    expect(() => {
      underJest(({ cold, expectObservable }) => {
        expectObservable(cold(...chunkMarbles('-a-|', { a: 'Hel' }))).toBe(...chunkMarbles('-a-|', { a: 'Hal' }));
      });
    }).toThrow(/- {3}"1ms next content \\"Hal\\"",\n.*\+ {3}"1ms next content \\"Hel\\"",\n.* {4}"3ms complete"/);
  });

  it('misses no difference that the lines do not show', () => {
    expect(() => {
      underJest(({ cold, expectObservable }) => {
        expectObservable(cold('a|', { a: contentChunk('Hel') })).toBe('a|', {
          a: contentChunk('Hel', { id: 'other' }),
        });
      });
    }).toThrow(/chatcmpl-1/);
  });

  it('tells errors apart by their fields, where jest compares messages', () => {
    const failed = (phase: 'body' | 'head') => new APIConnectionError('Gone', { phase });
    expect(failed('body')).toEqual(failed('head'));
    expect(() => {
      underJest(({ cold, expectObservable }) => {
        expectObservable(cold('#', {}, failed('body'))).toBe('#', {}, failed('head'));
      });
    }).toThrow(/"phase\\":\\"body/);
  });

  it('leaves to a matcher what stands for it', () => {
    underJest(({ cold, expectObservable }) => {
      const source = cold(...chunkMarbles('ab#', { a: 'Hel' }));
      const matchers = {
        a: expect.objectContaining({ id: 'chatcmpl-1' }),
        b: { ...contentChunk('b'), id: expect.any(String) },
      };
      expectObservable(source).toBe('ab#', matchers, expect.any(APIConnectionError));
    });
    expect(() => {
      underJest(({ cold, expectObservable }) => {
        expectObservable(cold('-a|', { a: 1 })).toBe('-a|', { a: expect.any(String) });
      });
    }).toThrow(/Any<String>/);
  });

  it('takes values that are no JSON', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const values = { a: circle, b: 1n, c: undefined };
    underJest(({ cold, expectObservable }) => {
      expectObservable(cold('abc|', values)).toBe('abc|', values);
    });
    expect(() => {
      underJest(({ cold, expectObservable }) => {
        expectObservable(cold('a|', values)).toBe('b|', values);
      });
    }).toThrow(/BigInt/);
  });

  it('does not mind the order of fields', () => {
    underJest(({ cold, expectObservable }) => {
      expectObservable(cold('a|', { a: { x: 1, y: 2 } })).toBe('a|', { a: { y: 2, x: 1 } });
    });
  });

  it('works with the assertions of Node', () => {
    const underNode = (run: (helpers: RunHelpers) => void) => {
      new TestScheduler(chunkAssert(deepStrictEqual)).run(run);
    };
    underNode(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(...chunkMarbles('-a-|', { a: 'Hel' }));
      expectObservable(source).toBe(...chunkMarbles('-a-|', { a: 'Hel' }));
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
    expect(() => {
      underNode(({ cold, expectObservable }) => {
        expectObservable(cold('-a')).toBe('--a');
      });
    }).toThrow(/1ms next "a"/);
  });
});
