import { from, Subject } from 'rxjs';
import { collectToolCalls, type ToolCall } from 'rxdelta';
import type { ResponseStreamEvent } from 'rxdelta/openai';
import { outputText, responseEnd, responseEvent } from '../support/chunks';

/** The calls, and how many of them had been handed out after each event. */
function collect(...events: ResponseStreamEvent[]): { calls: ToolCall[]; counts: number[] } {
  const source = new Subject<ResponseStreamEvent>();
  const calls: ToolCall[] = [];
  source.pipe(collectToolCalls()).subscribe((call) => calls.push(call));
  const counts = events.map((event) => {
    source.next(event);
    return calls.length;
  });
  source.complete();
  return { calls, counts };
}

describe('ResponseToolCalls', () => {
  const item = {
    type: 'function_call',
    id: 'fc_1',
    call_id: 'call_1',
    name: 'weather',
    status: 'completed',
    arguments: '{"city":"Bonn"}',
  };
  const opened = { ...item, status: 'in_progress', arguments: '' };
  const call = { choice: 0, index: 0, id: 'call_1', type: 'function', name: 'weather', arguments: '{"city":"Bonn"}' };
  const otherItem = { ...item, id: 'fc_2', call_id: 'call_2', name: 'time', arguments: '{"zone":"CET"}' };
  const other = { ...call, index: 1, id: 'call_2', name: 'time', arguments: '{"zone":"CET"}' };

  const added = (output: object, index?: number) =>
    responseEvent('response.output_item.added', {
      item: output,
      ...(index === undefined ? {} : { output_index: index }),
    });
  const itemDone = (output: object, index?: number) =>
    responseEvent('response.output_item.done', {
      item: output,
      ...(index === undefined ? {} : { output_index: index }),
    });
  const argumentsDelta = (delta: string) =>
    responseEvent('response.function_call_arguments.delta', { item_id: 'fc_1', output_index: 0, delta });
  const argumentsDone = (itemId: string, text: unknown) =>
    responseEvent('response.function_call_arguments.done', { item_id: itemId, arguments: text });

  it('hands a call out once, when its arguments are done', () => {
    const { calls, counts } = collect(
      added(opened, 0),
      argumentsDelta('{"city":'),
      argumentsDelta('"Bonn"}'),
      argumentsDone('fc_1', '{"city":"Bonn"}'),
      itemDone(item, 0),
      responseEnd('completed', { output: [item] }),
    );
    expect(calls).toEqual([call]);
    expect(counts).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it('hands it out when its item is done, where no such event comes', () => {
    const { calls, counts } = collect(added(opened, 0), argumentsDelta('{}'), itemDone(item, 0));
    expect(calls).toEqual([call]);
    expect(counts).toEqual([0, 0, 1]);
  });

  it('waits for the item where nobody has said what is called', () => {
    const { calls, counts } = collect(
      argumentsDone('fc_1', '{"city":"Bonn"}'),
      responseEvent('response.function_call_arguments.done', { arguments: '{}' }),
      added({ type: 'function_call', id: 'fc_2', call_id: 'call_2' }, 1),
      argumentsDone('fc_2', '{"zone":"CET"}'),
      itemDone(item, 0),
      itemDone(otherItem, 1),
    );
    expect(calls).toEqual([call, other]);
    expect(counts).toEqual([0, 0, 0, 0, 1, 2]);
  });

  it('hands calls out that stand only in the completed response', () => {
    const message = { type: 'message', id: 'msg_1', content: [] };
    const { calls, counts } = collect(
      outputText('Hello'),
      responseEnd('completed', { output: [message, item, null, otherItem] }),
    );
    expect(calls).toEqual([
      { ...call, index: 1 },
      { ...other, index: 3 },
    ]);
    expect(counts).toEqual([0, 2]);
  });

  it('tells interleaved calls apart by the id of their item', () => {
    const { calls, counts } = collect(
      added(opened, 0),
      added({ ...otherItem, arguments: '' }, 1),
      argumentsDone('fc_2', '{"zone":"CET"}'),
      argumentsDone('fc_1', '{"city":"Bonn"}'),
      itemDone(item, 0),
      itemDone(otherItem, 1),
    );
    expect(calls).toEqual([other, call]);
    expect(counts).toEqual([0, 0, 1, 2, 2, 2]);
  });

  it('tells interleaved calls apart by their places alone', () => {
    const delta = (place: number, text: string) =>
      responseEvent('response.function_call_arguments.delta', { output_index: place, delta: text });
    const done = (place: number, text: string) =>
      responseEvent('response.function_call_arguments.done', { output_index: place, arguments: text });
    const { calls, counts } = collect(
      added(opened, 0),
      added({ ...otherItem, arguments: '' }, 1),
      delta(1, '{"zone":'),
      delta(0, '{"city":"Bonn"}'),
      delta(1, '"CET"}'),
      done(1, '{"zone":"CET"}'),
      done(0, '{"city":"Bonn"}'),
    );
    expect(calls).toEqual([other, call]);
    expect(counts).toEqual([0, 0, 0, 0, 0, 1, 2]);
  });

  it('takes the arguments of the deltas where the item is done without any', () => {
    const { arguments: _arguments, ...bare } = item;
    const { calls } = collect(
      added(opened, 0),
      argumentsDelta('{"city":'),
      argumentsDelta('"Bonn"}'),
      itemDone(bare, 0),
    );
    expect(calls).toEqual([call]);
  });

  it('finds an item by its place where a server changes the ids', () => {
    const { calls } = collect(
      added({ ...opened, id: 'fc_x', call_id: 'call_x' }, 0),
      argumentsDelta('{"city":"Bonn"}'),
      itemDone({ ...item, arguments: '' }, 0),
      responseEnd('completed', { output: [{ ...item, id: 'fc_y', call_id: 'call_y' }] }),
    );
    expect(calls).toEqual([call]);
  });

  describe('where a server gives two calls of one tool the same place', () => {
    const second = { ...item, id: 'fc_2', call_id: 'call_2', arguments: '{"city":"Köln"}' };
    const secondOpened = { ...second, status: 'in_progress', arguments: '' };
    const secondCall = { ...call, id: 'call_2', arguments: '{"city":"Köln"}' };
    const end = responseEnd('completed', { output: [item, second] });
    const delta = (itemId: string | undefined, text: string) =>
      responseEvent('response.function_call_arguments.delta', { item_id: itemId, output_index: 0, delta: text });
    const done = (itemId: string | undefined, text: string) =>
      responseEvent('response.function_call_arguments.done', { item_id: itemId, output_index: 0, arguments: text });

    it('hands out both, one after the other', () => {
      const { calls, counts } = collect(
        added(opened, 0),
        delta('fc_1', '{"city":"Bonn"}'),
        done('fc_1', '{"city":"Bonn"}'),
        itemDone(item, 0),
        added(secondOpened, 0),
        delta('fc_2', '{"city":"Köln"}'),
        done('fc_2', '{"city":"Köln"}'),
        itemDone(second, 0),
        end,
      );
      expect(calls).toEqual([call, secondCall]);
      expect(counts).toEqual([0, 0, 1, 1, 1, 1, 2, 2, 2]);
    });

    it('hands out both, side by side', () => {
      const { calls, counts } = collect(
        added(opened, 0),
        added(secondOpened, 0),
        delta('fc_1', '{"city":'),
        delta('fc_2', '{"city":"Köln"}'),
        delta('fc_1', '"Bonn"}'),
        itemDone({ ...second, arguments: '' }, 0),
        itemDone({ ...item, arguments: '' }, 0),
        end,
      );
      expect(calls).toEqual([secondCall, call]);
      expect(counts).toEqual([0, 0, 0, 0, 0, 1, 2, 2]);
    });

    it('hands out both where it gives no more than items that are done', () => {
      const { calls, counts } = collect(itemDone(item, 0), itemDone(second, 0), end);
      expect(calls).toEqual([call, secondCall]);
      expect(counts).toEqual([1, 2, 2]);
    });

    it('hands out both where a call begins with its arguments', () => {
      const { calls } = collect(
        itemDone(item, 0),
        delta('fc_2', '{"city":'),
        delta('fc_2', '"Köln"}'),
        itemDone({ ...second, arguments: '' }, 0),
      );
      expect(calls).toEqual([call, secondCall]);
    });

    it('hands out both where it gives no ids', () => {
      const bare = { ...opened, id: undefined, call_id: undefined };
      const { calls, counts } = collect(
        added(bare, 0),
        delta(undefined, '{"city":"Bonn"}'),
        done(undefined, '{"city":"Bonn"}'),
        itemDone(bare, 0),
        added(bare, 0),
        delta(undefined, '{"city":"Köln"}'),
        done(undefined, '{"city":"Köln"}'),
        itemDone(bare, 0),
      );
      expect(calls).toEqual([
        { ...call, id: '' },
        { ...secondCall, id: '' },
      ]);
      expect(counts).toEqual([0, 0, 1, 1, 1, 1, 2, 2]);
    });

    it('hands out both where the first was done by its arguments, and its item is not told of again', () => {
      const { calls } = collect(
        added(opened, 0),
        done('fc_1', '{"city":"Bonn"}'),
        added(secondOpened, 0),
        done('fc_2', '{"city":"Köln"}'),
        end,
      );
      expect(calls).toEqual([call, secondCall]);
    });
  });

  it('hands a call out once, though its ids change after its arguments are done, and in the end again', () => {
    const { calls, counts } = collect(
      added(opened, 0),
      argumentsDone('fc_1', '{"city":"Bonn"}'),
      itemDone({ ...item, id: 'fc_x', call_id: 'call_x' }, 0),
      responseEnd('completed', { output: [{ ...item, id: 'fc_y', call_id: 'call_y' }] }),
    );
    expect(calls).toEqual([call]);
    expect(counts).toEqual([0, 1, 1, 1]);
  });

  it('hands a call out once, though its arguments are done twice', () => {
    const { calls, counts } = collect(
      added(opened, 0),
      argumentsDone('fc_1', '{"city":"Bonn"}'),
      argumentsDone('fc_1', '{"city":"Ulm"}'),
    );
    expect(calls).toEqual([call]);
    expect(counts).toEqual([0, 1, 1]);
  });

  it('waits for the item where the event that says so has no arguments', () => {
    const { calls, counts } = collect(added(opened, 0), argumentsDone('fc_1', undefined), itemDone(item, 0));
    expect(calls).toEqual([call]);
    expect(counts).toEqual([0, 0, 1]);
  });

  it('takes another item at a place for another call, and one without ids and name for that which is there', () => {
    const { calls } = collect(added(opened, 0), itemDone(otherItem, 0), itemDone(item, 0));
    expect(calls).toEqual([{ ...other, index: 0 }, call]);
    const bare = { type: 'function_call', arguments: '{"city":"Bonn"}' };
    expect(collect(added(opened, 0), itemDone(bare, 0)).calls).toEqual([call]);
  });

  it('tells calls apart by their places where their ids are empty', () => {
    const delta = (place: number, text: unknown) =>
      responseEvent('response.function_call_arguments.delta', { item_id: '', output_index: place, delta: text });
    const nameOnly = (name: string) => ({ type: 'function_call', id: '', name, arguments: '' });
    const { calls } = collect(
      delta(0, '{"city":'),
      delta(1, '{"zone":"CET"}'),
      delta(0, '"Bonn"}'),
      delta(0, undefined),
      delta(1, null),
      itemDone(nameOnly('weather'), 0),
      itemDone(nameOnly('time'), 1),
    );
    expect(calls).toEqual([
      { ...call, id: '' },
      { ...other, id: '' },
    ]);
  });

  it('gives the free text of a custom tool as its arguments', () => {
    const custom = { type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_1', name: 'shell', input: 'ls -l' };
    const { calls, counts } = collect(
      added({ ...custom, input: '' }, 0),
      responseEvent('response.custom_tool_call_input.delta', { item_id: 'ctc_1', delta: 'ls -l' }),
      responseEvent('response.custom_tool_call_input.done', { item_id: 'ctc_1', input: 'ls -l' }),
      itemDone(custom, 0),
    );
    expect(calls).toEqual([{ ...call, type: 'custom', name: 'shell', arguments: 'ls -l' }]);
    expect(counts).toEqual([0, 0, 1, 1]);
    expect(collect(itemDone(custom, 0)).calls).toEqual(calls);
  });

  it('writes arguments that are an object as JSON, and does without any', () => {
    const { calls } = collect(
      itemDone({ ...item, arguments: { city: 'Bonn' } }, 0),
      itemDone({ ...otherItem, arguments: null }, 1),
    );
    expect(calls).toEqual([call, { ...other, arguments: '' }]);
  });

  it('passes over other items and events', () => {
    const { calls } = collect(
      responseEvent('response.created', { response: { id: 'resp_1', output: [item] } }),
      added({ type: 'message', id: 'msg_1' }, 0),
      itemDone({ type: 'web_search_call', id: 'ws_1' }, 0),
      responseEvent('response.output_item.done', { item: null }),
      responseEvent('response.something.new', { item, arguments: '{}' }),
      responseEvent('response.completed', { response: null }),
      { arguments: '{}' } as never,
    );
    expect(calls).toEqual([]);
  });

  it('numbers calls by themselves where the server gives no place', () => {
    const { calls } = collect(added(opened), added(otherItem), itemDone(item), itemDone(otherItem));
    expect(calls).toEqual([call, other]);
  });

  it('keeps the place that came first with the item', () => {
    const { calls } = collect(added(otherItem, 4), itemDone(otherItem));
    expect(calls).toEqual([{ ...other, index: 4 }]);
  });

  it('gives the id of the item where there is no call_id', () => {
    const { call_id: _callId, ...bare } = item;
    expect(collect(itemDone(bare, 0)).calls).toEqual([{ ...call, id: 'fc_1' }]);
    expect(collect(itemDone({ ...item, call_id: '' }, 0)).calls).toEqual([{ ...call, id: 'fc_1' }]);
  });

  it.each([
    ['the id of the item', { ...item, id: 'fc_other' }],
    ['the call_id', { ...item, call_id: 'call_other' }],
    ['no id of the item', { ...item, id: undefined }],
  ])('hands a call out once, though the response ends with another: %s', (_label, last) => {
    const { calls } = collect(itemDone(item, 0), responseEnd('completed', { output: [last] }));
    expect(calls).toEqual([call]);
  });

  it('hands calls out once each, though a server gives no ids at all', () => {
    const bare = { ...item, id: undefined, call_id: undefined };
    const otherBare = { ...otherItem, id: null, call_id: null };
    const { calls, counts } = collect(
      added(bare, 0),
      added(otherBare, 1),
      itemDone(bare, 0),
      itemDone(otherBare, 1),
      responseEnd('completed', { output: [bare, otherBare] }),
    );
    expect(calls).toEqual([
      { ...call, id: '' },
      { ...other, id: '' },
    ]);
    expect(counts).toEqual([0, 0, 1, 2, 2]);
  });

  it.each(['incomplete', 'cancelled', 'failed'] as const)(
    'hands nothing out that stands only in a response that is %s',
    (status) => {
      expect(collect(added(opened, 0), argumentsDelta('{"ci'), responseEnd(status, { output: [item] })).calls).toEqual(
        [],
      );
    },
  );

  it('hands nothing out of an item that the answer was cut in', () => {
    const { calls } = collect(
      itemDone(item, 0),
      added({ ...otherItem, status: 'in_progress', arguments: '' }, 1),
      itemDone({ ...otherItem, status: 'incomplete', arguments: '{"zo' }, 1),
      responseEnd('incomplete'),
    );
    expect(calls).toEqual([call]);
  });

  it('hands out what the completed response holds of an item that seemed to be cut', () => {
    const { calls, counts } = collect(
      added(opened, 0),
      itemDone({ ...item, status: 'incomplete', arguments: '{"ci' }, 0),
      responseEnd('completed', { output: [item] }),
    );
    expect(calls).toEqual([call]);
    expect(counts).toEqual([0, 0, 1]);
  });

  it('hands nothing out of a stream that fails in the middle of a call', () => {
    const source = new Subject<ResponseStreamEvent>();
    const heard: unknown[] = [];
    const failure = new Error('broken');
    source.pipe(collectToolCalls()).subscribe({
      next: (handedOut) => heard.push(handedOut),
      error: (error: unknown) => heard.push(error),
    });
    for (const event of [added(opened, 0), argumentsDelta('{"city":"Bonn"}')]) source.next(event);
    source.error(failure);
    expect(heard).toEqual([failure]);
  });

  it('hands nothing out of a stream that ends in the middle of a call', () => {
    expect(collect(added(opened, 0), argumentsDelta('{"city":"Bonn"}')).calls).toEqual([]);
  });

  it('reads a synchronous source', () => {
    const calls: ToolCall[] = [];
    from([added(opened, 0), itemDone(item, 0)])
      .pipe(collectToolCalls())
      .subscribe((handedOut) => calls.push(handedOut));
    expect(calls).toEqual([call]);
  });
});
