import { from, Subject, take } from 'rxjs';
import { refusalDeltas, type StreamChunk } from 'rxdelta';
import type { ChatCompletionChunk } from 'rxdelta/openai';
import { chatChunk, content, finish, outputText, responseEnd, responseEvent, role, usage } from '../support/chunks';
import { Endless, marbles } from '../support/marbles';

describe('refusalDeltas', () => {
  const chunks = { r: role(), a: refusal('I will'), b: refusal(' not'), t: content('Hello'), f: finish(), u: usage() };
  const text = { a: 'I will', b: ' not' };

  /** A chat chunk that adds to the refusal of a choice. */
  function refusal(words: string, index = 0): ChatCompletionChunk {
    return chatChunk({ index, delta: { refusal: words } });
  }

  it('emits each piece of a refusal, and leaves out chunks without any', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --r--a--b--t--f--u|', chunks);
      const subscription = '^-----------------!';
      const expected = '    -----a--b---------|';
      expectObservable(source.pipe(refusalDeltas())).toBe(expected, text);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits one piece', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --a--|', chunks);
      const subscription = '^----!';
      const expected = '    --a--|';
      expectObservable(source.pipe(refusalDeltas())).toBe(expected, text);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits nothing of an empty source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --|', chunks);
      const subscription = '^-!';
      const expected = '    --|';
      expectObservable(source.pipe(refusalDeltas())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stays silent with a source that never emits', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -', chunks);
      const subscription = '^';
      const expected = '    -';
      expectObservable(source.pipe(refusalDeltas())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through after the pieces before it', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --a--b--#', chunks, failure);
      const subscription = '^-------!';
      const expected = '    --a--b--#';
      expectObservable(source.pipe(refusalDeltas())).toBe(expected, text, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through that comes first', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --#', chunks, failure);
      const subscription = '^-!';
      const expected = '    --#';
      expectObservable(source.pipe(refusalDeltas())).toBe(expected, text, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stops the source when it is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('   --a--b--f--|', chunks);
      const subscription = '  ^---!';
      const unsubscription = '----!';
      const expected = '      --a--';
      expectObservable(source.pipe(refusalDeltas()), unsubscription).toBe(expected, text);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('serves a second subscriber by a subscription of its own', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('       --a--b--|', chunks);
      const firstSubscription = ' ^-------!';
      const firstExpected = '     --a--b--|';
      const secondSubscription = '---^-------!';
      const secondExpected = '    -----a--b--|';
      const result = source.pipe(refusalDeltas());
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
      expectObservable(source.pipe(refusalDeltas())).toBe(expected, text, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('reads a synchronous source', () => {
    marbles(({ expectObservable }) => {
      const expected = '(ab|)';
      expectObservable(from([chunks.r, chunks.a, chunks.b, chunks.f]).pipe(refusalDeltas())).toBe(expected, text);
    });
  });

  it('stops an endless synchronous source as soon as nobody listens', () => {
    const endless = new Endless((index) => refusal(`${index}`));
    const heard: string[] = [];
    endless.values.pipe(refusalDeltas(), take(1)).subscribe((piece) => heard.push(piece));
    expect(heard).toEqual(['0']);
    expect(endless.produced).toBe(1);
  });

  it('emits one piece to take(1) also when that makes the source emit again', () => {
    const source = new Subject<ChatCompletionChunk>();
    const heard: string[] = [];
    source.pipe(refusalDeltas(), take(1)).subscribe((piece) => {
      heard.push(piece);
      source.next(refusal('again'));
    });
    source.next(refusal('once'));
    expect(heard).toEqual(['once']);
    expect(source.observed).toBe(false);
  });

  it('reads Responses events as well, and no other deltas among them', () => {
    marbles(({ cold, expectObservable }) => {
      const events = {
        c: responseEvent('response.created', { response: { id: 'resp_1' } }),
        a: responseEvent('response.refusal.delta', { item_id: 'msg_1', content_index: 0, delta: 'I will' }),
        b: responseEvent('response.refusal.delta', { item_id: 'msg_1', content_index: 0, delta: ' not' }),
        d: responseEvent('response.refusal.done', { item_id: 'msg_1', refusal: 'I will not' }),
        t: outputText('Hello'),
        h: responseEvent('response.reasoning_text.delta', { delta: 'Hm' }),
        g: responseEvent('response.function_call_arguments.delta', { delta: '{' }),
        e: responseEnd('completed'),
      };
      const source = cold('-c-t-h-g-a-b-d-(e|)', events);
      const expected = '   ---------a-b---|   ';
      expectObservable(source.pipe(refusalDeltas())).toBe(expected, text);
    });
  });

  it('reads choice 0 unless told otherwise', () => {
    marbles(({ cold, expectObservable }) => {
      const both = chatChunk({ index: 1, delta: { refusal: 'B' } }, { index: 0, delta: { refusal: 'A' } });
      const source = cold('-a-b-x-|', { a: refusal('a', 0), b: refusal('b', 1), x: both });
      const zeroth = '     -a---x-|';
      const first = '      ---b-x-|';
      const third = '      -------|';
      expectObservable(source.pipe(refusalDeltas())).toBe(zeroth, { a: 'a', x: 'A' });
      expectObservable(source.pipe(refusalDeltas({ choice: 1 }))).toBe(first, { b: 'b', x: 'B' });
      expectObservable(source.pipe(refusalDeltas({ choice: 3 }))).toBe(third);
    });
  });

  it('reads the chunks of other providers', () => {
    const foreign = [
      { choices: [{ delta: { refusal: 'no index' } }] },
      { choices: [{ index: null, delta: { content: null, refusal: 'null index' } }], x_extra: 1 },
      { choices: [{ index: 0, delta: { content: 'Hello', refusal: null } }] },
      { choices: [{ index: 0, delta: { refusal: '' } }] },
      {
        choices: [
          { index: 0, delta: { refusal: { reason: 'no' } } },
          { index: 0, delta: { refusal: ['no'] } },
        ],
      },
      { choices: [null, { index: 0 }, { index: 0, delta: null }, { index: 0, delta: {} }] },
      { choices: null },
      { type: 'response.refusal.delta' },
      { type: 'response.refusal.delta', delta: { text: 'no' } },
      { delta: 'no type' },
      {},
    ] as unknown as StreamChunk[];
    const heard: unknown[] = [];
    from(foreign)
      .pipe(refusalDeltas())
      .subscribe({ next: (piece) => heard.push(piece), error: (error: unknown) => heard.push(error) });
    expect(heard).toEqual(['no index', 'null index']);
  });

  it('reads frozen chunks of any origin', () => {
    const source = new Subject<ChatCompletionChunk>();
    const heard: string[] = [];
    source.pipe(refusalDeltas()).subscribe((piece) => heard.push(piece));
    source.next(Object.freeze(refusal('I will')));
    source.next(Object.freeze({ ...refusal(' not'), model: 'other' }));
    expect(heard).toEqual(['I will', ' not']);
  });
});
