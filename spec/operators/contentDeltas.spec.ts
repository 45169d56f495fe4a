import { from, Subject, take } from 'rxjs';
import { contentDeltas } from 'rxdelta';
import type { ChatCompletionChunk } from 'rxdelta/openai';
import { chatChunk, content, finish, outputText, responseEnd, responseEvent, role, usage } from '../support/chunks';
import { Endless, marbles } from '../support/marbles';

describe('contentDeltas', () => {
  const chunks = { r: role(), a: content('Hel'), b: content('lo'), f: finish(), u: usage() };
  const text = { a: 'Hel', b: 'lo' };

  it('emits each piece of text, and leaves out chunks without any', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --r--a--b--f--u|', chunks);
      const subscription = '^--------------!';
      const expected = '    -----a--b------|';
      expectObservable(source.pipe(contentDeltas())).toBe(expected, text);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits one piece', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --a--|', chunks);
      const subscription = '^----!';
      const expected = '    --a--|';
      expectObservable(source.pipe(contentDeltas())).toBe(expected, text);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits nothing of an empty source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --|', chunks);
      const subscription = '^-!';
      const expected = '    --|';
      expectObservable(source.pipe(contentDeltas())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stays silent with a source that never emits', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -', chunks);
      const subscription = '^';
      const expected = '    -';
      expectObservable(source.pipe(contentDeltas())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through after the pieces before it', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --a--b--#', chunks, failure);
      const subscription = '^-------!';
      const expected = '    --a--b--#';
      expectObservable(source.pipe(contentDeltas())).toBe(expected, text, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through that comes first', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --#', chunks, failure);
      const subscription = '^-!';
      const expected = '    --#';
      expectObservable(source.pipe(contentDeltas())).toBe(expected, text, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stops the source when it is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('   --a--b--f--|', chunks);
      const subscription = '  ^---!';
      const unsubscription = '----!';
      const expected = '      --a--';
      expectObservable(source.pipe(contentDeltas()), unsubscription).toBe(expected, text);
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
      const result = source.pipe(contentDeltas());
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
      expectObservable(source.pipe(contentDeltas())).toBe(expected, text, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('reads a synchronous source', () => {
    marbles(({ expectObservable }) => {
      const expected = '(ab|)';
      expectObservable(from([chunks.r, chunks.a, chunks.b, chunks.f]).pipe(contentDeltas())).toBe(expected, text);
    });
  });

  it('stops an endless synchronous source as soon as nobody listens', () => {
    const endless = new Endless((index) => content(`${index}`));
    const heard: string[] = [];
    endless.values.pipe(contentDeltas(), take(1)).subscribe((piece) => heard.push(piece));
    expect(heard).toEqual(['0']);
    expect(endless.produced).toBe(1);
  });

  it('emits one piece to take(1) also when that makes the source emit again', () => {
    const source = new Subject<ChatCompletionChunk>();
    const heard: string[] = [];
    source.pipe(contentDeltas(), take(1)).subscribe((piece) => {
      heard.push(piece);
      source.next(content('again'));
    });
    source.next(content('once'));
    expect(heard).toEqual(['once']);
    expect(source.observed).toBe(false);
  });

  it('reads Responses events as well, and no other deltas among them', () => {
    marbles(({ cold, expectObservable }) => {
      const events = {
        c: responseEvent('response.created', { response: { id: 'resp_1' } }),
        r: responseEvent('response.reasoning_text.delta', { delta: 'Hm' }),
        g: responseEvent('response.function_call_arguments.delta', { delta: '{' }),
        a: outputText('Hel'),
        b: outputText('lo'),
        d: responseEvent('response.output_text.done', { text: 'Hello' }),
        e: responseEnd('completed'),
      };
      const source = cold('-c-r-g-a-b-d-(e|)', events);
      const expected = '   -------a-b---|   ';
      expectObservable(source.pipe(contentDeltas())).toBe(expected, text);
    });
  });

  it('reads choice 0 unless told otherwise', () => {
    marbles(({ cold, expectObservable }) => {
      const both = chatChunk({ index: 1, delta: { content: 'B' } }, { index: 0, delta: { content: 'A' } });
      const source = cold('-a-b-x-|', { a: content('a', 0), b: content('b', 1), x: both });
      const zeroth = '     -a---x-|';
      const first = '      ---b-x-|';
      const third = '      -------|';
      expectObservable(source.pipe(contentDeltas())).toBe(zeroth, { a: 'a', x: 'A' });
      expectObservable(source.pipe(contentDeltas({ choice: 1 }))).toBe(first, { b: 'b', x: 'B' });
      expectObservable(source.pipe(contentDeltas({ choice: 3 }))).toBe(third);
    });
  });

  it('reads the chunks of other providers', () => {
    const foreign = [
      { choices: [{ delta: { content: 'no index, ' } }] },
      { choices: [{ index: null, delta: { content: 'null index, ', tool_calls: null }, logprobs: null }], x_extra: 1 },
      {
        choices: [
          {
            index: 0,
            delta: {
              content: [
                { type: 'text', text: 'two ' },
                { type: 'text', text: 'parts, ' },
              ],
            },
          },
        ],
      },
      { choices: [{ index: 0, delta: { content: ['bare ', null, { type: 'image' }, 'parts'] } }] },
      { choices: [null, { index: 0 }, { index: 0, delta: null }, { index: 0, delta: { content: null } }] },
      { choices: [{ index: 0, delta: { content: 5 } }] },
      { choices: [{ index: 0, delta: { content: [5, { text: 5 }, { text: { value: 'no' } }, { text: null }] } }] },
      { choices: null },
      { type: 'response.output_text.delta' },
      {},
    ] as unknown as ChatCompletionChunk[];
    const heard: string[] = [];
    from(foreign)
      .pipe(contentDeltas())
      .subscribe((piece) => heard.push(piece));
    expect(heard).toEqual(['no index, ', 'null index, ', 'two parts, ', 'bare parts']);
  });

  it('leaves out what the model thinks, and what it refuses', () => {
    const thinking = { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] };
    const deltas = [
      { reasoning_content: 'Hm', reasoning: 'Hm', reasoning_details: [{ type: 'reasoning.text', text: 'Hm' }] },
      { refusal: 'No' },
      { content: [thinking] },
      { content: [thinking, { type: 'text', text: 'Hel' }] },
      { reasoning: 'Hm', content: 'lo' },
    ];
    const heard: string[] = [];
    from(deltas.map((delta) => chatChunk({ delta })))
      .pipe(contentDeltas())
      .subscribe((piece) => heard.push(piece));
    expect(heard).toEqual(['Hel', 'lo']);
  });

  it('reads frozen chunks of any origin', () => {
    const source = new Subject<ChatCompletionChunk>();
    const heard: string[] = [];
    source.pipe(contentDeltas()).subscribe((piece) => heard.push(piece));
    source.next(Object.freeze(content('Hel')));
    source.next(Object.freeze({ ...content('lo'), model: 'other' }));
    expect(heard).toEqual(['Hel', 'lo']);
  });
});
