import fc from 'fast-check';
import { concat, delay, filter, from, map, observeOn, asyncScheduler, retry, Subject, take } from 'rxjs';
import { accumulateContent, APIConnectionError, retryWithBackoff } from 'rxdelta';
import type { ChatCompletionChunk } from 'rxdelta/openai';
import { chatChunk, content, finish, outputText, responseEnd, role, usage } from '../support/chunks';
import { codePoint } from '../support/codePoint';
import { Endless, inTurn, marbles } from '../support/marbles';

describe('accumulateContent', () => {
  // Made anew for each spec: an attempt leaves its mark on the very objects.
  let chunks: Record<string, ChatCompletionChunk>;
  const text = { a: 'Hel', b: 'Hello', c: 'Hello!' };

  beforeEach(() => {
    chunks = { r: role(), a: content('Hel'), b: content('lo'), c: content('!'), f: finish(), u: usage() };
  });

  it('emits the text so far, each time that it grows', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --r--a--b--f--u|', chunks);
      const subscription = '^--------------!';
      const expected = '    -----a--b------|';
      expectObservable(source.pipe(accumulateContent())).toBe(expected, text);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits the text of a single chunk', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --a--|', chunks);
      const subscription = '^----!';
      const expected = '    --a--|';
      expectObservable(source.pipe(accumulateContent())).toBe(expected, text);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits nothing of an empty source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --|', chunks);
      const subscription = '^-!';
      const expected = '    --|';
      expectObservable(source.pipe(accumulateContent())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stays silent with a source that never emits', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -', chunks);
      const subscription = '^';
      const expected = '    -';
      expectObservable(source.pipe(accumulateContent())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through after the text that was cut', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --a--b--#', chunks, failure);
      const subscription = '^-------!';
      const expected = '    --a--b--#';
      expectObservable(source.pipe(accumulateContent())).toBe(expected, text, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through that comes first', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --#', chunks, failure);
      const subscription = '^-!';
      const expected = '    --#';
      expectObservable(source.pipe(accumulateContent())).toBe(expected, text, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stops the source when it is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('   --a--b--f--|', chunks);
      const subscription = '  ^---!';
      const unsubscription = '----!';
      const expected = '      --a--';
      expectObservable(source.pipe(accumulateContent()), unsubscription).toBe(expected, text);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('gives a second subscriber a text of its own', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('       --a--b--|', chunks);
      const firstSubscription = ' ^-------!';
      const firstExpected = '     --a--b--|';
      const secondSubscription = '---^-------!';
      const secondExpected = '    -----a--b--|';
      const result = source.pipe(accumulateContent());
      expectObservable(result).toBe(firstExpected, text);
      expectObservable(result, '---^').toBe(secondExpected, text);
      expectSubscriptions(source.subscriptions).toBe([firstSubscription, secondSubscription]);
    });
  });

  it('makes an error of a chunk that throws when it is read, and stops the source', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const failure = new Error('not readable');
      const trap = {
        get choices(): never {
          throw failure;
        },
      } as unknown as ChatCompletionChunk;
      const source = hot('  --a--t--b--|', { ...chunks, t: trap });
      const subscription = '^----!';
      const expected = '    --a--#';
      expectObservable(source.pipe(accumulateContent())).toBe(expected, text, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('reads a synchronous source', () => {
    marbles(({ expectObservable }) => {
      const expected = '(ab|)';
      expectObservable(from([role(), content('Hel'), content('lo'), finish()]).pipe(accumulateContent())).toBe(
        expected,
        text,
      );
    });
  });

  it('emits nothing of an answer without text', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --r--f--|', chunks);
      const subscription = '^-------!';
      const expected = '    --------|';
      expectObservable(source.pipe(accumulateContent())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stops an endless synchronous source as soon as nobody listens', () => {
    const endless = new Endless((index) => content(`${index}`));
    const heard: string[] = [];
    endless.values.pipe(accumulateContent(), take(1)).subscribe((soFar) => heard.push(soFar));
    expect(heard).toEqual(['0']);
    expect(endless.produced).toBe(1);
  });

  it('emits one text to take(1) also when that makes the source emit again', () => {
    const source = new Subject<ChatCompletionChunk>();
    const heard: string[] = [];
    source.pipe(accumulateContent(), take(1)).subscribe((soFar) => {
      heard.push(soFar);
      source.next(content(' again'));
    });
    source.next(content('once'));
    expect(heard).toEqual(['once']);
    expect(source.observed).toBe(false);
  });

  it('reads Responses events as well', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const events = { a: outputText('Hel'), b: outputText('lo'), e: responseEnd('completed') };
      const source = cold(' -a-b-(e|)', events);
      const subscription = '^----!   ';
      const expected = '    -a-b-|   ';
      expectObservable(source.pipe(accumulateContent())).toBe(expected, text);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('reads choice 0 unless told otherwise', () => {
    marbles(({ cold, expectObservable }) => {
      const both = chatChunk({ index: 1, delta: { content: 'B' } }, { index: 0, delta: { content: 'A' } });
      const source = cold('-a-b-x-|', { a: content('a', 0), b: content('b', 1), x: both });
      const zeroth = '     -a---x-|';
      const first = '      ---b-x-|';
      expectObservable(source.pipe(accumulateContent())).toBe(zeroth, { a: 'a', x: 'aA' });
      expectObservable(source.pipe(accumulateContent({ choice: 1 }))).toBe(first, { b: 'b', x: 'bB' });
    });
  });

  it('reads frozen chunks of any origin', () => {
    const source = new Subject<ChatCompletionChunk>();
    const heard: string[] = [];
    source.pipe(accumulateContent()).subscribe((soFar) => heard.push(soFar));
    source.next(Object.freeze(content('Hel')));
    source.next({ choices: [{ delta: { content: 'lo' } }] } as unknown as ChatCompletionChunk);
    expect(heard).toEqual(['Hel', 'Hello']);
  });

  it('gives the whole text for every way to split it', () => {
    const pieces = fc.array(fc.string({ unit: codePoint }), { maxLength: 20 });
    fc.assert(
      fc.property(pieces, fc.boolean(), (deltas, isChat) => {
        const heard: string[] = [];
        from(deltas.map((delta) => (isChat ? content(delta) : outputText(delta))))
          .pipe(accumulateContent())
          .subscribe((soFar) => heard.push(soFar));
        expect(heard.at(-1) ?? '').toBe(deltas.join(''));
        expect(heard).toHaveLength(deltas.filter((delta) => delta !== '').length);
      }),
    );
  });

  describe('where the answer starts again', () => {
    const cut = new APIConnectionError('cut', { phase: 'body' });
    const restart = () =>
      retryWithBackoff<ChatCompletionChunk>({ afterFirstChunk: 'restart', initialDelayMs: 3, jitter: 0 });
    const again = { x: 'Hel', y: 'Hello', z: 'Hello!' };

    it('starts the text again too', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const first = cold('        -a-b-#             ', chunks, cut);
        const firstSubscription = ' ^----!             ';
        const second = cold('               -a-b-c-f|  ', chunks);
        const secondSubscription = '--------^-------!  ';
        const expected = '          -a-b-----x-y-z--|  ';
        const result = inTurn(first, second).pipe(restart(), accumulateContent());
        expectObservable(result).toBe(expected, { ...text, ...again });
        expectSubscriptions(first.subscriptions).toBe(firstSubscription);
        expectSubscriptions(second.subscriptions).toBe(secondSubscription);
      });
    });

    it('starts it again each time, though the source gives the same objects', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' a-b-c-#                   ', chunks, cut);
        const second = cold('         a-b-#            ', chunks, cut);
        const third = cold('                    a-b-c-|', chunks);
        const expected = '   a-b-c----x-y-------x-y-z-|';
        const result = inTurn(first, second, third).pipe(restart(), accumulateContent());
        expectObservable(result).toBe(expected, { ...text, ...again });
      });
    });

    it('starts it again each time, though the same objects come in another order', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' a-b-#                 ', chunks, cut);
        const second = cold('       c-b-#          ', chunks, cut);
        const third = cold('                  a-b-|', chunks);
        const expected = '   a-b----v-w-------x-y-|';
        const result = inTurn(first, second, third).pipe(restart(), accumulateContent());
        expectObservable(result).toBe(expected, { ...text, v: '!', w: '!lo', ...again });
      });
    });

    it('starts it again also where the new attempt begins without text', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -a-b-#            ', chunks, cut);
        const second = cold('        -r-u-a-b-|', chunks);
        const expected = '   -a-b---------x-y-|';
        const result = inTurn(first, second).pipe(restart(), accumulateContent());
        expectObservable(result).toBe(expected, { ...text, ...again });
      });
    });

    it('starts it again with frozen chunks', () => {
      marbles(({ cold, expectObservable }) => {
        const frozen = { a: Object.freeze(content('Hel')), b: Object.freeze(content('lo')) };
        const first = cold(' -a-b-#        ', frozen, cut);
        const second = cold('        -a-b-|', frozen);
        const expected = '   -a-b-----x-y-|';
        const result = inTurn(first, second).pipe(restart(), accumulateContent());
        expectObservable(result).toBe(expected, { ...text, ...again });
      });
    });

    it('gives a second subscriber the whole text, though the objects took part in attempts before', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold('       -a-#                 ', chunks, cut);
        const second = cold('            -a-b-|         ', chunks);
        const third = cold('                    -a-b-c-|', chunks);
        const firstExpected = '    -a-----x-y-|';
        const laterSubscription = '-------------^';
        const laterExpected = '    --------------a-b-c-|';
        const result = inTurn(first, second, third).pipe(restart(), accumulateContent());
        expectObservable(result).toBe(firstExpected, { ...text, ...again });
        expectObservable(result, laterSubscription).toBe(laterExpected, text);
      });
    });

    it.each([
      ['filter', filter<ChatCompletionChunk>(({ choices }) => choices.length > 0)],
      ['take', take<ChatCompletionChunk>(10)],
      ['delay', delay<ChatCompletionChunk>(0)],
      ['observeOn', observeOn<ChatCompletionChunk>(asyncScheduler)],
    ])('notices it through %s', (_name, between) => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -a-b-#          ', chunks, cut);
        const second = cold('        -a-b-c-|', chunks);
        const expected = '   -a-b-----x-y-z-|';
        const result = inTurn(first, second).pipe(restart(), between, accumulateContent());
        expectObservable(result).toBe(expected, { ...text, ...again });
      });
    });

    it('does not notice it through map, which copies the chunks', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -a-#      ', chunks, cut);
        const second = cold('      -b-|', chunks);
        const expected = '   -a-----b-|';
        const copy = map((chunk: ChatCompletionChunk) => ({ ...chunk }));
        const result = inTurn(first, second).pipe(restart(), copy, accumulateContent());
        expectObservable(result).toBe(expected, text);
      });
    });

    it('starts again by itself in front of the retry', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -a-b-#          ', chunks, cut);
        const second = cold('        -a-b-c-|', chunks);
        const expected = '   -a-b-----x-y-z-|';
        const result = inTurn(first, second).pipe(accumulateContent(), retry({ count: 1, delay: 3 }));
        expectObservable(result).toBe(expected, { ...text, ...again });
      });
    });

    it('goes on behind another stream, whose answer a retry before its first chunk does not replace', () => {
      marbles(({ cold, expectObservable }) => {
        const other = cold(' -a-|       ', chunks);
        const first = cold('    -#      ', chunks, cut);
        const second = cold('       -b-|', chunks);
        const expected = '   -a------b-|';
        const result = concat(other, inTurn(first, second).pipe(restart())).pipe(accumulateContent());
        expectObservable(result).toBe(expected, text);
      });
    });
  });
});
