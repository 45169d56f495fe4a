import { concat, from, Subject, take } from 'rxjs';
import {
  accumulateToolCalls,
  APIConnectionError,
  collectToolCalls,
  retryWithBackoff,
  type StreamChunk,
  type ToolCall,
} from 'rxdelta';
import {
  chatChunk,
  content,
  finish,
  outputText,
  responseEnd,
  responseEvent,
  role,
  toolCalls,
  usage,
  type ToolCallPart,
} from '../support/chunks';
import { Endless, inTurn, marbles } from '../support/marbles';

/** All lists that these chunks give. Each is frozen with its calls as soon as it has come. */
function listsOf(...chunks: StreamChunk[]): (readonly ToolCall[])[] {
  const lists: (readonly ToolCall[])[] = [];
  from(chunks)
    .pipe(accumulateToolCalls())
    .subscribe((calls) => {
      lists.push(Object.freeze(calls));
      calls.forEach((call) => Object.freeze(call));
    });
  return lists;
}

/** What the calls of each list have for arguments. */
function argumentsOf(...chunks: StreamChunk[]): string[][] {
  return listsOf(...chunks).map((calls) => calls.map((call) => call.arguments));
}

describe('accumulateToolCalls', () => {
  // Made anew for each spec: an attempt leaves its mark on the very objects.
  let chunks: Record<string, StreamChunk>;
  const begun = { choice: 0, index: 0, id: 'a', type: 'function', name: 'weather', arguments: '{"city":' };
  const call = { ...begun, arguments: '{"city":"Bonn"}' };
  const other = { choice: 0, index: 1, id: 'b', type: 'function', name: 'time', arguments: '{"zone":"CET"}' };
  const lists = { x: [begun], y: [call], z: [call, other] };

  beforeEach(() => {
    chunks = {
      r: role(),
      t: content('Let me see.'),
      a: toolCalls({ index: 0, id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city":' } }),
      b: toolCalls({ index: 0, function: { arguments: '"Bonn"}' } }),
      c: toolCalls({ index: 1, id: 'b', type: 'function', function: { name: 'time', arguments: '{"zone":"CET"}' } }),
      f: finish('tool_calls'),
      u: usage(),
    };
  });

  it('emits the calls so far, each time that one of them changes', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --r--t--a--b--c--f--u|', chunks);
      const subscription = '^--------------------!';
      const expected = '    --------x--y--z------|';
      expectObservable(source.pipe(accumulateToolCalls())).toBe(expected, lists);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits the list of a single chunk', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --a--|', chunks);
      const subscription = '^----!';
      const expected = '    --x--|';
      expectObservable(source.pipe(accumulateToolCalls())).toBe(expected, lists);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits one list for a chunk with parts of several calls', () => {
    marbles(({ cold, expectObservable }) => {
      const both = toolCalls(
        { index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":"Bonn"}' } },
        { index: 1, id: 'b', function: { name: 'time', arguments: '{"zone":"CET"}' } },
      );
      const source = cold('--d--|', { d: both });
      const expected = '   --z--|';
      expectObservable(source.pipe(accumulateToolCalls())).toBe(expected, lists);
    });
  });

  it('emits nothing of an empty source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --|', chunks);
      const subscription = '^-!';
      const expected = '    --|';
      expectObservable(source.pipe(accumulateToolCalls())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits nothing of an answer without calls', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --r--t--f--u--|', chunks);
      const subscription = '^-------------!';
      const expected = '    --------------|';
      expectObservable(source.pipe(accumulateToolCalls())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stays silent with a source that never emits', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -', chunks);
      const subscription = '^';
      const expected = '    -';
      expectObservable(source.pipe(accumulateToolCalls())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through after the calls that were cut', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --a--b--#', chunks, failure);
      const subscription = '^-------!';
      const expected = '    --x--y--#';
      expectObservable(source.pipe(accumulateToolCalls())).toBe(expected, lists, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through that comes first', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --#', chunks, failure);
      const subscription = '^-!';
      const expected = '    --#';
      expectObservable(source.pipe(accumulateToolCalls())).toBe(expected, lists, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stops the source when it is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('   --a--b--c--|', chunks);
      const subscription = '  ^---!';
      const unsubscription = '----!';
      const expected = '      --x--';
      expectObservable(source.pipe(accumulateToolCalls()), unsubscription).toBe(expected, lists);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('gives a second subscriber a list of its own', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('       --a--b--c--|', chunks);
      const firstSubscription = ' ^----------!';
      const firstExpected = '     --x--y--z--|';
      const secondSubscription = '---^----------!';
      const secondExpected = '    -----x--y--z--|';
      const result = source.pipe(accumulateToolCalls());
      expectObservable(result).toBe(firstExpected, lists);
      expectObservable(result, '---^').toBe(secondExpected, lists);
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
      } as unknown as StreamChunk;
      const source = hot('  --a--t--b--|', { ...chunks, t: trap });
      const subscription = '^----!';
      const expected = '    --x--#';
      expectObservable(source.pipe(accumulateToolCalls())).toBe(expected, lists, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('makes an error of what is no chunk', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --n--a--|', { ...chunks, n: null as never });
      const subscription = '^-!';
      const expected = '    --#';
      expectObservable(source.pipe(accumulateToolCalls())).toBe(expected, lists, expect.any(TypeError));
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('reads a synchronous source', () => {
    marbles(({ expectObservable }) => {
      const source = from([chunks.r!, chunks.a!, chunks.b!, chunks.c!, chunks.f!]);
      const expected = '(xyz|)';
      expectObservable(source.pipe(accumulateToolCalls())).toBe(expected, lists);
    });
  });

  it('stops an endless synchronous source as soon as nobody listens', () => {
    const endless = new Endless(() => chunks.a!);
    const heard: (readonly ToolCall[])[] = [];
    endless.values.pipe(accumulateToolCalls(), take(1)).subscribe((calls) => heard.push(calls));
    expect(heard).toEqual([[begun]]);
    expect(endless.produced).toBe(1);
  });

  it('emits one list to take(1) also when that makes the source emit again', () => {
    const source = new Subject<StreamChunk>();
    const heard: (readonly ToolCall[])[] = [];
    source.pipe(accumulateToolCalls(), take(1)).subscribe((calls) => {
      heard.push(calls);
      source.next(chunks.b!);
    });
    source.next(chunks.a!);
    expect(heard).toEqual([[begun]]);
    expect(source.observed).toBe(false);
  });

  it('keeps the calls of a choice that has finished', () => {
    marbles(({ cold, expectObservable }) => {
      const choice1 = chatChunk({
        index: 1,
        delta: { tool_calls: [{ index: 0, id: 'b', function: { name: 'time' } }] },
      });
      const source = cold('-a-b-f-d-|', { ...chunks, d: choice1 });
      const expected = '   -x-y---z-|';
      const later = { ...other, choice: 1, index: 0, arguments: '' };
      expectObservable(source.pipe(accumulateToolCalls())).toBe(expected, { ...lists, z: [call, later] });
    });
  });

  describe('the lists', () => {
    const part = (choice: number, ...parts: ToolCallPart[]) =>
      chatChunk({ index: choice, delta: { tool_calls: parts } });
    const opened = (choice: number, index: number, id: string) =>
      part(choice, { index, id, function: { name: 'weather', arguments: '' } });

    it('stand in the order of choice and index, in whatever order the calls come', () => {
      const last = listsOf(
        opened(1, 1, 'd'),
        opened(0, 2, 'b'),
        opened(1, 0, 'c'),
        finish('tool_calls', 1),
        opened(2, 0, 'e'),
        opened(0, 0, 'a'),
      ).at(-1);
      expect(last?.map(({ choice, index, id }) => [choice, index, id])).toEqual([
        [0, 0, 'a'],
        [0, 2, 'b'],
        [1, 0, 'c'],
        [1, 1, 'd'],
        [2, 0, 'e'],
      ]);
    });

    it('stand in the order of the output, in whatever order the items of a Response come', () => {
      const item = (id: string) => ({ type: 'function_call', id: `fc_${id}`, call_id: id, name: 'weather' });
      const added = (place: number, id: string) =>
        responseEvent('response.output_item.added', { output_index: place, item: item(id) });
      const last = listsOf(added(4, 'c'), added(0, 'a'), added(2, 'b')).at(-1);
      expect(last?.map(({ index, id }) => [index, id])).toEqual([
        [0, 'a'],
        [2, 'b'],
        [4, 'c'],
      ]);
    });

    it('never change after they were emitted, nor do their calls', () => {
      const kept: { calls: readonly ToolCall[]; asEmitted: unknown }[] = [];
      const source = new Subject<StreamChunk>();
      const failures: unknown[] = [];
      source.pipe(accumulateToolCalls()).subscribe({
        next: (calls) => {
          kept.push({ calls, asEmitted: JSON.parse(JSON.stringify(calls)) });
          Object.freeze(calls);
          calls.forEach((one) => Object.freeze(one));
        },
        error: (error: unknown) => failures.push(error),
      });
      const order = [chunks.c!, chunks.a!, chunks.b!, opened(1, 0, 'd'), chunks.f!, part(1, { index: 0, id: 'd' })];
      for (const chunk of order) source.next(chunk);
      source.next(part(1, { index: 0, function: { arguments: '{}' } }));
      expect(failures).toEqual([]);
      expect(kept.at(-1)?.calls.map((one) => one.arguments)).toEqual(['{"city":"Bonn"}', '{"zone":"CET"}', '{}']);
      for (const { calls, asEmitted } of kept) expect(calls).toEqual(asEmitted);
    });

    it('share the calls that did not change, and bring the changed one as a new object', () => {
      const [, first, second, third] = listsOf(chunks.a!, chunks.c!, chunks.b!, opened(1, 0, 'c'));
      expect(first).toHaveLength(2);
      expect(second?.[1]).toBe(first?.[1]);
      expect(second?.[0]).not.toBe(first?.[0]);
      expect(third?.[0]).toBe(second?.[0]);
      expect(third?.[1]).toBe(second?.[1]);
    });

    it('share the calls of a Response that did not change', () => {
      const item = (place: number) => ({
        type: 'function_call',
        id: `fc_${place}`,
        call_id: `${place}`,
        name: 'weather',
      });
      const added = (place: number) =>
        responseEvent('response.output_item.added', { output_index: place, item: item(place) });
      const [, first, second] = listsOf(
        added(0),
        added(1),
        responseEvent('response.function_call_arguments.delta', { item_id: 'fc_1', output_index: 1, delta: '{}' }),
      );
      expect(second?.[0]).toBe(first?.[0]);
      expect(second?.[1]).not.toBe(first?.[1]);
    });

    it.each<[string, ToolCallPart]>([
      ['with an empty piece', { index: 0, function: { arguments: '' } }],
      ['without a piece', { index: 0 }],
      ['with the same id and name again', { index: 0, id: 'a', function: { name: 'weather' } }],
    ])('are not emitted for a part %s, which changes no call', (_label, empty) => {
      expect(listsOf(chunks.a!, toolCalls(empty))).toEqual([[begun]]);
    });
  });

  describe('of chat chunks', () => {
    it('tells the partial arguments of interleaved calls apart', () => {
      const pieces = argumentsOf(
        toolCalls({ index: 0, id: 'a', function: { name: 'weather', arguments: '{"ci' } }),
        toolCalls({ index: 1, id: 'b', function: { name: 'time', arguments: '{"zo' } }),
        toolCalls({ index: 0, function: { arguments: 'ty":1}' } }),
        toolCalls({ index: 1, function: { arguments: 'ne":2}' } }),
      );
      expect(pieces).toEqual([['{"ci'], ['{"ci', '{"zo'], ['{"city":1}', '{"zo'], ['{"city":1}', '{"zone":2}']]);
    });

    it('takes an id and a name that come late', () => {
      const emitted = listsOf(
        toolCalls({ index: 0, function: { arguments: '{"city":' } }),
        toolCalls({ index: 0, id: 'a', function: { name: 'weather', arguments: '"Bonn"}' } }),
      );
      expect(emitted).toEqual([[{ ...begun, id: '', name: '' }], [call]]);
    });

    it('gives the free text of a custom tool so far', () => {
      const custom = { choice: 0, index: 0, id: 'a', type: 'custom', name: 'shell', arguments: 'ls ' };
      const emitted = listsOf(
        toolCalls({ index: 0, id: 'a', type: 'custom', custom: { name: 'shell', input: 'ls ' } }),
        toolCalls({ index: 0, custom: { input: '-l' } }),
      );
      expect(emitted).toEqual([[custom], [{ ...custom, arguments: 'ls -l' }]]);
    });

    it('knows a custom tool by its type before its text comes', () => {
      const custom = { choice: 0, index: 0, id: 'a', type: 'custom', name: '', arguments: '' };
      const emitted = listsOf(
        toolCalls({ index: 0, id: 'a', type: 'custom' }),
        toolCalls({ index: 0, custom: { name: 'shell', input: 'ls' } }),
      );
      expect(emitted).toEqual([[custom], [{ ...custom, name: 'shell', arguments: 'ls' }]]);
    });

    it('makes one call of the legacy function_call', () => {
      const legacy = { ...begun, id: '', type: 'function_call' };
      const emitted = listsOf(
        chatChunk({ delta: { function_call: { name: 'weather', arguments: '{"city":' } } }),
        chatChunk({ delta: { function_call: { arguments: '"Bonn"}' } } }),
        finish('function_call'),
      );
      expect(emitted).toEqual([[legacy], [{ ...legacy, arguments: '{"city":"Bonn"}' }]]);
    });

    it.each<[string, { index?: number }]>([
      ['where the index is missing', {}],
      ['where every call is numbered 0', { index: 0 }],
    ])('opens a call at a new id with a name %s', (_label, place) => {
      const emitted = listsOf(
        toolCalls({ ...place, id: 'a', function: { name: 'weather', arguments: '{"city":' } }),
        toolCalls({ ...place, function: { arguments: '"Bonn"}' } }),
        toolCalls({ ...place, id: 'b', function: { name: 'time', arguments: '{"zone":"CET"}' } }),
      );
      expect(emitted).toEqual([lists.x, lists.y, lists.z]);
    });

    it('does not join ids and names that are repeated', () => {
      const again = (text: string) => toolCalls({ index: 0, id: 'a', function: { name: 'weather', arguments: text } });
      expect(listsOf(again('{"city":'), again('"Bonn"}'))).toEqual([lists.x, lists.y]);
    });

    it('writes arguments that are an object as JSON, the last of them', () => {
      const emitted = listsOf(
        toolCalls({ index: 0, id: 'a', function: { name: 'weather', arguments: {} } }),
        toolCalls({ index: 0, function: { arguments: { city: 'Bonn' } } }),
      );
      expect(emitted).toEqual([[{ ...call, arguments: '{}' }], [call]]);
    });

    it('passes over what is no part of a call', () => {
      const emitted = listsOf(
        { choices: [null, { delta: null }, { delta: { tool_calls: null, function_call: null } }] } as never,
        { choices: [{ delta: { tool_calls: {} } }, { delta: { tool_calls: [null] } }] } as never,
        { choices: null } as never,
      );
      expect(emitted).toEqual([]);
    });
  });

  describe('of Responses events', () => {
    const item = { type: 'function_call', id: 'fc_1', call_id: 'a', name: 'weather', arguments: '{"city":"Bonn"}' };
    const added = responseEvent('response.output_item.added', { output_index: 0, item: { ...item, arguments: '' } });
    const delta = (text: string, place: object = { item_id: 'fc_1', output_index: 0 }) =>
      responseEvent('response.function_call_arguments.delta', { ...place, delta: text });
    const done = responseEvent('response.function_call_arguments.done', {
      item_id: 'fc_1',
      output_index: 0,
      arguments: item.arguments,
    });
    const itemDone = responseEvent('response.output_item.done', { output_index: 0, item });
    const empty = { ...call, arguments: '' };

    it('emits at the item, at each delta, and not at what says it all again', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const events = {
          t: outputText('Let me see.'),
          a: added,
          b: delta('{"city":'),
          c: delta('"Bonn"}'),
          d: done,
          i: itemDone,
          e: responseEnd('completed', { output: [item] }),
        };
        const source = cold(' -t-a-b-c-d-i-(e|)', events);
        const subscription = '^------------!   ';
        const expected = '    ---w-x-y-----|   ';
        expectObservable(source.pipe(accumulateToolCalls())).toBe(expected, { ...lists, w: [empty] });
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it.each([
      ['the id of the item alone', { item_id: 'fc_1' }],
      ['its place in the output alone', { output_index: 0 }],
      ['its place, where the id is another', { item_id: 'fc_other', output_index: 0 }],
    ])('finds the call of a delta by %s', (_label, place) => {
      expect(listsOf(added, delta('{"city":', place), delta('"Bonn"}', place))).toEqual([[empty], lists.x, lists.y]);
    });

    it('leaves a call as it was handed out, whatever comes after', () => {
      const ofItem = { ...item, name: 'time', arguments: '{}' };
      const again = [
        responseEvent('response.function_call_arguments.done', { item_id: 'fc_1', arguments: '{}' }),
        responseEvent('response.output_item.done', { output_index: 0, item: ofItem }),
      ];
      expect(listsOf(added, done, delta('{}'), done, ...again)).toEqual([[empty], [call]]);
    });

    it('keeps a delta that comes before anybody has told of the call', () => {
      const nameless = { ...empty, id: '', name: '', arguments: '{"city":' };
      expect(listsOf(delta('{"city":'), added)).toEqual([[nameless], [{ ...empty, arguments: '{"city":' }]]);
    });

    it.each([
      ['at the end of the arguments', done],
      ['at the end of the item', itemDone],
      ['in the completed Response', responseEnd('completed', { output: [item] })],
    ])('takes arguments that come whole %s', (_label, event) => {
      expect(listsOf(added, event)).toEqual([[empty], [call]]);
    });

    it('emits calls that stand only in the completed Response, all in one list', () => {
      const message = { type: 'message', id: 'msg_1', content: [] };
      const time = { ...item, id: 'fc_2', call_id: 'b', name: 'time', arguments: '{"zone":"CET"}' };
      expect(listsOf(outputText('Hi'), responseEnd('completed', { output: [message, item, time] }))).toEqual([
        [
          { ...call, index: 1 },
          { ...other, index: 2 },
        ],
      ]);
    });

    it('gives the free text of a custom tool so far', () => {
      const custom = { type: 'custom_tool_call', id: 'ctc_1', call_id: 'a', name: 'shell' };
      const input = (text: string) =>
        responseEvent('response.custom_tool_call_input.delta', { item_id: 'ctc_1', output_index: 0, delta: text });
      const emitted = listsOf(
        responseEvent('response.output_item.added', { output_index: 0, item: { ...custom, input: '' } }),
        input('ls '),
        input('-l'),
        responseEvent('response.custom_tool_call_input.done', { item_id: 'ctc_1', input: 'ls -l' }),
        responseEvent('response.output_item.done', { output_index: 0, item: { ...custom, input: 'ls -l' } }),
      );
      expect(emitted.map(([one]) => [one?.type, one?.name, one?.arguments])).toEqual([
        ['custom', 'shell', ''],
        ['custom', 'shell', 'ls '],
        ['custom', 'shell', 'ls -l'],
      ]);
    });

    it('passes over the items and events of other tools', () => {
      const emitted = listsOf(
        responseEvent('response.output_item.added', { output_index: 0, item: { type: 'web_search_call', id: 'ws_1' } }),
        responseEvent('response.mcp_call_arguments.delta', { item_id: 'mcp_1', output_index: 1, delta: '{}' }),
        responseEvent('response.output_item.done', { item: null }),
      );
      expect(emitted).toEqual([]);
    });
  });

  describe('in the end', () => {
    const part = (...parts: ToolCallPart[]) => toolCalls(...parts);
    const item = { type: 'function_call', id: 'fc_1', call_id: 'a', name: 'weather', arguments: '{"city":"Bonn"}' };

    it.each<[string, StreamChunk[], number]>([
      [
        'calls with indices',
        [
          part({ index: 1, id: 'b', function: { name: 'time', arguments: '{"zone":' } }),
          part({ index: 0, id: 'a', function: { name: 'weather', arguments: '{}' } }),
          part({ index: 1, function: { arguments: '"CET"}' } }),
          finish('tool_calls'),
        ],
        2,
      ],
      [
        'calls without indices',
        [
          part({ id: 'a', function: { name: 'weather', arguments: { city: 'Bonn' } } }),
          part({ id: 'b', function: { name: 'weather', arguments: { city: 'Köln' } } }),
          finish('tool_calls'),
        ],
        2,
      ],
      [
        'a legacy call',
        [chatChunk({ delta: { function_call: { name: 'weather', arguments: '{}' } } }), finish('function_call')],
        1,
      ],
      [
        'calls of two choices',
        [
          part({ index: 0, id: 'a', function: { name: 'weather', arguments: '{}' } }),
          chatChunk({ index: 1, delta: { tool_calls: [{ index: 0, custom: { name: 'shell', input: 'ls' } }] } }),
          finish('tool_calls', 0),
          finish('tool_calls', 1),
        ],
        2,
      ],
      [
        'calls of a Response',
        [
          responseEvent('response.output_item.added', { output_index: 0, item: { ...item, arguments: '' } }),
          responseEvent('response.function_call_arguments.done', { item_id: 'fc_1', arguments: '{"city":"Bonn"}' }),
          responseEvent('response.output_item.done', { output_index: 0, item }),
          responseEnd('completed', { output: [item, { ...item, id: 'fc_2', call_id: 'b' }] }),
        ],
        2,
      ],
    ])('holds what collectToolCalls hands out, for %s', (_label, whole, count) => {
      const handedOut: ToolCall[] = [];
      from(whole)
        .pipe(collectToolCalls())
        .subscribe((one) => handedOut.push(one));
      expect(handedOut).toHaveLength(count);
      expect(listsOf(...whole).at(-1)).toEqual(handedOut);
    });
  });

  describe('where the answer starts again', () => {
    const cut = new APIConnectionError('cut', { phase: 'body' });
    const restart = () => retryWithBackoff<StreamChunk>({ afterFirstChunk: 'restart', initialDelayMs: 3, jitter: 0 });

    it('starts the calls again too', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const first = cold('        -a-b-c-#             ', chunks, cut);
        const firstSubscription = ' ^------!             ';
        const second = cold('                 -a-b-f-|   ', chunks);
        const secondSubscription = '----------^------!   ';
        const expected = '          -x-y-z-----x-y---|   ';
        const result = inTurn(first, second).pipe(restart(), accumulateToolCalls());
        expectObservable(result).toBe(expected, lists);
        expectSubscriptions(first.subscriptions).toBe(firstSubscription);
        expectSubscriptions(second.subscriptions).toBe(secondSubscription);
      });
    });

    it('drops the calls of a choice that had finished before the break', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -a-f-#      ', chunks, cut);
        const second = cold('        -c-|', chunks);
        const expected = '   -x-------z-|';
        const result = inTurn(first, second).pipe(restart(), accumulateToolCalls());
        expectObservable(result).toBe(expected, { ...lists, z: [other] });
      });
    });

    it('goes on behind another stream, whose calls a retry before the first chunk does not replace', () => {
      marbles(({ cold, expectObservable }) => {
        const turn = cold('  -a-b-|       ', chunks);
        const first = cold('      -#       ', chunks, cut);
        const second = cold('         -c-f|', chunks);
        const expected = '   -x-y------z--|';
        const result = concat(turn, inTurn(first, second).pipe(restart())).pipe(accumulateToolCalls());
        expectObservable(result).toBe(expected, lists);
      });
    });
  });
});
