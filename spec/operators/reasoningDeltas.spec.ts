import { from, of, Subject, take } from 'rxjs';
import { reasoningDeltas, type StreamChunk } from 'rxdelta';
import type { ChatCompletionChunk } from 'rxdelta/openai';
import { chatChunk, content, finish, outputText, responseEnd, responseEvent, role, usage } from '../support/chunks';
import { Endless, marbles } from '../support/marbles';

describe('reasoningDeltas', () => {
  it.each(['content', 'reasoning_details'])('passes over a part of %s whose type is no word', (name) => {
    const texts: string[] = [];
    const delta = { [name]: [{ type: 5, text: 'Hello' }, { text: 'Hello' }] };
    of(chatChunk({ delta }), chatChunk({ delta: { reasoning: 'So' } }))
      .pipe(reasoningDeltas())
      .subscribe((text) => texts.push(text));
    expect(texts).toEqual(['So']);
  });

  const chunks = { r: role(), a: thought('Let me'), b: thought(' see'), t: content('Hello'), f: finish(), u: usage() };
  const text = { a: 'Let me', b: ' see' };

  /** A chat chunk that adds reasoning to a choice. */
  function thought(words: string, index = 0): ChatCompletionChunk {
    return chatChunk({ index, delta: { reasoning_content: words } });
  }

  /** What comes of these chunks. */
  function heardOf(...source: unknown[]): unknown[] {
    const heard: unknown[] = [];
    from(source as StreamChunk[])
      .pipe(reasoningDeltas())
      .subscribe({ next: (piece) => heard.push(piece), error: (error: unknown) => heard.push(error) });
    return heard;
  }

  it('emits each piece of reasoning, and leaves out chunks without any', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --r--a--b--t--f--u|', chunks);
      const subscription = '^-----------------!';
      const expected = '    -----a--b---------|';
      expectObservable(source.pipe(reasoningDeltas())).toBe(expected, text);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits one piece', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --a--|', chunks);
      const subscription = '^----!';
      const expected = '    --a--|';
      expectObservable(source.pipe(reasoningDeltas())).toBe(expected, text);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits nothing of an empty source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --|', chunks);
      const subscription = '^-!';
      const expected = '    --|';
      expectObservable(source.pipe(reasoningDeltas())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stays silent with a source that never emits', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -', chunks);
      const subscription = '^';
      const expected = '    -';
      expectObservable(source.pipe(reasoningDeltas())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through after the pieces before it', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --a--b--#', chunks, failure);
      const subscription = '^-------!';
      const expected = '    --a--b--#';
      expectObservable(source.pipe(reasoningDeltas())).toBe(expected, text, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through that comes first', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --#', chunks, failure);
      const subscription = '^-!';
      const expected = '    --#';
      expectObservable(source.pipe(reasoningDeltas())).toBe(expected, text, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stops the source when it is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('   --a--b--f--|', chunks);
      const subscription = '  ^---!';
      const unsubscription = '----!';
      const expected = '      --a--';
      expectObservable(source.pipe(reasoningDeltas()), unsubscription).toBe(expected, text);
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
      const result = source.pipe(reasoningDeltas());
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
      expectObservable(source.pipe(reasoningDeltas())).toBe(expected, text, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('reads a synchronous source', () => {
    marbles(({ expectObservable }) => {
      const expected = '(ab|)';
      const source = from([chunks.r, chunks.a, chunks.b, chunks.t, chunks.f]);
      expectObservable(source.pipe(reasoningDeltas())).toBe(expected, text);
    });
  });

  it('stops an endless synchronous source as soon as nobody listens', () => {
    const endless = new Endless((index) => thought(`${index}`));
    const heard: string[] = [];
    endless.values.pipe(reasoningDeltas(), take(1)).subscribe((piece) => heard.push(piece));
    expect(heard).toEqual(['0']);
    expect(endless.produced).toBe(1);
  });

  it('emits one piece to take(1) also when that makes the source emit again', () => {
    const source = new Subject<ChatCompletionChunk>();
    const heard: string[] = [];
    source.pipe(reasoningDeltas(), take(1)).subscribe((piece) => {
      heard.push(piece);
      source.next(thought('again'));
    });
    source.next(thought('once'));
    expect(heard).toEqual(['once']);
    expect(source.observed).toBe(false);
  });

  it('reads Responses events as well, and no other deltas among them', () => {
    marbles(({ cold, expectObservable }) => {
      const events = {
        c: responseEvent('response.created', { response: { id: 'resp_1' } }),
        a: responseEvent('response.reasoning_text.delta', { item_id: 'rs_1', content_index: 0, delta: 'Let me' }),
        x: responseEvent('response.reasoning_text.done', { item_id: 'rs_1', content_index: 0, text: 'Let me' }),
        p: responseEvent('response.reasoning_summary_part.added', { part: { type: 'summary_text', text: '' } }),
        b: responseEvent('response.reasoning_summary_text.delta', { item_id: 'rs_1', summary_index: 0, delta: ' see' }),
        y: responseEvent('response.reasoning_summary_text.done', { text: ' see' }),
        t: outputText('Hello'),
        n: responseEvent('response.refusal.delta', { delta: 'No' }),
        g: responseEvent('response.function_call_arguments.delta', { delta: '{' }),
        e: responseEnd('completed'),
      };
      const source = cold('-c-a-x-p-b-y-t-n-g-(e|)', events);
      const expected = '   ---a-----b---------|   ';
      expectObservable(source.pipe(reasoningDeltas())).toBe(expected, text);
    });
  });

  it('reads choice 0 unless told otherwise', () => {
    marbles(({ cold, expectObservable }) => {
      const both = chatChunk({ index: 1, delta: { reasoning: 'B' } }, { index: 0, delta: { reasoning: 'A' } });
      const source = cold('-a-b-x-|', { a: thought('a', 0), b: thought('b', 1), x: both });
      const zeroth = '     -a---x-|';
      const first = '      ---b-x-|';
      const third = '      -------|';
      expectObservable(source.pipe(reasoningDeltas())).toBe(zeroth, { a: 'a', x: 'A' });
      expectObservable(source.pipe(reasoningDeltas({ choice: 1 }))).toBe(first, { b: 'b', x: 'B' });
      expectObservable(source.pipe(reasoningDeltas({ choice: 3 }))).toBe(third);
    });
  });

  const detail = { type: 'reasoning.text', text: 'Hm' };
  it.each([
    ['reasoning_content', { reasoning_content: 'Hm' }],
    ['reasoning', { reasoning: 'Hm' }],
    ['a detail with text', { reasoning_details: [detail] }],
    ['a detail with a summary', { reasoning_details: [{ type: 'reasoning.summary', summary: 'Hm' }] }],
    ['a detail whose text is null beside a summary', { reasoning_details: [{ ...detail, text: null, summary: 'Hm' }] }],
    ['several details', { reasoning_details: [{ ...detail, text: 'H' }, null, { ...detail, text: 'm' }] }],
    ['a thinking part', { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }] }],
    ['a thinking part that is plain text', { content: [{ type: 'thinking', thinking: 'Hm' }] }],
    [
      'several thinking parts, between them what is said',
      {
        content: [
          {
            type: 'thinking',
            thinking: [
              { type: 'text', text: 'H' },
              { type: 'reference', reference_ids: [1] },
            ],
          },
          { type: 'text', text: 'Hello' },
          null,
          'Hello',
          { type: 'thinking', thinking: [{ type: 'text', text: 'm' }] },
        ],
      },
    ],
    ['reasoning beside a content that is a text', { reasoning: 'Hm', content: 'Hello' }],
    ['reasoning beside fields that are null', { reasoning_content: null, reasoning: 'Hm', reasoning_details: null }],
    ['reasoning beside fields that are empty', { reasoning_content: '', reasoning: 'Hm', reasoning_details: [] }],
    [
      'details beside fields that are null or empty',
      { reasoning_content: null, reasoning: '', reasoning_details: [detail] },
    ],
    [
      'a thinking part beside fields that are null',
      {
        reasoning_content: null,
        reasoning: null,
        reasoning_details: null,
        content: [{ type: 'thinking', thinking: [{ text: 'Hm' }] }],
      },
    ],
  ])('reads %s', (_label, delta) => {
    expect(heardOf(chatChunk({ delta }))).toEqual(['Hm']);
  });

  it.each([
    ['reasoning_content and reasoning', { reasoning_content: 'Hm', reasoning: 'Hm' }],
    ['reasoning and its details', { reasoning: 'Hm', reasoning_details: [detail] }],
    ['all fields', { reasoning_content: 'Hm', reasoning: 'Hm', reasoning_details: [detail] }],
  ])('counts the same words in %s once', (_label, delta) => {
    expect(heardOf(chatChunk({ delta }), chatChunk({ delta }))).toEqual(['Hm', 'Hm']);
  });

  it.each([
    ['null fields', { reasoning_content: null, reasoning: null, reasoning_details: null, content: null }],
    ['empty fields', { reasoning_content: '', reasoning: '', reasoning_details: [], content: [] }],
    ['fields of other types', { reasoning_content: 5, reasoning: { effort: 'low' }, reasoning_details: 'Hm' }],
    ['encrypted details', { reasoning_details: [{ type: 'reasoning.encrypted', data: 'Z0FB' }] }],
    ['details of another kind', { reasoning_details: [{ type: 'text', text: 'Hm' }, { text: 'Hm' }, null] }],
    ['details without words', { reasoning_details: [{ type: 'reasoning.text', signature: 'c2ln' }] }],
    ['a content of text parts', { content: [{ type: 'text', text: 'Hello' }, 'Hello', null] }],
    ['a thinking part without words', { content: [{ type: 'thinking' }, { type: 'thinking', thinking: [null] }] }],
    ['the answer', { content: 'Hello' }],
    ['a refusal', { refusal: 'No' }],
  ])('finds nothing in %s', (_label, delta) => {
    expect(heardOf(chatChunk({ delta }))).toEqual([]);
  });

  it('reads the chunks of other providers', () => {
    const foreign = [
      { choices: [{ delta: { reasoning: 'no index' } }] },
      { choices: [{ index: null, delta: { reasoning: 'null index' } }], x_extra: 1 },
      { choices: [null, { index: 0 }, { index: 0, delta: null }, { index: 0, delta: {} }] },
      { choices: null },
      { type: 'response.reasoning_text.delta' },
      { type: 'response.reasoning_text.delta', delta: { text: 'no' } },
      { delta: 'no type' },
      {},
    ];
    expect(heardOf(...foreign)).toEqual(['no index', 'null index']);
  });

  it('reads frozen chunks of any origin', () => {
    const source = new Subject<ChatCompletionChunk>();
    const heard: string[] = [];
    source.pipe(reasoningDeltas()).subscribe((piece) => heard.push(piece));
    source.next(Object.freeze(thought('Let me')));
    source.next(Object.freeze({ ...thought(' see'), model: 'other' }));
    expect(heard).toEqual(['Let me', ' see']);
  });
});
