import { transformSync } from 'esbuild';
import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { concat, concatMap, from, map, Observable, of, range, Subject, take, timer, toArray } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { concatMapGated, FlowGate } from 'rxdelta';
import { Endless, marbles } from '../support/marbles';

describe('concatMapGated', () => {
  let gate: FlowGate;
  let changes: boolean[];
  let warn: jest.SpyInstance;

  /** A gate that is read, and what it does. */
  function openGate(): void {
    gate = new FlowGate();
    changes = [];
    gate.open$.subscribe((isOpen) => changes.push(isOpen));
  }

  beforeEach(() => {
    openGate();
    warn = jest.spyOn(console, 'warn').mockImplementation();
  });

  afterEach(() => {
    expect(gate.isOpen).toBe(true);
    expect(warn.mock.calls).toEqual([]);
    warn.mockRestore();
  });

  describe('that takes three frames for each value and lets one wait', () => {
    type Slow = (source: Observable<string>) => Observable<string>;

    function slowly(run: (helpers: RunHelpers, slow: Slow) => void): void {
      marbles((helpers) => {
        const project = (value: string) => helpers.cold('---(v|)', { v: value });
        run(helpers, concatMapGated(gate, project, { highWaterMark: 1 }));
      });
    }

    it('maps one after the other, and holds the gate while more wait', () => {
      slowly(({ cold, expectObservable, expectSubscriptions }, slow) => {
        const source = cold(' abcd------------|');
        const subscription = '^---------------!';
        const expected = '    ---a--b--c--d---|';
        const gated = '       t-f---t';
        expectObservable(source.pipe(slow)).toBe(expected);
        expectObservable(gate.open$).toBe(gated, { t: true, f: false });
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('maps one', () => {
      slowly(({ cold, expectObservable, expectSubscriptions }, slow) => {
        const source = cold(' --a------|');
        const subscription = '^--------!';
        const expected = '    -----a---|';
        expectObservable(source.pipe(slow)).toBe(expected);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
      expect(changes).toEqual([true]);
    });

    it('completes with an empty source', () => {
      slowly(({ cold, expectObservable, expectSubscriptions }, slow) => {
        const source = cold(' --|');
        const subscription = '^-!';
        const expected = '    --|';
        expectObservable(source.pipe(slow)).toBe(expected);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('stays silent with a source that never emits', () => {
      slowly(({ cold, expectObservable, expectSubscriptions }, slow) => {
        const source = cold(' -');
        const subscription = '^';
        const expected = '    -';
        expectObservable(source.pipe(slow)).toBe(expected);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('maps what waits when the source completes, and completes after it', () => {
      slowly(({ cold, expectObservable, expectSubscriptions }, slow) => {
        const source = cold(' (abc|)');
        const subscription = '(^!)';
        const expected = '    ---a--b--(c|)';
        expectObservable(source.pipe(slow)).toBe(expected);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
      expect(changes).toEqual([true, false, true]);
    });

    it('passes an error of the source on at once, and lets the gate go', () => {
      slowly(({ cold, expectObservable, expectSubscriptions }, slow) => {
        const failure = new Error('broken');
        const source = cold(' abcd-#', undefined, failure);
        const subscription = '^----!';
        const expected = '    ---a-#';
        const gated = '       t-f--t';
        expectObservable(gate.open$).toBe(gated, { t: true, f: false });
        expectObservable(source.pipe(slow)).toBe(expected, undefined, failure);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('passes an error on that comes first', () => {
      slowly(({ cold, expectObservable, expectSubscriptions }, slow) => {
        const failure = new Error('broken');
        const source = cold(' --#', undefined, failure);
        const subscription = '^-!';
        const expected = '    --#';
        expectObservable(source.pipe(slow)).toBe(expected, undefined, failure);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('stops the source and lets the gate go when it is unsubscribed', () => {
      slowly(({ cold, expectObservable, expectSubscriptions }, slow) => {
        const source = cold('   abcd--');
        const subscription = '  ^---!';
        const unsubscription = '----!';
        const expected = '      ---a-';
        const gated = '         t-f-t';
        expectObservable(source.pipe(slow), unsubscription).toBe(expected);
        expectObservable(gate.open$).toBe(gated, { t: true, f: false });
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('counts apart for a second subscriber, who holds the same gate', () => {
      slowly(({ cold, expectObservable, expectSubscriptions }, slow) => {
        const source = cold('       abc------|');
        const firstSubscription = ' ^--------!';
        const firstExpected = '     ---a--b--(c|)';
        const secondSubscription = '--^--------!';
        const secondExpected = '    -----a--b--(c|)';
        const gated = '             t-ftft';
        const result = source.pipe(slow);
        expectObservable(result).toBe(firstExpected);
        expectObservable(result, '--^').toBe(secondExpected);
        expectObservable(gate.open$).toBe(gated, { t: true, f: false });
        expectSubscriptions(source.subscriptions).toBe([firstSubscription, secondSubscription]);
      });
    });

    it('unsubscribes what it has begun when it is unsubscribed', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('    ab----');
        const inner = cold('     --x--y--|');
        const unsubscription = ' -----!';
        const expected = '       --x--';
        const innerSubscription = '^----!';
        expectObservable(source.pipe(concatMapGated(gate, () => inner)), unsubscription).toBe(expected.padEnd(6, '-'));
        expectSubscriptions(inner.subscriptions).toBe(innerSubscription);
      });
    });
  });

  it('gives what concatMap gives, for any source and any time that the values take', () => {
    const source = fc.array(fc.nat(3), { maxLength: 12 });
    const ends = fc.constantFrom('|', '#', '');
    const times = fc.array(fc.nat(4), { minLength: 12, maxLength: 12 });
    const innerEnds = fc.constantFrom('|', '|', '|', '|', '#');
    fc.assert(
      fc.property(source, ends, times, innerEnds, fc.nat(3), (gaps, end, delays, innerEnd, highWaterMark) => {
        openGate();
        const diagram = gaps.map((gap, index) => `${'-'.repeat(gap)}${'abcdefghijkl'[index]}`).join('') + end;
        marbles(({ cold, expectObservable }) => {
          const values = cold(diagram);
          const project = (_: string, index: number) => {
            const waited = delays[index] ?? 0;
            return waited === 0 && innerEnd === '|'
              ? of(index)
              : cold(`${'-'.repeat(waited)}(i${innerEnd})`, { i: index });
          };
          const ours = values.pipe(concatMapGated(gate, project, { highWaterMark }));
          expectObservable(ours).toEqual(values.pipe(concatMap(project)));
        });
        if (end) expect(gate.isOpen).toBe(true);
      }),
    );
    openGate();
  });

  it('holds the gate while more than 16 wait, unless told otherwise', () => {
    const source = new Subject<number>();
    const steps = new Subject<number>();
    const subscription = source.pipe(concatMapGated(gate, () => steps.pipe(take(1)))).subscribe();
    const seen: boolean[] = [];
    for (let index = 0; index < 20; index++) {
      source.next(index);
      seen.push(gate.isOpen);
    }
    expect(seen.indexOf(false)).toBe(17);
    steps.next(0);
    steps.next(0);
    expect(gate.isOpen).toBe(false);
    steps.next(0);
    expect(gate.isOpen).toBe(true);
    subscription.unsubscribe();
  });

  it('holds the gate while anything waits, for a mark of 0, but not for what is taken at once', () => {
    const source = new Subject<string>();
    const steps = new Subject<string>();
    const subscription = source
      .pipe(concatMapGated(gate, (value) => (value === 'slow' ? steps.pipe(take(1)) : of(value)), { highWaterMark: 0 }))
      .subscribe();
    for (const value of ['quick', 'slow', 'quick']) source.next(value);
    steps.next('');
    expect(changes).toEqual([true, false, true]);
    subscription.unsubscribe();
  });

  it('maps promises and iterables, with the index of each value', () => {
    const heard: unknown[] = [];
    from(['a', 'b'])
      .pipe(concatMapGated(gate, (value, index) => [value, index]))
      .subscribe({ next: (value) => heard.push(value), complete: () => heard.push('complete') });
    expect(heard).toEqual(['a', 0, 'b', 1, 'complete']);
  });

  it('takes thousands that wait and complete at once, where concatMap runs out of stack', async () => {
    const last = await new Promise((resolve, reject) => {
      range(0, 20_000)
        .pipe(
          concatMapGated(gate, (value) => (value === 0 ? timer(1).pipe(map(() => 0)) : of(value))),
          toArray(),
        )
        .subscribe({
          next: (values) => resolve(values.filter((value, index) => value === index).length),
          error: reject,
        });
    });
    expect(last).toBe(20_000);
    expect(changes).toEqual([true, false, true]);
  });

  it('begins nothing further once it was unsubscribed by what it emitted', () => {
    const begun: number[] = [];
    from([0, 1, 2])
      .pipe(
        concatMapGated(gate, (value) => {
          begun.push(value);
          return of(value);
        }),
        take(1),
      )
      .subscribe();
    expect(begun).toEqual([0]);
  });

  it('stops an endless synchronous source, and an endless synchronous result', () => {
    const sources = new Endless((index) => index);
    sources.values
      .pipe(
        concatMapGated(gate, (value) => of(value)),
        take(3),
      )
      .subscribe();
    expect(sources.produced).toBe(3);
    const results = new Endless((index) => index);
    of('one')
      .pipe(
        concatMapGated(gate, () => results.values),
        take(3),
      )
      .subscribe();
    expect(results.produced).toBe(3);
  });

  it('keeps the order when a result makes the source emit again', () => {
    const source = new Subject<number>();
    const heard: number[] = [];
    source.pipe(concatMapGated(gate, (value) => of(value))).subscribe((value) => {
      if (value < 3) source.next(value + 1);
      heard.push(value);
    });
    source.next(0);
    expect(heard).toEqual([0, 1, 2, 3]);
  });

  it('makes an error of a throw of the function, and stops the source', () => {
    const failure = new Error('a mistake of the caller');
    const source = new Subject<number>();
    const heard: unknown[] = [];
    source
      .pipe(
        concatMapGated(gate, () => {
          throw failure;
        }),
      )
      .subscribe({ error: (error: unknown) => heard.push(error) });
    source.next(1);
    expect(heard).toEqual([failure]);
    expect(source.observed).toBe(false);
  });

  it('makes an error of a throw of the function for a value that had waited', () => {
    const failure = new Error('a mistake of the caller');
    const source = new Subject<number>();
    const first = new Subject<number>();
    const heard: unknown[] = [];
    source
      .pipe(
        concatMapGated(gate, (value) => {
          if (value > 0) throw failure;
          return first;
        }),
      )
      .subscribe({ error: (error: unknown) => heard.push(error) });
    for (const value of [0, 1, 2]) source.next(value);
    first.complete();
    expect(heard).toEqual([failure]);
    expect(source.observed).toBe(false);
  });

  it('lets the gate go when a result fails', () => {
    const failure = new Error('no room');
    const source = new Subject<number>();
    const result = new Subject<number>();
    const heard: unknown[] = [];
    source
      .pipe(concatMapGated(gate, () => result, { highWaterMark: 0 }))
      .subscribe({ error: (error: unknown) => heard.push(error) });
    for (const value of [0, 1, 2]) source.next(value);
    expect(gate.isOpen).toBe(false);
    result.error(failure);
    expect(heard).toEqual([failure]);
    expect(source.observed).toBe(false);
  });

  it('lets the gate go when it is the gate that has it unsubscribed', () => {
    const source = new Subject<number>();
    const subscription = source.pipe(concatMapGated(gate, () => new Subject(), { highWaterMark: 0 })).subscribe();
    gate.open$.subscribe((isOpen) => {
      if (!isOpen) subscription.unsubscribe();
    });
    for (const value of [0, 1, 2]) source.next(value);
    expect(changes).toEqual([true, false, true]);
  });

  it('leaves the holds of others alone', () => {
    const release = gate.hold();
    const heard: unknown[] = [];
    range(0, 40)
      .pipe(
        concatMapGated(gate, (value) => timer(0, new TestScheduler(() => true)).pipe(map(() => value)), {
          highWaterMark: 0,
        }),
      )
      .subscribe((value) => heard.push(value))
      .unsubscribe();
    expect(gate.isOpen).toBe(false);
    release();
    expect(heard).toEqual([]);
  });

  it.each([-1, 1.5, NaN, Infinity, '2' as unknown as number])(
    'throws a RangeError at once for a mark of %p',
    (highWaterMark) => {
      expect(() => concatMapGated(gate, (value) => of(value), { highWaterMark })).toThrow(RangeError);
    },
  );

  describe('with a gate that no request reads', () => {
    const never = new Observable<never>();
    const fill = (unread: FlowGate) =>
      concat(range(0, 20), never)
        .pipe(concatMapGated(unread, () => never))
        .subscribe()
        .unsubscribe();
    const environment = process.env.NODE_ENV;

    afterEach(() => {
      process.env.NODE_ENV = environment;
      warn.mockClear();
    });

    it('warns once of each', () => {
      const unread = new FlowGate();
      fill(unread);
      fill(unread);
      expect(warn.mock.calls).toEqual([[expect.stringMatching(/^rxdelta: no request reads this FlowGate/)]]);
      fill(new FlowGate());
      expect(warn).toHaveBeenCalledTimes(2);
    });

    it('says nothing of it while nothing is held', () => {
      range(0, 20)
        .pipe(concatMapGated(new FlowGate(), (value) => of(value)))
        .subscribe();
      expect(warn.mock.calls).toEqual([]);
    });

    it('says nothing of it in production', () => {
      process.env.NODE_ENV = 'production';
      fill(new FlowGate());
      expect(warn.mock.calls).toEqual([]);
    });

    it.each([undefined, null, {}, { env: null }, { env: {} }])('warns of it on a page whose process is %j', (page) => {
      const { process: own } = globalThis;
      const heard: unknown[] = [];
      globalThis.process = page as never;
      try {
        range(0, 20)
          .pipe(concatMapGated(new FlowGate(), () => never))
          .subscribe({ error: (error: unknown) => heard.push(error) })
          .unsubscribe();
      } finally {
        globalThis.process = own;
      }
      expect(heard).toEqual([]);
      expect(warn).toHaveBeenCalledTimes(1);
    });

    it('lets a bundler say that it is production, also where there is no process', () => {
      const source = readFileSync('lib/operators/warnIfUnread.ts', 'utf8');
      const { code } = transformSync(source, { loader: 'ts', define: { 'process.env.NODE_ENV': '"production"' } });
      const written: unknown[] = [];
      const page = { process: undefined, console: { warn: (text: string) => written.push(text) } };
      runInNewContext(`${code.replace('export ', '')} warnIfUnread({ changes: {} })`, page);
      expect(written).toEqual([]);
    });
  });
});
