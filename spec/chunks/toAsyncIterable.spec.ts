import { EMPTY, from, Observable, of, Subject, throwError } from 'rxjs';
import { FlowGate, toAsyncIterable } from 'rxdelta';
import { iterate } from '../../lib/chunks/toAsyncIterable';

const end = { done: true, value: undefined };
const item = <T>(value: T) => ({ done: false, value });

/** Whether the promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

describe('toAsyncIterable', () => {
  async function collect<T>(source: Observable<T>): Promise<T[]> {
    const values: T[] = [];
    for await (const value of toAsyncIterable(source)) values.push(value);
    return values;
  }

  it('gives the values of the source in their order, and ends with it', async () => {
    expect(await collect(from(['a', 'b', 'c']))).toEqual(['a', 'b', 'c']);
    expect(await collect(from(Promise.resolve('later')))).toEqual(['later']);
    expect(await collect(of(undefined, null, 0))).toEqual([undefined, null, 0]);
    expect(await collect(EMPTY)).toEqual([]);
  });

  it('subscribes at the first pull', async () => {
    const source = new Subject<string>();
    const iterator = toAsyncIterable(source)[Symbol.asyncIterator]();
    expect(source.observed).toBe(false);
    const first = iterator.next();
    expect(source.observed).toBe(true);
    source.next('a');
    expect(await first).toEqual(item('a'));
  });

  it('makes a subscription of its own for each iteration, and one only', async () => {
    let subscriptions = 0;
    const iterable = toAsyncIterable(
      new Observable<number>((subscriber) => {
        subscriber.next(++subscriptions);
        subscriber.next(0);
        subscriber.complete();
      }),
    );
    const heard: number[] = [];
    for await (const value of iterable) heard.push(value);
    for await (const value of iterable) heard.push(value);
    expect(heard).toEqual([1, 0, 2, 0]);
  });

  it('keeps what comes before it is pulled', async () => {
    const source = new Subject<string>();
    const iterator = toAsyncIterable(source)[Symbol.asyncIterator]();
    const first = iterator.next();
    for (const value of ['a', 'b', 'c']) source.next(value);
    source.complete();
    expect(await first).toEqual(item('a'));
    expect(await iterator.next()).toEqual(item('b'));
    expect(await iterator.next()).toEqual(item('c'));
    expect(await iterator.next()).toEqual(end);
    expect(await iterator.next()).toEqual(end);
  });

  it('waits for what has not come', async () => {
    const source = new Subject<string>();
    const iterator = toAsyncIterable(source)[Symbol.asyncIterator]();
    const first = iterator.next();
    expect(await isSettled(first)).toBe(false);
    source.next('a');
    expect(await isSettled(first)).toBe(true);
  });

  it('serves pulls that are made at once in their order, and ends those that are left', async () => {
    const source = new Subject<string>();
    const iterator = toAsyncIterable(source)[Symbol.asyncIterator]();
    const pulls = [1, 2, 3, 4].map(() => iterator.next());
    source.next('a');
    source.next('b');
    source.complete();
    expect(await Promise.all(pulls)).toEqual([item('a'), item('b'), end, end]);
  });

  it('throws the error of the source after the values before it, once', async () => {
    const failure = new Error('broken');
    const source = new Subject<string>();
    const iterator = toAsyncIterable(source)[Symbol.asyncIterator]();
    const first = iterator.next();
    source.next('a');
    source.next('b');
    source.error(failure);
    expect(await first).toEqual(item('a'));
    expect(await iterator.next()).toEqual(item('b'));
    await expect(iterator.next()).rejects.toBe(failure);
    expect(await iterator.next()).toEqual(end);
  });

  it('throws an error that comes first', async () => {
    const failure = new Error('broken');
    await expect(collect(throwError(() => failure))).rejects.toBe(failure);
  });

  it('throws an error that is undefined', async () => {
    const iterator = toAsyncIterable(throwError(() => undefined))[Symbol.asyncIterator]();
    const outcome = await iterator.next().then(
      () => 'resolved',
      () => 'rejected',
    );
    expect(outcome).toBe('rejected');
  });

  it('throws the error to the first of the pulls that wait, and ends the others', async () => {
    const failure = new Error('broken');
    const source = new Subject<string>();
    const iterator = toAsyncIterable(source)[Symbol.asyncIterator]();
    const pulls = [1, 2, 3].map(() => iterator.next());
    source.error(failure);
    const outcomes = await Promise.allSettled(pulls);
    expect(outcomes).toEqual([
      { status: 'rejected', reason: failure },
      { status: 'fulfilled', value: end },
      { status: 'fulfilled', value: end },
    ]);
  });

  it('unsubscribes at break, and gives nothing more', async () => {
    const source = new Subject<string>();
    const iterable = toAsyncIterable(source);
    const heard: string[] = [];
    queueMicrotask(() => {
      for (const value of ['a', 'b']) source.next(value);
    });
    for await (const value of iterable) {
      heard.push(value);
      expect(source.observed).toBe(true);
      break;
    }
    expect(source.observed).toBe(false);
    expect(heard).toEqual(['a']);
  });

  it('unsubscribes when the loop throws', async () => {
    const source = new Subject<string>();
    const mistake = new Error('a mistake');
    queueMicrotask(() => {
      source.next('a');
    });
    const loop = async () => {
      for await (const value of toAsyncIterable(source)) throw Object.assign(mistake, { value });
    };
    await expect(loop()).rejects.toBe(mistake);
    expect(source.observed).toBe(false);
  });

  it('ends the pulls that wait when it is returned, and drops what nobody took', async () => {
    const source = new Subject<string>();
    const iterator = toAsyncIterable(source)[Symbol.asyncIterator]();
    const first = iterator.next();
    const second = iterator.next();
    source.next('a');
    expect(await iterator.return?.()).toEqual(end);
    expect(source.observed).toBe(false);
    expect(await Promise.all([first, second])).toEqual([item('a'), end]);
    expect(await iterator.next()).toEqual(end);
  });

  it('gives nothing of its buffer after it was returned', async () => {
    const source = new Subject<string>();
    const iterator = toAsyncIterable(source)[Symbol.asyncIterator]();
    const first = iterator.next();
    for (const value of ['a', 'b', 'c']) source.next(value);
    await first;
    await iterator.next();
    await iterator.return?.();
    expect(await iterator.next()).toEqual(end);
  });

  it('does not throw the error of the source after it was returned', async () => {
    const source = new Subject<string>();
    const iterator = toAsyncIterable(source)[Symbol.asyncIterator]();
    const first = iterator.next();
    for (const value of ['a', 'b']) source.next(value);
    source.error(new Error('broken'));
    await first;
    await iterator.return?.();
    expect(await iterator.next()).toEqual(end);
  });

  it('makes no subscription when it is returned before the first pull', async () => {
    const source = new Subject<string>();
    const iterator = toAsyncIterable(source)[Symbol.asyncIterator]();
    expect(await iterator.return?.()).toEqual(end);
    expect(await iterator.next()).toEqual(end);
    expect(source.observed).toBe(false);
  });

  it('unsubscribes when it is told to throw, and rejects with that error', async () => {
    const source = new Subject<string>();
    const mistake = new Error('a mistake');
    const iterator = toAsyncIterable(source)[Symbol.asyncIterator]();
    const first = iterator.next();
    await expect(iterator.throw?.(mistake)).rejects.toBe(mistake);
    expect(source.observed).toBe(false);
    expect(await first).toEqual(end);
    expect(await iterator.next()).toEqual(end);
  });
});

describe('iterate', () => {
  it('holds the gate while 16 items wait, and lets go when all are taken', async () => {
    const source = new Subject<number>();
    const gate = new FlowGate();
    const iterator = iterate(source, gate);
    const first = iterator.next();
    for (let value = 0; value < 16; value++) source.next(value);
    expect(gate.isOpen).toBe(true);
    source.next(16);
    expect(gate.isOpen).toBe(false);
    expect(await first).toEqual(item(0));
    for (let value = 1; value < 16; value++) {
      expect(await iterator.next()).toEqual(item(value));
      expect(gate.isOpen).toBe(false);
    }
    expect(await iterator.next()).toEqual(item(16));
    expect(gate.isOpen).toBe(true);
  });

  it('holds it again when as many wait again', async () => {
    const source = new Subject<number>();
    const gate = new FlowGate();
    const iterator = iterate(source, gate);
    for (let round = 0; round < 3; round++) {
      const first = iterator.next();
      for (let value = 0; value < 17; value++) source.next(value);
      expect(gate.isOpen).toBe(false);
      await first;
      for (let value = 1; value < 17; value++) expect(await iterator.next()).toEqual(item(value));
      expect(gate.isOpen).toBe(true);
    }
  });

  it.each([
    ['is returned', (_source: Subject<number>, iterator: AsyncIterator<number>) => iterator.return?.()],
    [
      'is told to throw',
      (_source: Subject<number>, iterator: AsyncIterator<number>) => iterator.throw?.(0).catch(() => 0),
    ],
    [
      'ends with its source',
      (source: Subject<number>) => {
        source.complete();
      },
    ],
    [
      'fails with its source',
      (source: Subject<number>) => {
        source.error(new Error('broken'));
      },
    ],
  ])('lets go when it %s', async (_how, act) => {
    const source = new Subject<number>();
    const gate = new FlowGate();
    const iterator = iterate(source, gate);
    const first = iterator.next();
    for (let value = 0; value < 17; value++) source.next(value);
    expect(gate.isOpen).toBe(false);
    await act(source, iterator);
    expect(gate.isOpen).toBe(true);
    await first;
  });

  it('stops a source that is still being subscribed when it is returned', async () => {
    let isStopped = false;
    const source = new Observable<number>(() => {
      void iterator.return?.();
      return () => {
        isStopped = true;
      };
    });
    const iterator: AsyncIterator<number> = toAsyncIterable(source)[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(isStopped).toBe(true);
  });

  it('subscribes once also where it is pulled again while it does', async () => {
    let count = 0;
    const pulls: Promise<IteratorResult<number>>[] = [];
    const source = new Observable<number>((subscriber) => {
      count++;
      if (pulls.length < 1) pulls.push(iterator.next());
      subscriber.next(1);
      subscriber.next(2);
    });
    const iterator: AsyncIterator<number> = toAsyncIterable(source)[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    expect(await pulls[0]).toEqual({ done: false, value: 2 });
    expect(count).toBe(1);
  });
});
