import fc from 'fast-check';
import { asyncScheduler, delay, filter, from, observeOn, Subject, take } from 'rxjs';
import { accumulateReasoning, APIConnectionError, retryWithBackoff } from 'rxdelta';
import type { ChatCompletionChunk, ResponseStreamEvent } from 'rxdelta/openai';
import { chatChunk, content, finish, outputText, responseEnd, responseEvent, role, usage } from '../support/chunks';
import { codePoint } from '../support/codePoint';
import { Endless, inTurn, marbles } from '../support/marbles';

describe('accumulateReasoning', () => {
  // Made anew for each spec: an attempt leaves its mark on the very objects.
  let chunks: Record<string, ChatCompletionChunk>;
  const text = { a: 'Let', b: 'Let me', c: 'Let me see' };

  beforeEach(() => {
    chunks = {
      r: role(),
      a: thought('Let'),
      b: thought(' me'),
      c: thought(' see'),
      t: content('Hello'),
      f: finish(),
      u: usage(),
    };
  });

  /** A chat chunk that adds reasoning to a choice. */
  function thought(words: string, index = 0): ChatCompletionChunk {
    return chatChunk({ index, delta: { reasoning_content: words } });
  }

  /** A Responses event that adds to the reasoning. */
  function reasoningText(delta: string): ResponseStreamEvent {
    return responseEvent('response.reasoning_text.delta', {
      item_id: 'rs_1',
      output_index: 0,
      content_index: 0,
      delta,
    });
  }

  /** A Responses event that adds to one part of the summary of the reasoning. */
  function summaryText(delta: string, part = 0): ResponseStreamEvent {
    return responseEvent('response.reasoning_summary_text.delta', { item_id: 'rs_1', summary_index: part, delta });
  }

  it('emits the reasoning so far, each time that it grows', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --r--a--b--t--c--f--u|', chunks);
      const subscription = '^--------------------!';
      const expected = '    -----a--b-----c------|';
      expectObservable(source.pipe(accumulateReasoning())).toBe(expected, text);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits the reasoning of a single chunk', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --a--|', chunks);
      const subscription = '^----!';
      const expected = '    --a--|';
      expectObservable(source.pipe(accumulateReasoning())).toBe(expected, text);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits nothing of an empty source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --|', chunks);
      const subscription = '^-!';
      const expected = '    --|';
      expectObservable(source.pipe(accumulateReasoning())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits nothing of an answer without reasoning', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --r--t--f--|', chunks);
      const subscription = '^----------!';
      const expected = '    -----------|';
      expectObservable(source.pipe(accumulateReasoning())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stays silent with a source that never emits', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -', chunks);
      const subscription = '^';
      const expected = '    -';
      expectObservable(source.pipe(accumulateReasoning())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through after the reasoning that was cut', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --a--b--#', chunks, failure);
      const subscription = '^-------!';
      const expected = '    --a--b--#';
      expectObservable(source.pipe(accumulateReasoning())).toBe(expected, text, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through that comes first', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --#', chunks, failure);
      const subscription = '^-!';
      const expected = '    --#';
      expectObservable(source.pipe(accumulateReasoning())).toBe(expected, text, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stops the source when it is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('   --a--b--f--|', chunks);
      const subscription = '  ^---!';
      const unsubscription = '----!';
      const expected = '      --a--';
      expectObservable(source.pipe(accumulateReasoning()), unsubscription).toBe(expected, text);
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
      const result = source.pipe(accumulateReasoning());
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
      expectObservable(source.pipe(accumulateReasoning())).toBe(expected, text, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('reads a synchronous source', () => {
    marbles(({ expectObservable }) => {
      const expected = '(ab|)';
      const source = from([role(), thought('Let'), thought(' me'), content('Hello'), finish()]);
      expectObservable(source.pipe(accumulateReasoning())).toBe(expected, text);
    });
  });

  it('stops an endless synchronous source as soon as nobody listens', () => {
    const endless = new Endless((index) => thought(`${index}`));
    const heard: string[] = [];
    endless.values.pipe(accumulateReasoning(), take(2)).subscribe((soFar) => heard.push(soFar));
    expect(heard).toEqual(['0', '01']);
    expect(endless.produced).toBe(2);
  });

  it('emits one text to take(1) also when that makes the source emit again', () => {
    const source = new Subject<ChatCompletionChunk>();
    const heard: string[] = [];
    source.pipe(accumulateReasoning(), take(1)).subscribe((soFar) => {
      heard.push(soFar);
      source.next(thought(' again'));
    });
    source.next(thought('once'));
    expect(heard).toEqual(['once']);
    expect(source.observed).toBe(false);
  });

  it('reads Responses events as well', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const events = {
        a: reasoningText('Let'),
        b: reasoningText(' me'),
        t: outputText('Hi'),
        e: responseEnd('completed'),
      };
      const source = cold(' -a-b-t-(e|)', events);
      const subscription = '^------!   ';
      const expected = '    -a-b---|   ';
      expectObservable(source.pipe(accumulateReasoning())).toBe(expected, text);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('puts nothing between the parts of a summary', () => {
    marbles(({ cold, expectObservable }) => {
      const part = { type: 'summary_text', text: '' };
      const events = {
        a: summaryText('Let', 0),
        d: responseEvent('response.reasoning_summary_text.done', { summary_index: 0, text: 'Let' }),
        p: responseEvent('response.reasoning_summary_part.added', { summary_index: 1, part }),
        b: summaryText(' me', 1),
      };
      const source = cold('-a-d-p-b-|', events);
      const expected = '   -a-----b-|';
      expectObservable(source.pipe(accumulateReasoning())).toBe(expected, text);
    });
  });

  it('joins what comes in different fields, and words that stand in two of them once', () => {
    marbles(({ cold, expectObservable }) => {
      const deltas = {
        a: { reasoning_content: 'Let', reasoning: 'Let' },
        n: { reasoning_content: null, reasoning: null, reasoning_details: null },
        b: { reasoning: ' me', reasoning_details: [{ type: 'reasoning.text', text: ' me' }] },
        e: { reasoning_details: [{ type: 'reasoning.encrypted', data: 'Z0FB' }] },
        c: { content: [{ type: 'thinking', thinking: [{ type: 'text', text: ' see' }] }] },
      };
      const values = Object.entries(deltas).map(([name, delta]) => [name, chatChunk({ delta })]);
      const source = cold('-a-n-b-e-c-|', Object.fromEntries(values) as typeof chunks);
      const expected = '   -a---b---c-|';
      expectObservable(source.pipe(accumulateReasoning())).toBe(expected, text);
    });
  });

  it('reads choice 0 unless told otherwise', () => {
    marbles(({ cold, expectObservable }) => {
      const both = chatChunk({ index: 1, delta: { reasoning: 'B' } }, { index: 0, delta: { reasoning: 'A' } });
      const source = cold('-a-b-x-|', { a: thought('a', 0), b: thought('b', 1), x: both });
      const zeroth = '     -a---x-|';
      const first = '      ---b-x-|';
      expectObservable(source.pipe(accumulateReasoning())).toBe(zeroth, { a: 'a', x: 'aA' });
      expectObservable(source.pipe(accumulateReasoning({ choice: 1 }))).toBe(first, { b: 'b', x: 'bB' });
    });
  });

  it('gives the whole reasoning for every way to split it', () => {
    const pieces = fc.array(fc.string({ unit: codePoint }), { maxLength: 20 });
    const make = fc.constantFrom(thought, reasoningText, summaryText);
    fc.assert(
      fc.property(pieces, make, (deltas, piece) => {
        const heard: string[] = [];
        from(deltas.map((delta) => piece(delta)))
          .pipe(accumulateReasoning())
          .subscribe((soFar) => heard.push(soFar));
        expect(heard.at(-1) ?? '').toBe(deltas.join(''));
        expect(heard).toHaveLength(deltas.filter((delta) => delta !== '').length);
      }),
    );
  });

  it('reads frozen chunks of any origin', () => {
    const source = new Subject<ChatCompletionChunk>();
    const heard: string[] = [];
    source.pipe(accumulateReasoning()).subscribe((soFar) => heard.push(soFar));
    source.next(Object.freeze(thought('Let')));
    source.next({ choices: [{ delta: { reasoning: ' me' } }] } as unknown as ChatCompletionChunk);
    expect(heard).toEqual(['Let', 'Let me']);
  });

  describe('where the answer starts again', () => {
    const cut = new APIConnectionError('cut', { phase: 'body' });
    const restart = () =>
      retryWithBackoff<ChatCompletionChunk>({ afterFirstChunk: 'restart', initialDelayMs: 3, jitter: 0 });
    const again = { x: 'Let', y: 'Let me', z: 'Let me see' };

    it('starts the reasoning again too', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const first = cold('        -a-b-#             ', chunks, cut);
        const firstSubscription = ' ^----!             ';
        const second = cold('               -a-b-c-f|  ', chunks);
        const secondSubscription = '--------^-------!  ';
        const expected = '          -a-b-----x-y-z--|  ';
        const result = inTurn(first, second).pipe(restart(), accumulateReasoning());
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
        const result = inTurn(first, second, third).pipe(restart(), accumulateReasoning());
        expectObservable(result).toBe(expected, { ...text, ...again });
      });
    });

    it('starts it again also where the new attempt begins without reasoning', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -a-b-#            ', chunks, cut);
        const second = cold('        -r-t-a-b-|', chunks);
        const expected = '   -a-b---------x-y-|';
        const result = inTurn(first, second).pipe(restart(), accumulateReasoning());
        expectObservable(result).toBe(expected, { ...text, ...again });
      });
    });

    it('starts it again with frozen chunks', () => {
      marbles(({ cold, expectObservable }) => {
        const frozen = { a: Object.freeze(thought('Let')), b: Object.freeze(thought(' me')) };
        const first = cold(' -a-b-#        ', frozen, cut);
        const second = cold('        -a-b-|', frozen);
        const expected = '   -a-b-----x-y-|';
        const result = inTurn(first, second).pipe(restart(), accumulateReasoning());
        expectObservable(result).toBe(expected, { ...text, ...again });
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
        const result = inTurn(first, second).pipe(restart(), between, accumulateReasoning());
        expectObservable(result).toBe(expected, { ...text, ...again });
      });
    });

    it('gives a second subscriber the whole reasoning, though the objects took part in attempts before', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold('       -a-#                 ', chunks, cut);
        const second = cold('            -a-b-|         ', chunks);
        const third = cold('                    -a-b-c-|', chunks);
        const firstExpected = '    -a-----x-y-|';
        const laterSubscription = '-------------^';
        const laterExpected = '    --------------a-b-c-|';
        const result = inTurn(first, second, third).pipe(restart(), accumulateReasoning());
        expectObservable(result).toBe(firstExpected, { ...text, ...again });
        expectObservable(result, laterSubscription).toBe(laterExpected, text);
      });
    });
  });
});
