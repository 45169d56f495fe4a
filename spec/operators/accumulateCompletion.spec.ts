import fc from 'fast-check';
import { from, Subject, take } from 'rxjs';
import { accumulateCompletion, APIConnectionError, retryWithBackoff } from 'rxdelta';
import type { ChatCompletion, ChatCompletionChunk } from 'rxdelta/openai';
import { chatAnswers, deepFrozen, emittedOf, frozenOf } from '../support/answers';
import { chatChunk, content, finish, role, toolCalls, usage } from '../support/chunks';
import { Endless, inTurn, marbles } from '../support/marbles';

type Fields = Record<string, unknown>;

/** A choice as it is before anything was said, with these fields. */
function choice({ message, ...fields }: Fields = {}): Fields {
  const said = { role: 'assistant', content: null, refusal: null, ...(message as object) };
  return { index: 0, finish_reason: null, logprobs: null, message: said, ...fields };
}

/** A completion of these choices. */
function completion(choices: Fields[], fields: Fields = {}): ChatCompletion {
  const head = { id: 'chatcmpl-1', object: 'chat.completion', created: 1_763_600_000, model: 'gpt-4o-mini' };
  return { ...head, choices, ...fields } as unknown as ChatCompletion;
}

/** A completion of one choice with this text. */
function said(text: string | null, fields: Fields = {}): ChatCompletion {
  return completion([choice({ message: { content: text }, ...fields })]);
}

/** All that the operator emits of these chunks. */
function snapshotsOf(chunks: readonly object[]): ChatCompletion[] {
  return emittedOf(chunks as ChatCompletionChunk[], accumulateCompletion());
}

/** The last completion of these chunks. */
function completionOf(...chunks: object[]): ChatCompletion | undefined {
  return snapshotsOf(chunks).at(-1);
}

/** The message of the first choice after these deltas. */
function messageOf(...deltas: (object | null | undefined)[]): Fields {
  const [first] = completionOf(...deltas.map((delta) => chatChunk({ delta })))?.choices ?? [];
  return first?.message as unknown as Fields;
}

/** What is in a message besides its role, its content and its refusal. */
function extrasOf(...deltas: object[]): Fields {
  const { role: _role, content: _content, refusal: _refusal, ...extras } = messageOf(...deltas);
  return extras;
}

/** The tool calls of the message after these parts, each in a chunk of its own. */
function callsOf(...parts: object[]): unknown {
  return messageOf(...parts.map((part) => ({ tool_calls: [part] }))).tool_calls;
}

/** The first choice after these choices of chunks. */
function choiceOf(...parts: object[]): Fields {
  return completionOf(...parts.map((part) => chatChunk(part)))?.choices[0] as unknown as Fields;
}

