import { from, Subject, take, takeUntil } from 'rxjs';
import { APIConnectionError, collectUsage, retryWithBackoff, type StreamChunk } from 'rxdelta';
import type { ChatCompletionChunk, CompletionUsage, ResponseStreamEvent } from 'rxdelta/openai';
import { chatChunk, content, finish, outputText, responseEnd, responseEvent, role, usage } from '../support/chunks';
import { Endless, inTurn, marbles } from '../support/marbles';

describe('collectUsage', () => {
  it.each([
    ['x_groq', { x_groq: { usage: { total_tokens: 5 } } }],
    ['the choice', { choices: [{ index: 0, delta: {}, finish_reason: 'stop', usage: { total_tokens: 5 } }] }],
  ])('reads the usage of %s, where a provider has it there', (_, fields) => {
    const heard: unknown[] = [];
    from([{ ...content('Hel'), ...fields } as ChatCompletionChunk])
      .pipe(collectUsage())
      .subscribe((used) => heard.push(used));
    expect(heard).toEqual([{ total_tokens: 5 }]);
  });

  // Made anew for each spec: an attempt leaves its mark on the very objects.
  let chunks: Record<string, ChatCompletionChunk>;
  const total = { u: tokens(2), v: tokens(7) };

  beforeEach(() => {
    chunks = {
      r: role(),
      a: content('Hel'),
      b: content('lo'),
      f: finish(),
      u: usage(),
      v: { ...content('!'), usage: tokens(7) },
      n: { ...content('null'), usage: null },
    };
  });

  /** What an answer of so many tokens used. */
  function tokens(completion: number): CompletionUsage {
    return { prompt_tokens: 3, completion_tokens: completion, total_tokens: 3 + completion };
  }

  it('emits the usage once, when the source completes', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --r--a--b--f--u--|   ', chunks);
      const subscription = '^----------------!   ';
      const expected = '    -----------------(u|)';
      expectObservable(source.pipe(collectUsage())).toBe(expected, total);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits the usage of a single chunk', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --u--|   ', chunks);
      const subscription = '^----!   ';
      const expected = '    -----(u|)';
      expectObservable(source.pipe(collectUsage())).toBe(expected, total);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits the very object of the chunk', () => {
    const heard: unknown[] = [];
    from([chunks.a!, chunks.u!])
      .pipe(collectUsage())
      .subscribe((used) => heard.push(used));
    expect(heard).toHaveLength(1);
    expect(heard[0]).toBe(chunks.u!.usage);
  });

  it('emits nothing of an empty source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --|', chunks);
      const subscription = '^-!';
      const expected = '    --|';
      expectObservable(source.pipe(collectUsage())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits nothing of an answer without usage', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --r--a--n--f--|', chunks);
      const subscription = '^-------------!';
      const expected = '    --------------|';
      expectObservable(source.pipe(collectUsage())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stays silent with a source that never emits', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -', chunks);
      const subscription = '^';
      const expected = '    -';
      expectObservable(source.pipe(collectUsage())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stays silent after the usage until the source completes', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --a--f--u--', chunks);
      const subscription = '^----------';
      const expected = '    -----------';
      expectObservable(source.pipe(collectUsage())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through without the usage that came before it', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --a--u--#', chunks, failure);
      const subscription = '^-------!';
      const expected = '    --------#';
      expectObservable(source.pipe(collectUsage())).toBe(expected, total, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through that comes first', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --#', chunks, failure);
      const subscription = '^-!';
      const expected = '    --#';
      expectObservable(source.pipe(collectUsage())).toBe(expected, total, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stops the source when it is unsubscribed, and emits nothing', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('   --a--u--f--|', chunks);
      const subscription = '  ^-----!';
      const unsubscription = '------!';
      const expected = '      -------';
      expectObservable(source.pipe(collectUsage()), unsubscription).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('gives a second subscriber the usage of its own subscription only', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold('        --u-----|        ', chunks);
      const firstSubscription = ' ^-------!        ';
      const firstExpected = '     --------(u|)     ';
      const second = cold('          --a--|        ', chunks);
      const secondSubscription = '---^----!        ';
      const secondExpected = '    --------|        ';
      const third = cold('                 --v--|  ', chunks);
      const thirdSubscription = ' ---------^----!  ';
      const thirdExpected = '     --------------(v|)';
      const result = inTurn(first, second, third).pipe(collectUsage());
      expectObservable(result).toBe(firstExpected, total);
      expectObservable(result, '---^').toBe(secondExpected, total);
      expectObservable(result, '---------^').toBe(thirdExpected, total);
      expectSubscriptions(first.subscriptions).toBe(firstSubscription);
      expectSubscriptions(second.subscriptions).toBe(secondSubscription);
      expectSubscriptions(third.subscriptions).toBe(thirdSubscription);
    });
  });

  it('makes an error of a chunk that throws when it is read, and stops the source', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const failure = new Error('not readable');
      const trap = {
        get usage(): never {
          throw failure;
        },
      } as unknown as ChatCompletionChunk;
      const source = hot('  --u--t--b--|', { ...chunks, t: trap });
      const subscription = '^----!';
      const expected = '    -----#';
      expectObservable(source.pipe(collectUsage())).toBe(expected, total, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('reads a synchronous source', () => {
    marbles(({ expectObservable }) => {
      const expected = '(u|)';
      expectObservable(from([role(), content('Hello'), finish(), usage()]).pipe(collectUsage())).toBe(expected, total);
    });
  });

  it('stops an endless synchronous source as soon as nobody listens', () => {
    const stop = new Subject<void>();
    const endless = new Endless((index) => {
      if (index === 2) stop.next();
      return usage();
    });
    const heard: unknown[] = [];
    endless.values.pipe(collectUsage(), takeUntil(stop)).subscribe((used) => heard.push(used));
    expect(heard).toEqual([]);
    expect(endless.produced).toBe(3);
  });

  it('emits one usage to take(1) also when that makes the source emit and complete again', () => {
    const source = new Subject<ChatCompletionChunk>();
    const heard: unknown[] = [];
    source.pipe(collectUsage(), take(1)).subscribe({
      next: (used) => {
        heard.push(used);
        source.next(chunks.v!);
        source.complete();
      },
      complete: () => heard.push('complete'),
    });
    source.next(chunks.u!);
    source.complete();
    expect(heard).toEqual([total.u, 'complete']);
    expect(source.observed).toBe(false);
  });

  it('emits the last count of a provider that counts along', () => {
    marbles(({ cold, expectObservable }) => {
      const counting = {
        a: { ...content('Hel'), usage: tokens(1) },
        b: { ...content('lo'), usage: tokens(2) },
        c: { ...finish(), usage: tokens(3) },
      };
      const source = cold('-a-b-c-|', counting);
      const expected = '   -------(t|)';
      expectObservable(source.pipe(collectUsage())).toBe(expected, { t: tokens(3) });
    });
  });

  it('ignores a usage that is null or missing, before the usage and after it', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('-n-a-u-n-a-|   ', chunks);
      const expected = '   -----------(u|)';
      expectObservable(source.pipe(collectUsage())).toBe(expected, total);
    });
  });

  it('emits the usage of a Response, which its last event carries', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const used = { input_tokens: 3, output_tokens: 2, total_tokens: 5 };
      const events = {
        c: responseEvent('response.created', { response: { id: 'resp_1', usage: null } }),
        p: responseEvent('response.in_progress', { response: { id: 'resp_1', usage: null } }),
        a: outputText('Hello'),
        e: responseEnd('completed', { usage: used }),
      };
      const source = cold(' -c-p-a-e|   ', events);
      const subscription = '^-------!   ';
      const expected = '    --------(u|)';
      expectObservable(source.pipe(collectUsage())).toBe(expected, { u: used });
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it.each(['incomplete', 'cancelled', 'failed'] as const)('emits the usage of a Response that is %s', (status) => {
    const used = { input_tokens: 3, output_tokens: 1, total_tokens: 4 };
    const heard: unknown[] = [];
    from([outputText('Hel'), responseEnd(status, { usage: used })])
      .pipe(collectUsage())
      .subscribe((value) => heard.push(value));
    expect(heard).toEqual([used]);
  });

  it('emits the last usage of a Response where several events carry one', () => {
    const used = (total_tokens: number) => ({ input_tokens: 3, output_tokens: total_tokens - 3, total_tokens });
    const heard: unknown[] = [];
    from<ResponseStreamEvent[]>([
      responseEvent('response.in_progress', { response: { usage: used(3) } }),
      responseEnd('completed', { usage: used(9) }),
    ])
      .pipe(collectUsage())
      .subscribe((value) => heard.push(value));
    expect(heard).toEqual([used(9)]);
  });

  it('emits nothing of a Response without usage', () => {
    const heard: unknown[] = [];
    from([responseEvent('response.created', { response: null }), responseEnd('completed')])
      .pipe(collectUsage())
      .subscribe({
        next: (value) => heard.push(value),
        error: (error: unknown) => heard.push(error),
        complete: () => heard.push('complete'),
      });
    expect(heard).toEqual(['complete']);
  });

  it('reads frozen chunks of any origin', () => {
    const source = new Subject<StreamChunk>();
    const heard: unknown[] = [];
    source.pipe(collectUsage()).subscribe((used) => heard.push(used));
    source.next(Object.freeze(chatChunk()));
    source.next({} as ChatCompletionChunk);
    source.next(Object.freeze({ usage: Object.freeze(tokens(4)) }) as ChatCompletionChunk);
    expect(heard).toEqual([]);
    source.complete();
    expect(heard).toEqual([tokens(4)]);
  });

  describe('where the answer starts again', () => {
    const cut = new APIConnectionError('cut', { phase: 'body' });
    const restart = () =>
      retryWithBackoff<ChatCompletionChunk>({ afterFirstChunk: 'restart', initialDelayMs: 3, jitter: 0 });

    it('emits the usage of the last attempt', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const first = cold('        -a-v-#           ', chunks, cut);
        const firstSubscription = ' ^----!           ';
        const second = cold('               -a-u-|   ', chunks);
        const secondSubscription = '--------^----!   ';
        const expected = '          -------------(u|)';
        const result = inTurn(first, second).pipe(restart(), collectUsage());
        expectObservable(result).toBe(expected, total);
        expectSubscriptions(first.subscriptions).toBe(firstSubscription);
        expectSubscriptions(second.subscriptions).toBe(secondSubscription);
      });
    });

    it('forgets the usage of an attempt that failed, where the last attempt has none', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -a-u-#        ', chunks, cut);
        const second = cold('        -a-f-|', chunks);
        const expected = '   -------------|';
        expectObservable(inTurn(first, second).pipe(restart(), collectUsage())).toBe(expected);
      });
    });

    it('forgets it each time, though the source gives the same objects', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' a-v-#                  ', chunks, cut);
        const second = cold('       a-u-#           ', chunks, cut);
        const third = cold('                  a-f-b|', chunks);
        const expected = '   ----------------------|';
        expectObservable(inTurn(first, second, third).pipe(restart(), collectUsage())).toBe(expected);
      });
    });

    it('emits a usage that stands on the first chunk of the last attempt', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -v-#           ', chunks, cut);
        const second = cold('      -u-a-|   ', chunks);
        const expected = '   -----------(u|)';
        expectObservable(inTurn(first, second).pipe(restart(), collectUsage())).toBe(expected, total);
      });
    });
  });
});
