import { from, Observable, of, Subject, take, throwError, VirtualTimeScheduler } from 'rxjs';
import {
  accumulateContent,
  APIConnectionError,
  APIConnectionTimeoutError,
  APIStatusError,
  APIStreamError,
  APIUserAbortError,
  MalformedStreamError,
  retryWithBackoff,
  StreamTruncatedError,
  type RetryNotice,
  type RetryWithBackoffOptions,
} from 'rxdelta';
import { content } from '../support/chunks';
import { Endless, inTurn, marbles } from '../support/marbles';

describe('retryWithBackoff', () => {
  // Made anew for each spec: the attempts are counted on the very object.
  let failure: APIConnectionError;
  const short = { initialDelayMs: 3, jitter: 0 };

  beforeEach(() => {
    failure = new APIConnectionError('no connection', { phase: 'connect' });
  });

  /** The waits after each failure of a source that always fails with this error; empty where it is not retried. */
  function waitsFor(error: unknown, options: RetryWithBackoffOptions = {}): number[] {
    const scheduler = new VirtualTimeScheduler();
    const waits: number[] = [];
    let startedAt = 0;
    let isFirst = true;
    const source = new Observable<never>((subscriber) => {
      if (!isFirst) waits.push(scheduler.now() - startedAt);
      isFirst = false;
      startedAt = scheduler.now();
      subscriber.error(error);
    });
    const heard: unknown[] = [];
    source
      .pipe(retryWithBackoff({ scheduler, random: () => 0, ...options }))
      .subscribe({ error: (last: unknown) => heard.push(last) });
    scheduler.flush();
    expect(heard).toEqual([error]);
    expect(heard[0]).toBe(error);
    return waits;
  }

  describe('with a source that does not fail', () => {
    it('passes it through', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' --a--b--c--|');
        const subscription = '^----------!';
        const expected = '    --a--b--c--|';
        expectObservable(source.pipe(retryWithBackoff())).toBe(expected);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('passes one chunk through', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' --a--|');
        const subscription = '^----!';
        const expected = '    --a--|';
        expectObservable(source.pipe(retryWithBackoff())).toBe(expected);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('completes with an empty one', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' --|');
        const subscription = '^-!';
        const expected = '    --|';
        expectObservable(source.pipe(retryWithBackoff())).toBe(expected);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('stays silent with one that never emits', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' -');
        const subscription = '^';
        const expected = '    -';
        expectObservable(source.pipe(retryWithBackoff())).toBe(expected);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('stops it when it is unsubscribed', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('   --a--b--c--|');
        const subscription = '  ^---!';
        const unsubscription = '----!';
        const expected = '      --a--';
        expectObservable(source.pipe(retryWithBackoff()), unsubscription).toBe(expected);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('stops an endless synchronous one as soon as nobody listens', () => {
      const endless = new Endless((index) => index);
      const heard: number[] = [];
      endless.values
        .pipe(retryWithBackoff({ afterFirstChunk: 'restart' }), take(1))
        .subscribe((value) => heard.push(value));
      expect(heard).toEqual([0]);
      expect(endless.produced).toBe(1);
    });

    it('emits one chunk to take(1) also when that makes it emit again', () => {
      const source = new Subject<string>();
      const heard: string[] = [];
      source.pipe(retryWithBackoff(), take(1)).subscribe((chunk) => {
        heard.push(chunk);
        source.next('again');
      });
      source.next('once');
      expect(heard).toEqual(['once']);
      expect(source.observed).toBe(false);
    });
  });

  describe('with a source that fails first', () => {
    it('subscribes it again after a wait, one attempt after the other', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const first = cold('        --#                ', undefined, failure);
        const firstSubscription = ' ^-!                ';
        const second = cold('            -#            ', undefined, failure);
        const secondSubscription = '-----^!           ';
        const third = cold('                    --a-b-|');
        const thirdSubscription = ' ------------^-----!';
        const expected = '          --------------a-b-|';
        expectObservable(inTurn(first, second, third).pipe(retryWithBackoff(short))).toBe(expected);
        expectSubscriptions(first.subscriptions).toBe(firstSubscription);
        expectSubscriptions(second.subscriptions).toBe(secondSubscription);
        expectSubscriptions(third.subscriptions).toBe(thirdSubscription);
      });
    });

    it('delivers the last error as the same object, with the number of attempts', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('--#', undefined, failure);
        const subscriptions = ['^-!', '-----^-!', '-------------^-!'];
        const expected = '   ---------------#';
        expectObservable(source.pipe(retryWithBackoff(short))).toBe(expected, undefined, failure);
        expectSubscriptions(source.subscriptions).toBe(subscriptions);
      });
      expect(failure.attempts).toBe(3);
    });

    it('makes a second subscriber attempts of its own', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('       --#       ', undefined, failure);
        const firstAttempt = '      ^-!       ';
        const secondAttempt = '     -----^-!  ';
        const expected = '          -------#  ';
        const laterSubscription = ' ---^      ';
        const laterFirstAttempt = ' ---^-!    ';
        const laterSecondAttempt = '--------^-!';
        const laterExpected = '     ----------#';
        const result = source.pipe(retryWithBackoff({ ...short, maxRetries: 1 }));
        expectObservable(result).toBe(expected, undefined, failure);
        expectObservable(result, laterSubscription).toBe(laterExpected, undefined, failure);
        const attempts = [firstAttempt, laterFirstAttempt, secondAttempt, laterSecondAttempt];
        expectSubscriptions(source.subscriptions).toBe(attempts);
      });
    });

    it('retries for a second subscriber, though the first had a chunk', () => {
      marbles(({ cold, expectObservable }) => {
        const whole = cold('       -a|         ');
        const failing = cold('        ---#     ', undefined, failure);
        const again = cold('                -b|');
        const expected = '         -a|      ';
        const laterSubscription = '---^     ';
        const laterExpected = '    ----------b|';
        const result = inTurn(whole, failing, again).pipe(retryWithBackoff(short));
        expectObservable(result).toBe(expected);
        expectObservable(result, laterSubscription).toBe(laterExpected);
      });
    });

    it('retries a synchronous source', () => {
      const scheduler = new VirtualTimeScheduler();
      const heard: unknown[] = [];
      inTurn(
        throwError(() => failure),
        of('a', 'b'),
      )
        .pipe(retryWithBackoff({ scheduler }))
        .subscribe({ next: (chunk) => heard.push(chunk), complete: () => heard.push('complete') });
      expect(heard).toEqual([]);
      scheduler.flush();
      expect(heard).toEqual(['a', 'b', 'complete']);
    });

    it.each([true, false])('never has two attempts at once (synchronous: %p)', async (isSynchronous) => {
      let running = 0;
      let most = 0;
      const source = new Observable<never>((subscriber) => {
        most = Math.max(most, ++running);
        if (isSynchronous) subscriber.error(failure);
        else
          queueMicrotask(() => {
            subscriber.error(failure);
          });
        return () => running--;
      });
      await new Promise((resolve) => {
        source.pipe(retryWithBackoff({ initialDelayMs: 0, maxRetries: 3 })).subscribe({ error: resolve });
      });
      expect(failure.attempts).toBe(4);
      expect(most).toBe(1);
      expect(running).toBe(0);
    });

    it('does not retry with maxRetries 0', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' --#', undefined, failure);
        const subscription = '^-!';
        const expected = '    --#';
        expectObservable(source.pipe(retryWithBackoff({ maxRetries: 0 }))).toBe(expected, undefined, failure);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
      expect(failure.attempts).toBe(1);
    });

    it('leaves nothing when it is unsubscribed in the wait', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('   --#', undefined, failure);
        const subscription = '  ^-!';
        const unsubscription = '----!';
        const expected = '      -----';
        expectObservable(source.pipe(retryWithBackoff(short)), unsubscription).toBe(expected);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('leaves no timer when it is unsubscribed in the wait', () => {
      jest.useFakeTimers();
      try {
        const subscription = throwError(() => failure)
          .pipe(retryWithBackoff())
          .subscribe();
        expect(jest.getTimerCount()).toBe(1);
        subscription.unsubscribe();
        expect(jest.getTimerCount()).toBe(0);
      } finally {
        jest.useRealTimers();
      }
    });

    it('stops a later attempt when it is unsubscribed in it', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const first = cold('        --#        ', undefined, failure);
        const firstSubscription = ' ^-!        ';
        const second = cold('            -a-b-|');
        const secondSubscription = '-----^-!  ';
        const unsubscription = '    -------!  ';
        const expected = '          ------a-  ';
        const result = inTurn(first, second).pipe(retryWithBackoff(short));
        expectObservable(result, unsubscription).toBe(expected);
        expectSubscriptions(first.subscriptions).toBe(firstSubscription);
        expectSubscriptions(second.subscriptions).toBe(secondSubscription);
      });
    });
  });

  describe('with a source that fails after its first chunk', () => {
    it('delivers the error, since a new request would start the answer again', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' --a--b--#', undefined, failure);
        const subscription = '^-------!';
        const expected = '    --a--b--#';
        expectObservable(source.pipe(retryWithBackoff())).toBe(expected, undefined, failure);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
      expect(failure.attempts).toBe(1);
    });

    it('delivers it also in a later attempt', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' --#      ', undefined, failure);
        const second = cold('     -a-#', undefined, failure);
        const expected = '   ------a-#';
        expectObservable(inTurn(first, second).pipe(retryWithBackoff(short))).toBe(expected, undefined, failure);
      });
      expect(failure.attempts).toBe(2);
    });

    it('starts again where it is told to', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const first = cold('        -a-b-#         ', undefined, failure);
        const firstSubscription = ' ^----!         ';
        const second = cold('               -a-b-c|', undefined, failure);
        const secondSubscription = '--------^-----!';
        const expected = '          -a-b-----a-b-c|';
        const result = inTurn(first, second).pipe(retryWithBackoff({ ...short, afterFirstChunk: 'restart' }));
        expectObservable(result).toBe(expected);
        expectSubscriptions(first.subscriptions).toBe(firstSubscription);
        expectSubscriptions(second.subscriptions).toBe(secondSubscription);
      });
    });

    it.each(['fail', 'restart'] as const)('hands on the very chunks, frozen ones too (%s)', (afterFirstChunk) => {
      const sent = [Object.freeze(content('Hel')), content('lo'), 'no object', null, undefined];
      const heard: unknown[] = [];
      from(sent)
        .pipe(retryWithBackoff({ afterFirstChunk }))
        .subscribe({
          next: (chunk) => heard.push(chunk),
          error: (error: unknown) => heard.push(error),
          complete: () => heard.push('complete'),
        });
      expect(heard).toHaveLength(sent.length + 1);
      expect(heard.slice(0, -1).map((chunk, index) => chunk === sent[index])).not.toContain(false);
      expect(heard.at(-1)).toBe('complete');
    });

    it('never counts its retries from 0 again', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('   -a#', undefined, failure);
        const subscriptions = ['^-!', '-----^-!', '-------------^-!'];
        const expected = '      -a----a-------a#';
        const unsubscription = '99ms !';
        const result = source.pipe(retryWithBackoff({ ...short, afterFirstChunk: 'restart' }));
        expectObservable(result, unsubscription).toBe(expected, undefined, failure);
        expectSubscriptions(source.subscriptions).toBe(subscriptions);
      });
      expect(failure.attempts).toBe(3);
    });
  });

  describe('waits', () => {
    it('500 and 1000 milliseconds unless told otherwise', () => {
      expect(waitsFor(failure)).toEqual([500, 1000]);
    });

    it('up to a quarter less at random', () => {
      expect(waitsFor(failure, { random: () => 1 })).toEqual([375, 750]);
      expect(waitsFor(failure, { random: () => 0.5 })).toEqual([437.5, 875]);
    });

    it('by chance, where no other source of numbers is given', () => {
      const random = jest.spyOn(Math, 'random').mockReturnValue(1);
      try {
        const scheduler = new VirtualTimeScheduler();
        const waits: number[] = [];
        throwError(() => failure)
          .pipe(retryWithBackoff({ scheduler, onRetry: ({ delayMs }) => waits.push(delayMs) }))
          .subscribe({ error: () => undefined });
        scheduler.flush();
        expect(waits).toEqual([375, 750]);
      } finally {
        random.mockRestore();
      }
    });

    it('less by another part where jitter says so', () => {
      expect(waitsFor(failure, { jitter: 0.5, random: () => 1 })).toEqual([250, 500]);
      expect(waitsFor(failure, { jitter: 0, random: () => 1 })).toEqual([500, 1000]);
    });

    it('twice as long from retry to retry, up to 8000 milliseconds unless told otherwise', () => {
      expect(waitsFor(failure, { maxRetries: 6 })).toEqual([500, 1000, 2000, 4000, 8000, 8000]);
      expect(waitsFor(failure, { maxRetries: 4, initialDelayMs: 10, maxDelayMs: 30 })).toEqual([10, 20, 30, 30]);
    });

    it('exactly as long as the server asks for with its status', () => {
      const wait = (retryAfterMs: number) => waitsFor(new APIStatusError('busy', { status: 429, retryAfterMs }));
      expect(wait(1234)).toEqual([1234, 1234]);
      expect(wait(0)).toEqual([0, 0]);
      expect(wait(60_000)).toEqual([60_000, 60_000]);
      const options = { random: () => 1, maxDelayMs: 100 };
      expect(waitsFor(new APIStatusError('busy', { status: 503, retryAfterMs: 700 }), options)).toEqual([700, 700]);
    });

    it('not at all where the server asks for too long: its error is delivered at once', () => {
      const error = new APIStatusError('busy', { status: 429, retryAfterMs: 60_001 });
      expect(waitsFor(error)).toEqual([]);
      expect(error.attempts).toBe(1);
      expect(waitsFor(error, { maxRetryAfterMs: 60_001 })).toEqual([60_001, 60_001]);
      expect(waitsFor(error, { shouldRetry: () => true })).toEqual([]);
    });

    it('no shorter than the stream asked for before it broke', () => {
      const broken = (retryAfterMs: number) => new APIConnectionError('broken', { phase: 'body', retryAfterMs });
      expect(waitsFor(broken(700))).toEqual([700, 1000]);
      expect(waitsFor(broken(100))).toEqual([500, 1000]);
      expect(waitsFor(broken(700), { random: () => 1 })).toEqual([700, 750]);
      expect(waitsFor(broken(60_001))).toEqual([]);
    });

    it('on asyncScheduler unless another scheduler is given', () => {
      marbles(({ cold, expectObservable }) => {
        const source = cold('--#', undefined, failure);
        const expected = '   2ms 500ms 2ms 1s 2ms #';
        const result = source.pipe(retryWithBackoff({ jitter: 0 }));
        expectObservable(result).toBe(expected, undefined, failure);
      });
    });
  });

  describe('decides', () => {
    it.each([
      ['no connection', new APIConnectionError('no connection', { phase: 'connect' })],
      ['a limit that passed', APIConnectionTimeoutError.after('idle', 5)],
      ['a cut answer', new StreamTruncatedError('cut', { chunkCount: 0 })],
      ['a busy server', new APIStatusError('busy', { status: 503 })],
      ['a server that asks for it', new APIStatusError('bad', { status: 400, headers: { 'x-should-retry': 'true' } })],
      ['an overload inside the stream', new APIStreamError('busy', { code: 'server_is_overloaded' })],
    ])('to retry %s', (_label, error) => {
      expect(waitsFor(error)).toEqual([500, 1000]);
    });

    it.each([
      ['a bad request', new APIStatusError('bad', { status: 400 })],
      ['a quota', new APIStatusError('empty', { status: 429, code: 'insufficient_quota' })],
      ['a server that forbids it', new APIStatusError('busy', { status: 503, headers: { 'x-should-retry': 'false' } })],
      ['an error inside the stream', new APIStreamError('bad', { code: 'invalid_prompt' })],
      ['a malformed stream', new MalformedStreamError('bad', { reason: 'json' })],
      ['an abort', new APIUserAbortError()],
      ['what is no APIError', new TypeError('a mistake')],
      ['what is no Error', 'a mistake'],
      ['an undefined error', undefined],
    ])('not to retry %s', (_label, error) => {
      expect(waitsFor(error)).toEqual([]);
    });

    it('as shouldRetry says', () => {
      const bad = new APIStatusError('bad', { status: 400 });
      expect(waitsFor(bad, { shouldRetry: () => true })).toEqual([500, 1000]);
      expect(waitsFor(new TypeError('a mistake'), { shouldRetry: () => true })).toEqual([500, 1000]);
      expect(waitsFor(failure, { shouldRetry: () => false })).toEqual([]);
    });

    it('not to retry an abort, whatever shouldRetry says', () => {
      expect(waitsFor(new APIUserAbortError(), { shouldRetry: () => true, maxRetries: Infinity })).toEqual([]);
    });

    it('by the rule where shouldRetry says nothing', () => {
      const bad = new APIStatusError('bad', { status: 400 });
      expect(waitsFor(failure, { shouldRetry: () => undefined })).toEqual([500, 1000]);
      expect(waitsFor(bad, { shouldRetry: () => undefined })).toEqual([]);
      expect(waitsFor(new TypeError('a mistake'), { shouldRetry: () => undefined })).toEqual([]);
    });

    it('asking shouldRetry once for each retry that may be', () => {
      const asked: unknown[] = [];
      const shouldRetry = (error: unknown, retryIndex: number) => {
        asked.push([error, retryIndex]);
        return undefined;
      };
      waitsFor(failure, { shouldRetry });
      expect(asked).toEqual([
        [failure, 0],
        [failure, 1],
      ]);
    });

    it('without shouldRetry after the first chunk, unless it may start again', () => {
      const asked: unknown[] = [];
      marbles(({ cold, expectObservable }) => {
        const source = cold('--a--#', undefined, failure);
        const expected = '   --a--#';
        const shouldRetry = (error: unknown) => asked.push(error) > 0;
        expectObservable(source.pipe(retryWithBackoff({ shouldRetry }))).toBe(expected, undefined, failure);
      });
      expect(asked).toEqual([]);
    });

    it('to deliver what shouldRetry throws', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const mistake = new Error('a mistake');
        const source = cold(' --#', undefined, failure);
        const subscription = '^-!';
        const expected = '    --#';
        const shouldRetry = () => {
          throw mistake;
        };
        expectObservable(source.pipe(retryWithBackoff({ shouldRetry }))).toBe(expected, undefined, mistake);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });
  });

  describe('onRetry', () => {
    it('is told of each retry before its wait', () => {
      const told: [number, RetryNotice][] = [];
      const scheduler = new VirtualTimeScheduler();
      const other = new APIConnectionError('broken', { phase: 'body' });
      inTurn(
        throwError(() => failure),
        throwError(() => other),
        of('a'),
      )
        .pipe(
          retryWithBackoff({ scheduler, random: () => 0, onRetry: (notice) => told.push([scheduler.now(), notice]) }),
        )
        .subscribe();
      scheduler.flush();
      expect(told).toEqual([
        [0, { error: failure, retryIndex: 0, delayMs: 500 }],
        [500, { error: other, retryIndex: 1, delayMs: 1000 }],
      ]);
      expect(told.map(([, { error }]) => error === failure)).toEqual([true, false]);
    });

    it('is not told of an error that is delivered', () => {
      const told: unknown[] = [];
      waitsFor(new TypeError('a mistake'), { onRetry: (notice) => told.push(notice) });
      waitsFor(failure, { maxRetries: 0, onRetry: (notice) => told.push(notice) });
      expect(told).toEqual([]);
    });

    it('ends the stream when it throws', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const mistake = new Error('a mistake');
        const source = cold(' --#', undefined, failure);
        const subscription = '^-!';
        const expected = '    --#';
        const onRetry = () => {
          throw mistake;
        };
        expectObservable(source.pipe(retryWithBackoff({ onRetry }))).toBe(expected, undefined, mistake);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('may unsubscribe, and nothing follows', () => {
      const scheduler = new VirtualTimeScheduler();
      let attempts = 0;
      const source = new Observable<never>((subscriber) => {
        attempts++;
        scheduler.schedule(() => {
          subscriber.error(failure);
        }, 1);
      });
      const subscription = source
        .pipe(
          retryWithBackoff({
            scheduler,
            onRetry: () => {
              subscription.unsubscribe();
            },
          }),
        )
        .subscribe({ error: () => attempts++ });
      scheduler.flush();
      expect(attempts).toBe(1);
      expect(scheduler.now()).toBe(1);
    });
  });

  describe('behind another', () => {
    const chunks = () => ({ a: content('Hel'), b: content('lo'), c: content('!') });
    const text = { a: 'Hel', b: 'Hello', c: 'Hello!' };
    const once = { ...short, maxRetries: 1 } as const;
    const restart = { ...once, afterFirstChunk: 'restart' } as const;

    it('begins with all attempts of the other anew', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-#               ', undefined, failure);
        const first = '      ^!               ';
        const second = '     ----^!           ';
        const third = '      --------^!       ';
        const fourth = '     ------------^!   ';
        const expected = '   -------------#   ';
        const result = source.pipe(retryWithBackoff(once), retryWithBackoff(once));
        expectObservable(result).toBe(expected, undefined, failure);
        expectSubscriptions(source.subscriptions).toBe([first, second, third, fourth]);
      });
      expect(failure.attempts).toBe(2);
    });

    it('starts an accumulator again where either starts again', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -a-#                       ', chunks(), failure);
        const second = cold('      -a-b-#               ', chunks(), failure);
        const third = cold('               -a-#         ', chunks(), failure);
        const fourth = cold('                    -a-b-c|', chunks());
        const expected = '   -a-----a-b-----a-----a-b-c|';
        const source = inTurn(first, second, third, fourth);
        const result = source.pipe(retryWithBackoff(restart), retryWithBackoff(restart), accumulateContent());
        expectObservable(result).toBe(expected, text);
      });
    });

    it('starts an accumulator again where the other starts again, though it could not itself', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -a-#       ', chunks(), failure);
        const second = cold('      -a-b|', chunks());
        const expected = '   -a-----a-b|';
        const result = inTurn(first, second).pipe(
          retryWithBackoff(restart),
          retryWithBackoff(once),
          accumulateContent(),
        );
        expectObservable(result).toBe(expected, text);
      });
    });

    it('starts an accumulator again where it starts again, though the other could not', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -a-#       ', chunks(), failure);
        const second = cold('      -a-b|', chunks());
        const expected = '   -a-----a-b|';
        const result = inTurn(first, second).pipe(
          retryWithBackoff(once),
          retryWithBackoff(restart),
          accumulateContent(),
        );
        expectObservable(result).toBe(expected, text);
      });
    });
  });

  it('delivers what random throws', () => {
    const mistake = new Error('a mistake');
    const heard: unknown[] = [];
    const random = () => {
      throw mistake;
    };
    throwError(() => failure)
      .pipe(retryWithBackoff({ random }))
      .subscribe({ error: (error: unknown) => heard.push(error) });
    expect(heard[0]).toBe(mistake);
  });

  describe('checks its options', () => {
    const names = ['maxRetries', 'initialDelayMs', 'maxDelayMs', 'maxRetryAfterMs', 'jitter'] as const;

    it.each(names.flatMap((name) => [-1, NaN].map((value) => ({ name, value }))))(
      'and throws a RangeError at once for $name $value',
      ({ name, value }) => {
        expect(() => retryWithBackoff({ [name]: value })).toThrow(RangeError);
        expect(() => retryWithBackoff({ [name]: value })).toThrow(name);
      },
    );

    it('and throws a RangeError at once for a jitter above 1, which would make a wait negative', () => {
      expect(() => retryWithBackoff({ jitter: 1.01 })).toThrow(RangeError);
    });

    it.each(names)('and accepts 0 for %s', (name) => {
      expect(() => retryWithBackoff({ [name]: 0 })).not.toThrow();
    });

    it('and accepts no limits at all', () => {
      const limitless = { maxRetries: Infinity, maxDelayMs: Infinity, maxRetryAfterMs: Infinity, jitter: 1 };
      expect(() => retryWithBackoff(limitless)).not.toThrow();
    });
  });
});
