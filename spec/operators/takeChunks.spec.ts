import { defer, from, Subject, take } from 'rxjs';
import { takeChunks } from 'rxdelta';
import { Endless, marbles } from '../support/marbles';

describe('takeChunks', () => {
  it('emits the first chunks, then completes and stops the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --a--b--c--d--');
      const subscription = '^----!';
      const expected = '    --a--(b|)';
      expectObservable(source.pipe(takeChunks(2))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits one chunk', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --a--b--c--|');
      const subscription = '^-!';
      const expected = '    --(a|)';
      expectObservable(source.pipe(takeChunks(1))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('completes with a source that has fewer chunks', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --a--|');
      const subscription = '^----!';
      const expected = '    --a--|';
      expectObservable(source.pipe(takeChunks(2))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits nothing of an empty source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --|');
      const subscription = '^-!';
      const expected = '    --|';
      expectObservable(source.pipe(takeChunks(2))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stays silent with a source that never emits', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -');
      const subscription = '^';
      const expected = '    -';
      expectObservable(source.pipe(takeChunks(2))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through that comes before the last chunk', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --a--#', undefined, failure);
      const subscription = '^----!';
      const expected = '    --a--#';
      expectObservable(source.pipe(takeChunks(2))).toBe(expected, undefined, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through that comes first', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --#', undefined, failure);
      const subscription = '^-!';
      const expected = '    --#';
      expectObservable(source.pipe(takeChunks(2))).toBe(expected, undefined, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('does not see an error that comes after the last chunk', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --a--b--#');
      const subscription = '^----!';
      const expected = '    --a--(b|)';
      expectObservable(source.pipe(takeChunks(2))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stops the source when it is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('   --a--b--c--|');
      const subscription = '  ^---!';
      const unsubscription = '----!';
      const expected = '      --a--';
      expectObservable(source.pipe(takeChunks(2)), unsubscription).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('counts anew for a second subscriber', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('       --a--b--c--|');
      const firstSubscription = ' ^----!';
      const firstExpected = '     --a--(b|)';
      const secondSubscription = '---^----!';
      const secondExpected = '    -----a--(b|)';
      const result = source.pipe(takeChunks(2));
      expectObservable(result).toBe(firstExpected);
      expectObservable(result, '---^').toBe(secondExpected);
      expectSubscriptions(source.subscriptions).toBe([firstSubscription, secondSubscription]);
    });
  });

  it('hands an error of the source function on', () => {
    const failure = new Error('no source');
    const heard: unknown[] = [];
    defer(() => {
      throw failure;
    })
      .pipe(takeChunks(1))
      .subscribe({ error: (error: unknown) => heard.push(error) });
    expect(heard).toEqual([failure]);
  });

  it('reads a synchronous source', () => {
    marbles(({ expectObservable }) => {
      const expected = '(ab|)';
      expectObservable(from(['a', 'b', 'c']).pipe(takeChunks(2))).toBe(expected);
    });
  });

  it('stops an endless synchronous source at the last chunk', () => {
    const endless = new Endless((index) => index);
    const heard: number[] = [];
    endless.values.pipe(takeChunks(3)).subscribe((value) => heard.push(value));
    expect(heard).toEqual([0, 1, 2]);
    expect(endless.produced).toBe(3);
  });

  it('emits no more than its count when the last chunk makes the source emit again', () => {
    const source = new Subject<string>();
    const heard: string[] = [];
    source.pipe(takeChunks(1)).subscribe((chunk) => {
      heard.push(chunk);
      source.next('again');
    });
    source.next('once');
    expect(heard).toEqual(['once']);
    expect(source.observed).toBe(false);
  });

  it('hands one chunk to take(1) also when that makes the source emit again', () => {
    const source = new Subject<string>();
    const heard: string[] = [];
    source.pipe(takeChunks(5), take(1)).subscribe((chunk) => {
      heard.push(chunk);
      source.next('again');
    });
    source.next('once');
    expect(heard).toEqual(['once']);
    expect(source.observed).toBe(false);
  });

  it('hands on the very chunks, frozen ones too', () => {
    const source = new Subject<object>();
    const heard: object[] = [];
    source.pipe(takeChunks(2)).subscribe((chunk) => heard.push(chunk));
    const sent = [Object.freeze({ choices: Object.freeze([]) }), { data: '[DONE]' }, {}];
    for (const chunk of sent) source.next(chunk);
    expect(heard).toHaveLength(2);
    expect(heard[0]).toBe(sent[0]);
    expect(heard[1]).toBe(sent[1]);
    expect(source.observed).toBe(false);
  });

  it('makes no subscription for a count of 0', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--a--b--|');
      const expected = '   |';
      expectObservable(source.pipe(takeChunks(0))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe([]);
    });
  });

  it.each([-1, 1.5, NaN, Infinity, '2' as unknown as number, undefined as unknown as number])(
    'throws a RangeError at once for a count of %p',
    (count) => {
      expect(() => takeChunks(count)).toThrow(RangeError);
    },
  );
});
