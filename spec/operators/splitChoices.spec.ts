import {
  asyncScheduler,
  catchError,
  concat,
  delay,
  endWith,
  filter,
  from,
  identity,
  ignoreElements,
  map,
  mergeMap,
  observeOn,
  of,
  queueScheduler,
  Subject,
  switchMap,
  take,
  throwError,
  timer,
  type GroupedObservable,
  type Observable,
} from 'rxjs';
import {
  accumulateContent,
  APIConnectionError,
  collectToolCalls,
  contentDeltas,
  retryWithBackoff,
  splitChoices,
  untilDone,
} from 'rxdelta';
import type { ChatCompletionChunk } from 'rxdelta/openai';
import { markEnd } from '../../lib/chunks/completion/endMark';
import { chatChunk, content, finish, outputText, responseEnd, role, usage } from '../support/chunks';
import { Endless, inTurn, marbles } from '../support/marbles';

type Choice = GroupedObservable<number, ChatCompletionChunk>;

describe('splitChoices', () => {
  // Made anew for each spec: an attempt leaves its mark on the very objects.
  let chunks: Record<string, ChatCompletionChunk>;
  const keys = { x: 0, y: 1, z: 2 };

  beforeEach(() => {
    chunks = {
      r: role(),
      s: role(1),
      a: content('Hel'),
      b: content('Good', 1),
      c: content('lo'),
      d: content('bye', 1),
      m: both('Hel', 'Good'),
      n: both('lo', 'bye'),
      f: finish(),
      g: finish('length', 1),
      u: usage(),
    };
  });

  /** A chunk that adds text to two choices. */
  function both(zeroth: string, first: string): ChatCompletionChunk {
    return chatChunk({ index: 0, delta: { content: zeroth } }, { index: 1, delta: { content: first } });
  }

  /** Only the index of each group. */
  function keyOf({ key }: Choice): number {
    return key;
  }

  /** Only the chunks of one group. */
  function ofChoice(key: number) {
    return (choices: Observable<Choice>) =>
      choices.pipe(
        filter((choice) => choice.key === key),
        mergeMap(identity),
      );
  }

  /** The text so far of each choice, with its index. */
  function texts() {
    return mergeMap((choice: Choice) =>
      choice.pipe(
        accumulateContent({ choice: choice.key }),
        map((text) => `${choice.key}: ${text}`),
      ),
    );
  }

  /** What the groups of these chunks emit, with the key of the group. */
  function heardOf(...source: unknown[]): [key: number, chunk: ChatCompletionChunk][] {
    const heard: [number, ChatCompletionChunk][] = [];
    const errors: unknown[] = [];
    from(source as ChatCompletionChunk[])
      .pipe(
        splitChoices(),
        mergeMap((choice) => choice.pipe(map((chunk) => [choice.key, chunk] as [number, ChatCompletionChunk]))),
      )
      .subscribe({ next: (pair) => heard.push(pair), error: (error: unknown) => errors.push(error) });
    expect(errors).toEqual([]);
    return heard;
  }

  describe('with any source', () => {
    it('emits each choice as it first appears, and in it the chunks of that choice', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' --b--a--d--c--g--f--u|', chunks);
        const subscription = '^--------------------!';
        const choices = '     --y--x---------------|';
        const zeroth = '      -----a-----c-----f---|';
        const first = '       --b-----d-----g------|';
        const third = '       ---------------------|';
        const result = source.pipe(splitChoices());
        expectObservable(result.pipe(map(keyOf))).toBe(choices, keys);
        expectObservable(result.pipe(ofChoice(0))).toBe(zeroth, chunks);
        expectObservable(result.pipe(ofChoice(1))).toBe(first, chunks);
        expectObservable(result.pipe(ofChoice(3))).toBe(third, chunks);
        expectSubscriptions(source.subscriptions).toBe([subscription, subscription, subscription, subscription]);
      });
    });

    it('emits one choice with one chunk', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' --b--|', chunks);
        const subscription = '^----!';
        const choices = '     --y--|';
        const first = '       --b--|';
        const result = source.pipe(splitChoices());
        expectObservable(result.pipe(map(keyOf))).toBe(choices, keys);
        expectObservable(result.pipe(ofChoice(1))).toBe(first, chunks);
        expectSubscriptions(source.subscriptions).toBe([subscription, subscription]);
      });
    });

    it('emits nothing of an empty source', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' --|', chunks);
        const subscription = '^-!';
        const expected = '    --|';
        expectObservable(source.pipe(splitChoices())).toBe(expected);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('stays silent with one that never emits', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' -', chunks);
        const subscription = '^';
        const expected = '    -';
        expectObservable(source.pipe(splitChoices())).toBe(expected);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('passes an error through that comes first', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const failure = new Error('broken');
        const source = cold(' --#', chunks, failure);
        const subscription = '^-!';
        const expected = '    --#';
        expectObservable(source.pipe(splitChoices())).toBe(expected, keys, failure);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('passes an error through after the choices, to each of them too', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const failure = new Error('broken');
        const source = cold(' --a--b--#', chunks, failure);
        const subscription = '^-------!';
        const choices = '     --x--y--#';
        const inGroups = '    --------(xy#)';
        const result = source.pipe(splitChoices());
        const told = (choice: Choice) =>
          choice.pipe(
            ignoreElements(),
            catchError((error: unknown) => of(error === failure ? choice.key : error)),
          );
        expectObservable(result.pipe(map(keyOf))).toBe(choices, keys, failure);
        expectObservable(result.pipe(mergeMap(told))).toBe(inGroups, keys, failure);
        expectSubscriptions(source.subscriptions).toBe([subscription, subscription]);
      });
    });

    it('completes each choice with the source, not where the choice finishes', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' --a--b--f--g--u--|', chunks);
        const subscription = '^----------------!';
        const expected = '    -----------------(xy|)';
        const ended = (choice: Choice) => choice.pipe(ignoreElements(), endWith(choice.key));
        expectObservable(source.pipe(splitChoices(), mergeMap(ended))).toBe(expected, keys);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('gives a second subscriber choices of its own', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('       --a--b--c--|   ', chunks);
        const firstSubscription = ' ^----------!   ';
        const firstExpected = '     --x--y-----|   ';
        const secondSubscription = '---^----------!';
        const secondExpected = '    -----x--y-----|';
        const result = source.pipe(splitChoices(), map(keyOf));
        expectObservable(result).toBe(firstExpected, keys);
        expectObservable(result, '---^').toBe(secondExpected, keys);
        expectSubscriptions(source.subscriptions).toBe([firstSubscription, secondSubscription]);
      });
    });

    it('gives a second subscriber of the choices the chunks of its own subscription only', () => {
      marbles(({ cold, expectObservable }) => {
        const source = cold('   --a--c--|   ', chunks);
        const firstExpected = ' --a--c--|   ';
        const secondExpected = '-----a--c--|';
        const result = source.pipe(splitChoices(), ofChoice(0));
        expectObservable(result).toBe(firstExpected, chunks);
        expectObservable(result, '---^').toBe(secondExpected, chunks);
      });
    });

    it('makes an error of a chunk that throws when it is read, in each choice too, and stops the source', () => {
      marbles(({ hot, expectObservable, expectSubscriptions }) => {
        const failure = new Error('not readable');
        const trap = {
          get choices(): never {
            throw failure;
          },
        } as unknown as ChatCompletionChunk;
        const source = hot('  --a--t--b--|', { ...chunks, t: trap });
        const subscription = '^----!';
        const choices = '     --x--#';
        const inGroup = '     -----(x#)';
        const result = source.pipe(splitChoices());
        const told = (choice: Choice) =>
          choice.pipe(
            ignoreElements(),
            catchError((error: unknown) => of(error === failure ? choice.key : error)),
          );
        expectObservable(result.pipe(map(keyOf))).toBe(choices, keys, failure);
        expectObservable(result.pipe(mergeMap(told))).toBe(inGroup, keys, failure);
        expectSubscriptions(source.subscriptions).toBe([subscription, subscription]);
      });
    });

    it('makes an error of an index that throws when it is read, and stops the source', () => {
      marbles(({ hot, expectObservable, expectSubscriptions }) => {
        const failure = new Error('not readable');
        const trap = {
          choices: [
            {
              get index(): never {
                throw failure;
              },
            },
          ],
        } as unknown as ChatCompletionChunk;
        const source = hot('  --a--t--b--|', { ...chunks, t: trap });
        const subscription = '^----!';
        const expected = '    --x--#';
        expectObservable(source.pipe(splitChoices(), map(keyOf))).toBe(expected, keys, failure);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('reads a synchronous one', () => {
      marbles(({ expectObservable }) => {
        const choices = '(xy|)';
        const zeroth = ' (rac|)';
        const first = '  (bd|)';
        const result = from(['r', 'a', 'b', 'c', 'd', 'u'].map((name) => chunks[name]!)).pipe(splitChoices());
        expectObservable(result.pipe(map(keyOf))).toBe(choices, keys);
        expectObservable(result.pipe(ofChoice(0))).toBe(zeroth, chunks);
        expectObservable(result.pipe(ofChoice(1))).toBe(first, chunks);
      });
    });

    it('stops an endless synchronous one as soon as nobody listens', () => {
      const endless = new Endless((index) => content(`${index}`));
      const heard: number[] = [];
      endless.values.pipe(splitChoices(), take(1)).subscribe(({ key }) => heard.push(key));
      expect(heard).toEqual([0]);
      expect(endless.produced).toBe(1);
    });

    it('stops an endless synchronous one also in the middle of a chunk with several choices', () => {
      const endless = new Endless((index) => both(`${index}`, 'left out'));
      const heard: string[] = [];
      endless.values.pipe(splitChoices(), texts(), take(1)).subscribe((text) => heard.push(text));
      expect(heard).toEqual(['0: 0']);
      expect(endless.produced).toBe(1);
    });

    it('stops an endless synchronous one when the last choice has no listener left', () => {
      const endless = new Endless((index) => both(`a${index}`, `b${index}`));
      const heard: string[] = [];
      endless.values
        .pipe(
          splitChoices(),
          take(2),
          mergeMap((choice) => choice.pipe(contentDeltas({ choice: choice.key }), take(choice.key + 2))),
        )
        .subscribe((text) => heard.push(text));
      expect(heard).toEqual(['a0', 'b0', 'a1', 'b1', 'b2']);
      expect(endless.produced).toBe(3);
    });

    it('emits one choice to take(1) also when that makes the source emit again', () => {
      const source = new Subject<ChatCompletionChunk>();
      const heard: number[] = [];
      source.pipe(splitChoices(), take(1)).subscribe(({ key }) => {
        heard.push(key);
        source.next(content('again', 1));
      });
      source.next(content('once'));
      expect(heard).toEqual([0]);
      expect(source.observed).toBe(false);
    });

    it('emits one chunk of a choice to take(1) also when that makes the source emit again', () => {
      const source = new Subject<ChatCompletionChunk>();
      const heard: string[] = [];
      source.pipe(splitChoices(), take(1), mergeMap(identity), contentDeltas(), take(1)).subscribe((piece) => {
        heard.push(piece);
        source.next(content('again'));
      });
      source.next(content('once'));
      expect(heard).toEqual(['once']);
      expect(source.observed).toBe(false);
    });
  });

  describe('with subscribers that come and go', () => {
    it('stops the source when it is unsubscribed and no choice has a listener', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('   --a--b--c--|', chunks);
        const subscription = '  ^---!';
        const unsubscription = '----!';
        const expected = '      --x--';
        expectObservable(source.pipe(splitChoices(), map(keyOf)), unsubscription).toBe(expected, keys);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('stops the source when it is unsubscribed together with its choices', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('   --a--b--c--|', chunks);
        const subscription = '  ^-----!';
        const unsubscription = '------!';
        const expected = '      --a--b-';
        const result = source.pipe(splitChoices(), mergeMap(identity));
        expectObservable(result, unsubscription).toBe(expected, chunks);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('keeps the source while a choice has a listener, though no more choices are wanted', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' --a--b--c--d--|', chunks);
        const subscription = '^-------------!';
        const expected = '    --a-----c-----|';
        expectObservable(source.pipe(splitChoices(), take(1), mergeMap(identity))).toBe(expected, chunks);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('stops the source when the last choice has lost its listener, and no more choices are wanted', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' --a--b--c--d--a--d--|', chunks);
        const subscription = '^----------!         ';
        const expected = '    --a--b-----(d|)      ';
        const some = (choice: Choice) => choice.pipe(take(choice.key + 1));
        expectObservable(source.pipe(splitChoices(), take(2), mergeMap(some))).toBe(expected, chunks);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('keeps the source while more choices are wanted, though no choice has a listener', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' --a--c--b--d--|', chunks);
        const subscription = '^-------------!';
        const expected = '    --a-----b-----|';
        const some = (choice: Choice) => choice.pipe(take(1));
        expectObservable(source.pipe(splitChoices(), mergeMap(some))).toBe(expected, chunks);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('gives a listener that comes late only what comes after it', () => {
      marbles(({ cold, expectObservable }) => {
        const source = cold('--a--b--c--a--|', chunks);
        const expected = '   --------c--a--|';
        const late = (choice: Choice) => timer(4).pipe(switchMap(() => choice));
        expectObservable(source.pipe(splitChoices(), mergeMap(late))).toBe(expected, chunks);
      });
    });
  });

  describe('gives a choice', () => {
    it('the very chunk where it has no other choice', () => {
      const once = content('Hel', 1);
      const heard = heardOf(once);
      expect(heard).toHaveLength(1);
      expect(heard[0]?.[0]).toBe(1);
      expect(heard[0]?.[1]).toBe(once);
    });

    it('the very chunk also where it is frozen, or of another type', () => {
      const source = new Subject<ChatCompletionChunk>();
      const heard: unknown[] = [];
      source.pipe(splitChoices(), mergeMap(identity)).subscribe((chunk) => heard.push(chunk));
      const sent = [Object.freeze(content('Hel')), { choices: [{ index: 1, text: 'x' }], x_extra: 1 }];
      for (const chunk of sent) source.next(chunk as unknown as ChatCompletionChunk);
      expect(heard).toHaveLength(2);
      expect(heard[0]).toBe(sent[0]);
      expect(heard[1]).toBe(sent[1]);
    });

    it('a copy with that choice alone where the chunk has several', () => {
      const chunk = { ...both('Hel', 'Good'), system_fingerprint: 'fp_1', x_extra: { kept: true } };
      const [zeroth, first] = chunk.choices;
      const before = structuredClone(chunk);
      const heard = heardOf(chunk);
      expect(heard).toEqual([
        [0, { ...chunk, choices: [zeroth] }],
        [1, { ...chunk, choices: [first] }],
      ]);
      expect(heard[0]?.[1].choices[0]).toBe(zeroth);
      expect(heard[1]?.[1].choices[0]).toBe(first);
      expect(chunk).toEqual(before);
    });

    it('copies of a frozen chunk too', () => {
      const chunk = Object.freeze({ ...both('Hel', 'Good') });
      Object.freeze(chunk.choices);
      expect(heardOf(chunk).map(([key, { choices }]) => [key, choices])).toEqual([
        [0, [chunk.choices[0]]],
        [1, [chunk.choices[1]]],
      ]);
    });

    it('its part of chunks with several choices, wherever the choice stands among them', () => {
      marbles(({ cold, expectObservable }) => {
        const turned = chatChunk({ index: 1, delta: { content: '!' } }, { index: 0, delta: { content: '?' } });
        const source = cold('-m-c-d-t-n-|', { ...chunks, t: turned });
        const zeroth = '     -a-b---c-d-|';
        const first = '      -a---b-c-d-|';
        const pieces = (choice: number) => source.pipe(splitChoices(), ofChoice(choice), contentDeltas({ choice }));
        expectObservable(pieces(0)).toBe(zeroth, { a: 'Hel', b: 'lo', c: '?', d: 'lo' });
        expectObservable(pieces(1)).toBe(first, { a: 'Good', b: 'bye', c: '!', d: 'bye' });
      });
    });

    it('nothing of chunks without a choice', () => {
      const without = [
        usage(),
        chatChunk(),
        { choices: null, usage: null },
        { choices: [null] },
        { choices: {} },
        {},
        outputText('Hello'),
        responseEnd('completed'),
      ];
      expect(heardOf(...without)).toEqual([]);
      const mixed = heardOf(usage(), content('a'), usage(), { choices: null }, content('b'), usage());
      expect(mixed).toEqual([
        [0, content('a')],
        [0, content('b')],
      ]);
    });

    it('the key 0 where the provider gives no index', () => {
      const missing = { choices: [{ delta: { content: 'no index' } }] };
      const empty = { choices: [{ index: null, delta: { content: 'null index' } }] };
      expect(heardOf(missing, empty)).toEqual([
        [0, missing],
        [0, empty],
      ]);
    });
  });

  it('serves an accumulator for each choice', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -r-s-a-b-c-d-n---f-g-u-|', chunks);
      const subscription = '^----------------------!';
      const expected = '    -----a-b-c-d-(ef)------|';
      const values = { a: '0: Hel', b: '1: Good', c: '0: Hello', d: '1: Goodbye', e: '0: Hellolo', f: '1: Goodbyebye' };
      expectObservable(source.pipe(splitChoices(), texts())).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  describe('where the answer starts again', () => {
    const cut = new APIConnectionError('cut', { phase: 'body' });
    const restart = () =>
      retryWithBackoff<ChatCompletionChunk>({ afterFirstChunk: 'restart', initialDelayMs: 3, jitter: 0 });
    const text = { a: '0: Hel', b: '1: Good', c: '0: Hello', d: '1: Goodbye' };

    it('goes on in the same choices', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const first = cold('        -a-b-#         ', chunks, cut);
        const firstSubscription = ' ^----!         ';
        const second = cold('               -b-a-m-|', chunks);
        const secondSubscription = '--------^------!';
        const expected = '          -x-y-----------|';
        const result = inTurn(first, second).pipe(restart(), splitChoices(), map(keyOf));
        expectObservable(result).toBe(expected, keys);
        expectSubscriptions(first.subscriptions).toBe(firstSubscription);
        expectSubscriptions(second.subscriptions).toBe(secondSubscription);
      });
    });

    it('starts the accumulators in them again', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -a-b-c-#          ', chunks, cut);
        const second = cold('          -b-a-d-c|', chunks);
        const expected = '   -a-b-c-----b-a-d-c|';
        const result = inTurn(first, second).pipe(restart(), splitChoices(), texts());
        expectObservable(result).toBe(expected, text);
      });
    });

    it('starts them again also where chunks have several choices', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' m----n----#                  ', chunks, cut);
        const second = cold('             m----n----|     ', chunks);
        const expected = '   (ab)-(cd)----(ab)-(cd)-|     ';
        const result = inTurn(first, second).pipe(restart(), splitChoices(), texts());
        expectObservable(result).toBe(expected, text);
      });
    });

    it('starts them again where only one attempt has chunks with several choices', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -a-b-#                        ', chunks, cut);
        const second = cold('        m----n----#          ', chunks, cut);
        const third = cold('                         -b-a-|', chunks);
        const expected = '   -a-b----(ab)-(cd)--------b-a-|';
        const result = inTurn(first, second, third).pipe(restart(), splitChoices(), texts());
        expectObservable(result).toBe(expected, text);
      });
    });

    it('starts them again where the chunks with several choices are frozen', () => {
      marbles(({ cold, expectObservable }) => {
        const frozen = { m: Object.freeze(chunks.m!), n: Object.freeze(chunks.n!) };
        const first = cold(' m----n----#             ', frozen, cut);
        const second = cold('             m----n----|', frozen);
        const expected = '   (ab)-(cd)----(ab)-(cd)-|';
        const result = inTurn(first, second).pipe(restart(), splitChoices(), texts());
        expectObservable(result).toBe(expected, text);
      });
    });

    it.each([
      ['filter', filter<ChatCompletionChunk>(({ choices }) => choices.length > 0)],
      ['delay', delay<ChatCompletionChunk>(0)],
      ['observeOn', observeOn<ChatCompletionChunk>(asyncScheduler)],
    ])('notices it through %s inside a choice', (_name, between) => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -m-#      ', chunks, cut);
        const second = cold('      -m-|', chunks);
        const expected = '   -a-----a-|';
        const result = inTurn(first, second).pipe(restart(), splitChoices(), ofChoice(0), between, accumulateContent());
        expectObservable(result).toBe(expected, { a: 'Hel' });
      });
    });

    it('leaves the text of a choice alone that goes on within one attempt', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -#              ', chunks, cut);
        const second = cold('    m----n----| ', chunks);
        const expected = '   ----(ab)-(cd)-| ';
        const result = inTurn(first, second).pipe(restart(), splitChoices(), texts());
        expectObservable(result).toBe(expected, text);
      });
    });
  });

  describe('of a stream whose end a client has judged', () => {
    const call = (index: number) => ({
      index,
      delta: { tool_calls: [{ index: 0, id: `call_${index}`, function: { name: 'weather', arguments: '{}' } }] },
    });

    it.each([
      ['in a chunk with several choices', [chatChunk(call(0), call(1))]],
      ['before a chunk without any', [chatChunk(call(0)), chatChunk(call(1)), usage()]],
    ])('tells the groups of it, whose last chunks stand %s', (_label, source) => {
      markEnd(source.at(-1)!, 'whole');
      const ids: string[] = [];
      let hasEnded = false;
      from(source)
        .pipe(
          splitChoices(),
          mergeMap((group) => group.pipe(untilDone(), collectToolCalls())),
        )
        .subscribe({
          next: ({ id }) => ids.push(id),
          complete: () => (hasEnded = true),
        });
      expect(ids).toEqual(['call_0', 'call_1']);
      expect(hasEnded).toBe(true);
    });
  });

  it('judges no group that only an attempt before had', () => {
    const cut = chatChunk({
      index: 1,
      delta: { tool_calls: [{ index: 0, id: 'a', function: { name: 'remove', arguments: '{"path":"/"' } }] },
    });
    const last = chatChunk({ index: 0, delta: {}, finish_reason: 'stop' });
    const source = inTurn(
      concat(
        of(content('Hel'), cut),
        throwError(() => new APIConnectionError('cut', { phase: 'body' })),
      ),
      of(last),
    );
    const heard: unknown[] = [];
    markEnd(last, 'whole');
    source
      .pipe(
        retryWithBackoff({ afterFirstChunk: 'restart', initialDelayMs: 0, scheduler: queueScheduler }),
        splitChoices(),
        mergeMap((group) => group.pipe(collectToolCalls())),
      )
      .subscribe({ next: (call) => heard.push(call), complete: () => heard.push('complete') });
    expect(heard).toEqual(['complete']);
  });

  it('knows a choice beside which null stands', () => {
    const keys: number[] = [];
    from([chatChunk({ index: 1, delta: { content: 'Hel' } })])
      .pipe(
        map((chunk) => ({ ...chunk, choices: [null, ...chunk.choices] }) as unknown as ChatCompletionChunk),
        splitChoices(),
      )
      .subscribe(({ key }) => keys.push(key));
    expect(keys).toEqual([1]);
  });
});