describe('accumulateCompletion', () => {
  it('keeps each detail of reasoning that is data, and joins text to the last', () => {
    const details = [
      { type: 'reasoning.encrypted', data: 'A' },
      { type: 'reasoning.encrypted', data: 'B' },
      { type: 'reasoning.text', text: 'a', index: 0 },
      { type: 'reasoning.text', text: 'b', index: 1 },
      { type: 'reasoning.text', text: 'c' },
    ];
    let message: unknown;
    from(details.map((detail) => chatChunk({ delta: { reasoning_details: [detail] } })))
      .pipe(accumulateCompletion())
      .subscribe(({ choices }) => (message = choices[0]?.message));
    expect(message).toMatchObject({
      reasoning_details: [details[0], details[1], details[2], { type: 'reasoning.text', text: 'bc', index: 1 }],
    });
  });

  // Made anew for each spec: an attempt leaves its mark on the very objects.
  let chunks: Record<string, ChatCompletionChunk>;
  const counted = { usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } };
  const snapshots = {
    r: said(''),
    a: said('Hel'),
    b: said('Hello'),
    c: said('Hello!'),
    f: said('Hello', { finish_reason: 'stop' }),
    u: completion([choice({ message: { content: 'Hello' }, finish_reason: 'stop' })], counted),
  };

  beforeEach(() => {
    chunks = { r: role(), a: content('Hel'), b: content('lo'), c: content('!'), f: finish(), u: usage() };
  });

  it('emits the completion so far after each chunk', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --r--a--b--f--u|', chunks);
      const subscription = '^--------------!';
      const expected = '    --r--a--b--f--u|';
      expectObservable(source.pipe(accumulateCompletion())).toBe(expected, snapshots);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits the completion of a single chunk', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --a--|', chunks);
      const subscription = '^----!';
      const expected = '    --a--|';
      expectObservable(source.pipe(accumulateCompletion())).toBe(expected, snapshots);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits nothing of an empty source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --|', chunks);
      const subscription = '^-!';
      const expected = '    --|';
      expectObservable(source.pipe(accumulateCompletion())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stays silent with a source that never emits', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -', chunks);
      const subscription = '^';
      const expected = '    -';
      expectObservable(source.pipe(accumulateCompletion())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through after the completion that was cut', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --a--b--#', chunks, failure);
      const subscription = '^-------!';
      const expected = '    --a--b--#';
      expectObservable(source.pipe(accumulateCompletion())).toBe(expected, snapshots, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through that comes first', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --#', chunks, failure);
      const subscription = '^-!';
      const expected = '    --#';
      expectObservable(source.pipe(accumulateCompletion())).toBe(expected, snapshots, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stops the source when it is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('   --a--b--f--|', chunks);
      const subscription = '  ^---!';
      const unsubscription = '----!';
      const expected = '      --a--';
      expectObservable(source.pipe(accumulateCompletion()), unsubscription).toBe(expected, snapshots);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('gives a second subscriber a completion of its own', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('       --a--b--|', chunks);
      const firstSubscription = ' ^-------!';
      const firstExpected = '     --a--b--|';
      const secondSubscription = '---^-------!';
      const secondExpected = '    -----a--b--|';
      const result = source.pipe(accumulateCompletion());
      expectObservable(result).toBe(firstExpected, snapshots);
      expectObservable(result, '---^').toBe(secondExpected, snapshots);
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
      expectObservable(source.pipe(accumulateCompletion())).toBe(expected, snapshots, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('reads a synchronous source', () => {
    marbles(({ expectObservable }) => {
      const source = from([role(), content('Hel'), content('lo'), finish(), usage()]);
      const expected = '(rabfu|)';
      expectObservable(source.pipe(accumulateCompletion())).toBe(expected, snapshots);
    });
  });

  it('stops an endless synchronous source as soon as nobody listens', () => {
    const endless = new Endless((index) => content(`${index}`));
    const heard: ChatCompletion[] = [];
    endless.values.pipe(accumulateCompletion(), take(1)).subscribe((snapshot) => heard.push(snapshot));
    expect(heard).toEqual([said('0')]);
    expect(endless.produced).toBe(1);
  });

  it('emits one completion to take(1) also when that makes the source emit again', () => {
    const source = new Subject<ChatCompletionChunk>();
    const heard: ChatCompletion[] = [];
    source.pipe(accumulateCompletion(), take(1)).subscribe((snapshot) => {
      heard.push(snapshot);
      source.next(content(' again'));
    });
    source.next(content('once'));
    expect(heard).toEqual([said('once')]);
    expect(source.observed).toBe(false);
  });

  it('starts again where a retry starts the answer again', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const cut = new APIConnectionError('cut', { phase: 'body' });
      const restart = retryWithBackoff<ChatCompletionChunk>({
        afterFirstChunk: 'restart',
        initialDelayMs: 3,
        jitter: 0,
      });
      const first = cold('        -a-b-#             ', chunks, cut);
      const firstSubscription = ' ^----!             ';
      const second = cold('               -a-b-f-u|  ', chunks);
      const secondSubscription = '--------^-------!  ';
      const expected = '          -a-b-----a-b-f-u|  ';
      expectObservable(inTurn(first, second).pipe(restart, accumulateCompletion())).toBe(expected, snapshots);
      expectSubscriptions(first.subscriptions).toBe(firstSubscription);
      expectSubscriptions(second.subscriptions).toBe(secondSubscription);
    });
  });

  describe('of the chunk', () => {
    it('takes id, created and model', () => {
      const chunk = { ...chatChunk({}), id: 'chatcmpl-2', created: 7, model: 'other' };
      expect(completionOf(chunk)).toEqual(completion([choice()], { id: 'chatcmpl-2', created: 7, model: 'other' }));
    });

    it('names its object chat.completion whatever the chunk says', () => {
      expect(completionOf({ ...chatChunk({}), object: 'text_completion' })?.object).toBe('chat.completion');
    });

    it('has no choices before the first of them', () => {
      expect(completionOf(chatChunk())).toEqual(completion([]));
    });

    it('keeps a usage that a later chunk gives as null', () => {
      const usages = snapshotsOf([{ ...content('a'), usage: null }, usage(), { ...chatChunk(), usage: null }]);
      expect(usages.map((snapshot) => snapshot.usage)).toEqual([null, counted.usage, counted.usage]);
    });

    it('takes the last usage where a provider counts along', () => {
      const counts = [1, 2].map((total_tokens) => ({ ...content('a'), usage: { total_tokens } }));
      expect(completionOf(...counts)?.usage).toEqual({ total_tokens: 2 });
    });

    it.each([
      ['x_groq', { x_groq: { usage: { total_tokens: 5 } } }],
      ['the choice', { choices: [{ index: 0, delta: {}, finish_reason: 'stop', usage: { total_tokens: 5 } }] }],
    ])('reads the usage of %s, where a provider has it there', (_, fields) => {
      expect(completionOf(content('a'), { ...content('b'), ...fields })?.usage).toEqual({ total_tokens: 5 });
      expect(completionOf(usage(), { ...content('b'), ...fields })?.usage).toEqual({ total_tokens: 5 });
    });

    it.each(['', undefined])('takes the last usage also where the id of every chunk is %p', (id) => {
      const counts = [1, 2].map((total_tokens) => ({ ...content('a'), id, usage: { total_tokens } }));
      expect(completionOf(...counts)?.usage).toEqual({ total_tokens: 2 });
    });

    it('takes the service tier and keeps it', () => {
      const tiers = snapshotsOf([
        { ...content('a'), service_tier: 'auto' },
        { ...content('b'), service_tier: 'default' },
        { ...content('c'), service_tier: null },
        content('d'),
      ]);
      expect(tiers.map(({ service_tier }) => service_tier)).toEqual(['auto', 'default', 'default', 'default']);
    });

    it('takes the last system fingerprint that says something', () => {
      const prints = ['fp_1', '', null, undefined, 'fp_2', ''].map((system_fingerprint) => ({
        ...content('a'),
        system_fingerprint,
      }));
      const read = snapshotsOf(prints).map((snapshot) => (snapshot as unknown as Fields).system_fingerprint);
      expect(read).toEqual(['fp_1', 'fp_1', 'fp_1', 'fp_1', 'fp_2', 'fp_2']);
    });

    it.each(['', null])('has no system fingerprint where it is only %p', (system_fingerprint) => {
      expect(completionOf({ ...content('a'), system_fingerprint })).not.toHaveProperty('system_fingerprint');
    });

    it('keeps the last value of a field that it does not know, and null only where there is no other', () => {
      const last = completionOf(
        { ...content('a'), x_count: 1, x_groq: { id: 'req_1' }, x_null: null },
        { ...content('b'), x_count: 2 },
        { ...content('c'), x_count: null },
      );
      expect(last).toEqual({ ...said('abc'), x_count: 2, x_groq: { id: 'req_1' }, x_null: null });
    });

    it('leaves the obfuscation out', () => {
      expect(completionOf({ ...content('a'), obfuscation: 'x7f' })).not.toHaveProperty('obfuscation');
    });

    it('takes the aside of a provider for what it is, before the answer', () => {
      const aside = {
        id: '',
        object: '',
        created: 0,
        model: '',
        choices: [],
        prompt_filter_results: [{ filtered: 1 }],
      };
      const [first, second] = snapshotsOf([aside, content('a')]);
      const results = { prompt_filter_results: [{ filtered: 1 }] };
      expect(first).toEqual(completion([], { id: '', created: 0, model: '', ...results }));
      expect(second).toEqual({ ...said('a'), ...results });
    });

    it('takes nothing that is known from an aside within the answer', () => {
      const aside = { id: '', object: '', created: 9, model: 'filter', choices: [], x_seen: true };
      expect(completionOf(content('a'), aside)).toEqual({ ...said('a'), x_seen: true });
    });

    it('takes a chunk that has no id at all for an aside, but reads its choices', () => {
      const { id: _id, ...chunk } = content('b');
      expect(completionOf(content('a'), { ...chunk, created: 9, model: 'm' })).toEqual(said('ab'));
    });

    it('goes on behind a chunk whose choices are null', () => {
      expect(completionOf(content('a'), { ...chatChunk(), choices: null }, content('b'))).toEqual(said('ab'));
    });

    it('reads the usage of a chunk whose choices are null', () => {
      expect(completionOf(content('a'), { ...usage(), choices: null })).toEqual({ ...said('a'), ...counted });
    });

    it('emits nothing of what is no chunk', () => {
      expect(snapshotsOf([content('a'), { type: 'ping' }, {}])).toEqual([said('a')]);
    });

    it('passes over what stands for no choice', () => {
      const odd = { ...chatChunk(), choices: [null, 'text', 7, [], { index: 0, delta: { content: 'b' } }] };
      expect(completionOf(content('a'), odd)).toEqual(said('ab'));
    });

    it('changes no prototype by a field that is named __proto__', () => {
      const trap = '"__proto__":{"polluted":true}';
      const delta = `{"content":"a",${trap},"audio":{"id":"1",${trap}},"reasoning_details":[{"type":"t",${trap}}],"tool_calls":[{"index":0,"id":"1",${trap}}]}`;
      const parts = `{"index":0,"delta":${delta},"logprobs":{"content":[],${trap}},${trap}}`;
      const chunk = JSON.parse(`{"id":"1","choices":[${parts}],${trap}}`) as object;
      for (const snapshot of snapshotsOf([chunk, chunk, chunk])) {
        const [first] = snapshot.choices;
        const { audio, tool_calls: calls, reasoning_details: details } = first!.message as any;
        for (const part of [snapshot, first, first?.message, first?.logprobs, audio, calls[0], details[0]]) {
          expect(Object.getPrototypeOf(part)).toBe(Object.prototype);
          expect(part).not.toHaveProperty('polluted');
        }
      }
      expect({}).not.toHaveProperty('polluted');
    });
  });

  describe('of the choices', () => {
    it('orders them by their index, whichever comes first', () => {
      const heard = snapshotsOf([
        content('c', 2),
        content('a', 0),
        content('b', 1),
        content('C', 2),
        finish('stop', 1),
      ]);
      const texts = heard.map(({ choices }) => choices.map(({ index, message }) => `${index}${message.content}`));
      expect(texts).toEqual([['2c'], ['0a', '2c'], ['0a', '1b', '2c'], ['0a', '1b', '2cC'], ['0a', '1b', '2cC']]);
      expect(heard.at(-1)?.choices.map(({ finish_reason }) => finish_reason)).toEqual([null, 'stop', null]);
    });

    it('reads several of them from one chunk', () => {
      const both = chatChunk({ index: 1, delta: { content: 'B' } }, { index: 0, delta: { content: 'A' } });
      expect(completionOf(both)).toEqual(
        completion([choice({ message: { content: 'A' } }), choice({ index: 1, message: { content: 'B' } })]),
      );
    });

    it('takes one without an index for the first', () => {
      const chunk = {
        ...chatChunk(),
        choices: [{ delta: { content: 'b' } }, { index: null, delta: { content: 'c' } }],
      };
      expect(completionOf(content('a'), chunk)).toEqual(said('abc'));
    });

    it.each([
      ['is missing', undefined],
      ['is null', null],
      ['is no object', 'text'],
    ])('goes on where a delta %s', (_, delta) => {
      const chunk = chatChunk({ delta, finish_reason: 'stop' });
      expect(completionOf(content('a'), chunk)).toEqual(said('a', { finish_reason: 'stop' }));
    });

    it('keeps a finish reason that later chunks give as null', () => {
      const reasons = ['length', null, undefined, ''].map((finish_reason) => ({ finish_reason }));
      expect(choiceOf({}, ...reasons)).toEqual(choice({ finish_reason: 'length' }));
    });

    it.each(['stop', 'length', 'tool_calls', 'content_filter', 'function_call', 'eos'])(
      'takes the finish reason %s',
      (finish_reason) => {
        expect(choiceOf({ delta: {} }, { finish_reason })).toEqual(choice({ finish_reason }));
      },
    );

    it('keeps the last value of a field that it does not know', () => {
      const filters = { hate: { filtered: false } };
      const parts = [{ content_filter_results: {}, stop_reason: null }, { content_filter_results: filters }, {}];
      expect(choiceOf(...parts)).toEqual(choice({ content_filter_results: filters, stop_reason: null }));
    });
  });

  describe('of the message', () => {
    it('takes the role, and assistant until one comes', () => {
      expect(messageOf({ content: 'a' }).role).toBe('assistant');
      expect(messageOf({ role: 'tool' }, { role: '' }, { role: null }, {}).role).toBe('tool');
    });

    it('has a content of null until one comes', () => {
      expect(messageOf({ role: 'assistant' }, { content: null }).content).toBeNull();
    });

    it('has an empty content where one came', () => {
      expect(messageOf({ content: '' }, { content: null }).content).toBe('');
    });

    it('joins the content', () => {
      expect(messageOf({ content: 'a' }, { content: null }, {}, { content: '' }, { content: 'b' }).content).toBe('ab');
    });

    it('reads a content that is a list of parts', () => {
      const parts = [{ type: 'text', text: 'b' }, 'c', null, { type: 'image' }, { type: 'text', text: 'd' }];
      expect(messageOf({ content: 'a' }, { content: parts }).content).toBe('abcd');
    });

    it('joins the refusal, and has null where it was only empty', () => {
      expect(messageOf({ refusal: '' }, { refusal: null }).refusal).toBeNull();
      expect(messageOf({ refusal: 'I ' }, { refusal: null }, { refusal: '' }, { refusal: 'cannot' })).toEqual({
        role: 'assistant',
        content: null,
        refusal: 'I cannot',
      });
    });

    it.each(['reasoning_content', 'reasoning'])('joins %s', (field) => {
      const pieces = [{ [field]: 'Let ' }, { [field]: null }, { [field]: 'me' }, { content: 'Hi' }];
      expect(messageOf(...pieces)).toEqual({ role: 'assistant', content: 'Hi', refusal: null, [field]: 'Let me' });
    });

    it('has no reasoning where there is none', () => {
      expect(extrasOf({ content: 'a' })).toEqual({});
    });

    it('has a reasoning of null where a provider says so, until some comes', () => {
      expect(extrasOf({ reasoning_content: null, reasoning: null })).toEqual({
        reasoning_content: null,
        reasoning: null,
      });
      expect(extrasOf({ reasoning: null }, { reasoning: 'Hm' }, { reasoning: null })).toEqual({ reasoning: 'Hm' });
    });

    it('merges the details of the reasoning by their type, index and id', () => {
      const detail = (fields: object) => ({ reasoning_details: [{ type: 'reasoning.text', index: 0, ...fields }] });
      const summary = (fields: object) => ({ reasoning_details: [{ type: 'reasoning.summary', index: 0, ...fields }] });
      const { reasoning_details: details } = messageOf(
        detail({ text: 'Let ', signature: null }),
        summary({ summary: 'In ' }),
        detail({ text: 'me', format: 'anthropic' }),
        summary({ summary: 'short' }),
        detail({ index: 1, text: 'Then' }),
        detail({ signature: 'sig' }),
        { reasoning_details: null },
      );
      expect(details).toEqual([
        { type: 'reasoning.text', index: 0, text: 'Let me', signature: 'sig', format: 'anthropic' },
        { type: 'reasoning.summary', index: 0, summary: 'In short' },
        { type: 'reasoning.text', index: 1, text: 'Then' },
      ]);
    });

    it('keeps details of two ids apart, and what is no detail', () => {
      const parts = [{ type: 't', id: 'a', data: 1 }, { type: 't', id: 'b', data: 2 }, 'odd', 'odd'];
      expect(messageOf({ reasoning_details: parts }).reasoning_details).toEqual(parts);
    });

    it('joins a part to the last detail that it may be of, whatever it leaves out', () => {
      const oneOf = (...values: unknown[]) => fc.constantFrom(...values);
      const part = fc.record(
        {
          type: oneOf('t', 's', null),
          index: oneOf(0, 1, '1', null),
          id: oneOf('a', 'b', null),
          text: oneOf('x', 'y', null),
          data: oneOf('D', null, null),
        },
        { requiredKeys: [] },
      );
      const isOf = (known: any, next: any) =>
        known.type === next.type &&
        [known.index, null, undefined].includes(next.index) &&
        [known.id, null, undefined].includes(next.id) &&
        !(known.data && next.data);
      const told = (detail: object) => Object.fromEntries(Object.entries(detail).filter(([, value]) => value !== null));
      fc.assert(
        fc.property(fc.array(part), (parts) => {
          const details: any[] = [];
          for (const next of parts as any[]) {
            const known = details.filter((detail) => isOf(detail, next)).at(-1);
            if (known) Object.assign(known, told(next), next.text && { text: `${known.text ?? ''}${next.text}` });
            else details.push({ ...next });
          }
          const { reasoning_details: merged } = messageOf(...parts.map((each) => ({ reasoning_details: [each] })), {
            reasoning_details: [],
          });
          expect((merged as object[]).map(told)).toEqual(details.map(told));
        }),
      );
    });

    it('does not look at all details for each part, so that its cost does not grow', () => {
      const readsOf = (count: number) => {
        let reads = 0;
        const details = Array.from({ length: count }, (_, at) => ({
          get type() {
            reads++;
            return 'reasoning.text';
          },
          id: `${at}`,
        }));
        messageOf(...details.map((detail) => ({ reasoning_details: [detail] })));
        return reads;
      };
      expect(readsOf(200)).toBe(2 * readsOf(100));
    });

    it('puts audio together', () => {
      const audio = [
        { id: 'audio_1', transcript: '' },
        { data: 'UklG', transcript: 'Hel' },
        { data: 'Rg==', transcript: null },
        { id: null, data: null, transcript: 'lo', x_codec: 'pcm16' },
        { expires_at: 9 },
      ];
      expect(extrasOf(...audio.map((part) => ({ audio: part })), { audio: null })).toEqual({
        audio: { id: 'audio_1', data: 'UklGRg==', transcript: 'Hello', x_codec: 'pcm16', expires_at: 9 },
      });
    });

    it('puts the legacy function call together', () => {
      const parts = [{ name: 'add', arguments: '' }, { arguments: '{"a":' }, { name: '', arguments: '1}' }];
      const deltas = parts.map((function_call) => ({ function_call }));
      expect(extrasOf(...deltas, { function_call: null })).toEqual({
        function_call: { name: 'add', arguments: '{"a":1}' },
      });
    });

    it('keeps the last value of a field that it does not know', () => {
      const deltas = [{ annotations: [1], citations: null }, { annotations: [2] }, { annotations: null }];
      expect(extrasOf(...deltas)).toEqual({ annotations: [2], citations: null });
    });
  });

  it('has a message of nothing where only the finish reason came', () => {
    expect(choiceOf({ delta: undefined, finish_reason: 'stop' })).toEqual(choice({ finish_reason: 'stop' }));
  });

  describe('of the tool calls', () => {
    it('has none where none came', () => {
      expect(messageOf({ content: 'a', tool_calls: null })).not.toHaveProperty('tool_calls');
    });

    it('puts the arguments of a function together', () => {
      const opening = { index: 0, id: 'call_1', type: 'function', function: { name: 'add', arguments: '' } };
      const rest = ['{"a":', '1}'].map((text) => ({ index: 0, function: { arguments: text } }));
      expect(callsOf(opening, ...rest)).toEqual([
        { id: 'call_1', type: 'function', function: { name: 'add', arguments: '{"a":1}' } },
      ]);
    });

    it('puts the input of a custom tool together', () => {
      const opening = { index: 0, id: 'call_1', type: 'custom', custom: { name: 'sh', input: '' } };
      const rest = ['ls', ' -l'].map((input) => ({ index: 0, custom: { input } }));
      expect(callsOf(opening, ...rest)).toEqual([
        { id: 'call_1', type: 'custom', custom: { name: 'sh', input: 'ls -l' } },
      ]);
    });

    it('keeps them apart by their index, in its order', () => {
      const open = (index: number) => ({
        index,
        id: `call_${index}`,
        type: 'function',
        function: { name: `f${index}` },
      });
      const add = (index: number, text: string) => ({ index, function: { arguments: text } });
      const calls = callsOf(open(1), add(1, '[1'), open(0), add(0, '[0'), add(1, ']'), add(0, ']'));
      expect(calls).toEqual([
        { id: 'call_0', type: 'function', function: { name: 'f0', arguments: '[0]' } },
        { id: 'call_1', type: 'function', function: { name: 'f1', arguments: '[1]' } },
      ]);
    });

    it('tells calls apart that all have the index 0, by their id and name', () => {
      const whole = (id: string) => ({ index: 0, id, function: { name: 'add', arguments: '{}' } });
      const call = { type: 'function', function: { name: 'add', arguments: '{}' } };
      expect(callsOf(whole('call_1'), whole('call_2'))).toEqual([
        { id: 'call_1', ...call },
        { id: 'call_2', ...call },
      ]);
    });

    it('writes arguments that come as an object', () => {
      expect(callsOf({ id: 'call_1', function: { name: 'add', arguments: { a: 1 } } })).toEqual([
        { id: 'call_1', type: 'function', function: { name: 'add', arguments: '{"a":1}' } },
      ]);
    });

    it('keeps fields that it does not know, the last value of each', () => {
      const extra_content = { google: { thought_signature: 'sig' } };
      const opening = { index: 0, id: 'call_1', type: 'function', function: { name: 'add' }, x_step: 1, extra_content };
      expect(
        callsOf(opening, { index: 0, function: { arguments: '{}' }, x_step: 2 }, { index: 0, x_step: null }),
      ).toEqual([
        { id: 'call_1', type: 'function', function: { name: 'add', arguments: '{}' }, x_step: 2, extra_content },
      ]);
    });

    it('has no call of a part that says nothing', () => {
      expect(callsOf({}, { index: 0, function: { name: '', arguments: '' } })).toEqual([]);
      expect(extrasOf({ function_call: {} })).toEqual({});
    });

    it('reads several from one chunk, and passes over what is no call', () => {
      const chunk = toolCalls({ index: 0, id: 'a', function: { name: 'f', arguments: '1' } }, null as never, {
        index: 1,
        id: 'b',
        function: { name: 'g', arguments: '2' },
      });
      expect(completionOf(chunk)?.choices[0]?.message.tool_calls).toEqual([
        { id: 'a', type: 'function', function: { name: 'f', arguments: '1' } },
        { id: 'b', type: 'function', function: { name: 'g', arguments: '2' } },
      ]);
    });

    it('keeps those of each choice apart', () => {
      const part = (text: string) => ({
        tool_calls: [{ index: 0, id: text, function: { name: 'f', arguments: text } }],
      });
      const last = completionOf(chatChunk({ index: 0, delta: part('a') }, { index: 1, delta: part('b') }));
      expect(last?.choices.map(({ message }) => message.tool_calls)).toEqual([
        [{ id: 'a', type: 'function', function: { name: 'f', arguments: 'a' } }],
        [{ id: 'b', type: 'function', function: { name: 'f', arguments: 'b' } }],
      ]);
    });
  });

  describe('of the log probabilities', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((token) => ({ token, logprob: -1, bytes: [1], top_logprobs: [] }));

    it('has null until some come', () => {
      expect(choiceOf({ logprobs: null }, {})).toEqual(choice());
    });

    it.each([
      ['content', 'refusal'],
      ['refusal', 'content'],
    ])('appends those of the %s', (field, other) => {
      const parts = [[a], null, [], [b, c]].map((items) => ({ logprobs: { [field]: items, [other]: null } }));
      expect(choiceOf(...parts, { logprobs: null }, {}).logprobs).toEqual({ [field]: [a, b, c], [other]: null });
    });

    it('begins a list where it was null before', () => {
      const parts = [null, [a], null, [b]].map((content) => ({ logprobs: { content, refusal: null } }));
      expect(choiceOf(...parts).logprobs).toEqual({ content: [a, b], refusal: null });
    });

    it('appends to both lists', () => {
      const parts = [a, b].map((item) => ({ logprobs: { content: [item], refusal: [item, c] } }));
      expect(choiceOf(...parts).logprobs).toEqual({ content: [a, b], refusal: [a, c, b, c] });
    });

    it('keeps the last value of a field that it does not know', () => {
      const parts = [1, 2, null].map((x_seed) => ({ logprobs: { content: [a], x_seed } }));
      expect(choiceOf(...parts).logprobs).toEqual({ content: [a, a, a], x_seed: 2 });
    });

    it('keeps those of each choice apart', () => {
      const last = completionOf(
        chatChunk({ logprobs: { content: [a] } }, { index: 1, logprobs: { content: [b] } }),
        chatChunk({ index: 1, logprobs: { content: [c] } }),
      );
      expect(last?.choices.map(({ logprobs }) => logprobs?.content)).toEqual([[a], [b, c]]);
    });

    it('does not read the list of one snapshot to make the next, so that its cost does not grow', () => {
      const read = jest.fn(() => []);
      const part = chatChunk({ delta: { content: 'a' }, logprobs: { content: [a] } });
      const heard = emittedOf([part, part, content('a')], accumulateCompletion(), ({ choices }) => {
        Object.defineProperty(choices[0]!.logprobs, 'content', { get: read, enumerable: true });
      });
      expect(heard.at(-1)?.choices[0]?.message.content).toBe('aaa');
      expect(read).not.toHaveBeenCalled();
    });

    it('gives each reader of a snapshot the same list, which is not that of another snapshot', () => {
      const part = { logprobs: { content: [a], refusal: null } };
      const [first, second] = snapshotsOf([chatChunk(part), chatChunk(part)]).map(
        ({ choices }) => choices[0]?.logprobs,
      );
      expect(first?.content).toBe(first?.content);
      first?.content?.push(b as never);
      expect(second?.content).toEqual([a, a]);
    });
  });

  describe('as a row of snapshots', () => {
    const call = (index: number, text: string) => ({
      index,
      id: `c${index}`,
      function: { name: 'f', arguments: text },
    });

    it('shares a choice that has not changed with the next one', () => {
      const [, second, third] = snapshotsOf([content('a', 0), content('b', 1), content('B', 1)]);
      expect(third?.choices[0]).toBe(second?.choices[0]);
      expect(third?.choices[1]).not.toBe(second?.choices[1]);
    });

    it('shares all choices where a chunk has none', () => {
      const [first, second] = snapshotsOf([content('a'), usage()]);
      expect(second?.choices).toBe(first?.choices);
      expect(second).not.toBe(first);
    });

    it('shares the message where only the finish reason came', () => {
      const [first, second] = snapshotsOf([content('a'), chatChunk({ delta: null, finish_reason: 'stop' })]);
      expect(second?.choices[0]?.message).toBe(first?.choices[0]?.message);
    });

    it('shares a tool call that has not changed, and the list of them where none came', () => {
      const [first, second, third] = snapshotsOf([
        toolCalls(call(0, '{}'), call(1, '{')),
        toolCalls(call(1, '}')),
        content('a'),
      ]).map(({ choices }) => choices[0]?.message.tool_calls);
      expect(second?.[0]).toBe(first?.[0]);
      expect(second?.[1]).not.toBe(first?.[1]);
      expect(third).toBe(second);
    });

    it('shares the audio, the details and the log probabilities where none came', () => {
      const delta = { audio: { id: 'audio_1' }, reasoning_details: [{ type: 't', text: 'a' }] };
      const [first, second] = snapshotsOf([chatChunk({ delta, logprobs: { content: [] } }), content('a')]);
      const [before, after] = [first?.choices[0], second?.choices[0]];
      expect(after?.message.audio).toBe(before?.message.audio);
      expect(after?.message).toHaveProperty('reasoning_details');
      expect((after?.message as any).reasoning_details).toBe((before?.message as any).reasoning_details);
      expect(after?.logprobs).toBe(before?.logprobs);
    });

    it('leaves the chunks as they are', () => {
      fc.assert(
        fc.property(chatAnswers, (answer) => {
          const before = structuredClone(answer);
          snapshotsOf(deepFrozen(answer));
          expect(answer).toEqual(before);
        }),
      );
    });

    it('never changes one that was emitted, nor needs to', () => {
      fc.assert(
        fc.property(chatAnswers, (answer) => {
          const { frozen, copies } = frozenOf(answer, accumulateCompletion());
          expect(copies).toHaveLength(answer.length);
          expect(frozen).toEqual(copies);
          // Neither where nobody looks at one before the end.
          expect(snapshotsOf(answer)).toEqual(copies);
        }),
      );
    });

    it('never changes what no answer of OpenAI has', () => {
      const detail = (text: string) => ({ reasoning_details: [{ type: 't', index: 0, text }] });
      const deltas = [
        detail('a'),
        { reasoning: 'b', x: [1] },
        detail('c'),
        { reasoning: 'd', tool_calls: [call(0, '')] },
      ];
      const answer = deltas.map((delta) => chatChunk({ delta, content_filter_results: { hate: {} } }));
      const { frozen, copies } = frozenOf(answer, accumulateCompletion());
      expect(frozen).toEqual(copies);
      expect(copies.map(({ choices }) => choices[0]?.message)).toMatchObject([
        { reasoning_details: [{ text: 'a' }] },
        { reasoning_details: [{ text: 'a' }], reasoning: 'b', x: [1] },
        { reasoning_details: [{ text: 'ac' }], reasoning: 'b', x: [1] },
        { reasoning_details: [{ text: 'ac' }], reasoning: 'bd', x: [1], tool_calls: [{ id: 'c0' }] },
      ]);
    });
  });
});
