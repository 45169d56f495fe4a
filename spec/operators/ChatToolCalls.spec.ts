import fc from 'fast-check';
import { from } from 'rxjs';
import { collectToolCalls, type ToolCall } from 'rxdelta';
import type { ChatCompletionChunk } from 'rxdelta/openai';
import { chatChunk, finish, toolCalls, type ToolCallPart } from '../support/chunks';
import { codePoint } from '../support/codePoint';

/** The calls that are handed out of these chunks. */
function callsOf(...chunks: ChatCompletionChunk[]): ToolCall[] {
  const calls: ToolCall[] = [];
  from(chunks)
    .pipe(collectToolCalls())
    .subscribe((call) => calls.push(call));
  return calls;
}

/** The calls of choice 0, when it has finished. */
function callsOfParts(...parts: ToolCallPart[]): ToolCall[] {
  return callsOf(...parts.map((part) => toolCalls(part)), finish('tool_calls'));
}

describe('ChatToolCalls', () => {
  const call = { choice: 0, index: 0, id: 'a', type: 'function', name: 'weather', arguments: '{"city":"Bonn"}' };
  const another = { choice: 0, index: 1, id: 'b', type: 'function', name: 'time', arguments: '{"zone":"CET"}' };

  it('joins the parts of a call', () => {
    const calls = callsOfParts(
      { index: 0, id: 'a', type: 'function', function: { name: 'weather', arguments: '' } },
      { index: 0, function: { arguments: '{"city":' } },
      { index: 0, function: { arguments: '"Bonn"}' } },
    );
    expect(calls).toEqual([call]);
  });

  it('takes parts that come with the finish reason', () => {
    const calls = callsOf(
      toolCalls({ index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":' } }),
      chatChunk({
        delta: { tool_calls: [{ index: 0, function: { arguments: '"Bonn"}' } }] },
        finish_reason: 'tool_calls',
      }),
    );
    expect(calls).toEqual([call]);
  });

  it('tells interleaved calls apart by their index', () => {
    const calls = callsOfParts(
      { index: 0, id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city":' } },
      { index: 1, id: 'b', type: 'function', function: { name: 'time', arguments: '{"zone":' } },
      { index: 0, function: { arguments: '"Bonn"}' } },
      { index: 1, function: { arguments: '"CET"}' } },
    );
    expect(calls).toEqual([call, another]);
  });

  it('takes parts of several calls from one chunk', () => {
    const calls = callsOf(
      toolCalls(
        { index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":' } },
        { index: 1, id: 'b', function: { name: 'time', arguments: '{"zone":' } },
      ),
      toolCalls({ index: 0, function: { arguments: '"Bonn"}' } }, { index: 1, function: { arguments: '"CET"}' } }),
      finish('tool_calls'),
    );
    expect(calls).toEqual([call, another]);
  });

  it('keeps a first index other than 0', () => {
    const calls = callsOfParts({ index: 3, id: 'a', function: { name: 'weather', arguments: '{"city":"Bonn"}' } });
    expect(calls).toEqual([{ ...call, index: 3 }]);
  });

  it('does without a type', () => {
    expect(callsOfParts({ index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":"Bonn"}' } })).toEqual([
      call,
    ]);
  });

  it('lets no null or empty id and name overwrite', () => {
    const calls = callsOfParts(
      { index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":' } },
      { index: 0, id: '', type: null, function: { name: '', arguments: '"Bo' } },
      { index: 0, id: null, function: { name: null, arguments: 'nn"}' } },
    );
    expect(calls).toEqual([call]);
  });

  it('takes an id and a name that come late', () => {
    const calls = callsOfParts(
      { index: 0, id: '', function: { name: '', arguments: '{"city":' } },
      { index: 0, id: 'a', function: { name: 'weather', arguments: '"Bonn"}' } },
    );
    expect(calls).toEqual([call]);
  });

  it.each<[string, ToolCallPart, ToolCallPart]>([
    ['an id after the name', { function: { name: 'weather' } }, { id: 'a', function: { name: 'weather' } }],
    ['an id alone after the name', { function: { name: 'weather' } }, { id: 'a' }],
    ['a name after the id', { id: 'a' }, { function: { name: 'weather' } }],
  ])('takes %s', (_label, first, second) => {
    const calls = callsOfParts(
      { index: 0, ...first },
      { index: 0, ...second },
      { index: 0, function: { arguments: '{"city":"Bonn"}' } },
    );
    expect(calls).toEqual([call]);
  });

  it('keeps the name that came first with an id', () => {
    const calls = callsOfParts(
      { index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":' } },
      { index: 0, id: 'a', function: { name: 'forecast', arguments: '"Bonn"}' } },
    );
    expect(calls).toEqual([call]);
  });

  it('does not join names and ids that are repeated', () => {
    const calls = callsOfParts(
      { index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":' } },
      { index: 0, id: 'a', function: { name: 'weather', arguments: '"Bo' } },
      { index: 0, id: 'a', function: { name: 'weather', arguments: 'nn"}' } },
    );
    expect(calls).toEqual([call]);
  });

  it('leaves the id empty where a server gives none', () => {
    const calls = callsOfParts(
      { index: 0, function: { name: 'weather', arguments: '{"city":' } },
      { index: 0, function: { arguments: '"Bonn"}' } },
      { index: 1, function: { name: 'time', arguments: '{"zone":"CET"}' } },
    );
    expect(calls).toEqual([
      { ...call, id: '' },
      { ...another, id: '' },
    ]);
  });

  it('takes calls with one id and two indices for two', () => {
    const calls = callsOfParts(
      { index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":"Bonn"}' } },
      { index: 1, id: 'a', function: { name: 'time', arguments: '{"zone":"CET"}' } },
    );
    expect(calls).toEqual([call, { ...another, id: 'a' }]);
  });

  describe('where every call is numbered 0', () => {
    it('opens a call at a new id with a name, and numbers it', () => {
      const calls = callsOfParts(
        { index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":' } },
        { index: 0, function: { arguments: '"Bonn"}' } },
        { index: 0, id: 'b', function: { name: 'time', arguments: '{"zone":' } },
        { index: 0, function: { arguments: '"CET"}' } },
      );
      expect(calls).toEqual([call, another]);
    });

    it('opens a call at a new id also for the same tool', () => {
      const calls = callsOfParts(
        { index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":"Bonn"}' } },
        { index: 0, id: 'b', function: { name: 'weather', arguments: '{"city":"Köln"}' } },
      );
      expect(calls).toEqual([call, { ...call, index: 1, id: 'b', arguments: '{"city":"Köln"}' }]);
    });

    it('opens a call at a new id also for the same tool, whose arguments begin later', () => {
      const calls = callsOfParts(
        { index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":"Bonn"}' } },
        { index: 0, id: 'b', function: { name: 'weather', arguments: '' } },
        { index: 0, function: { arguments: '{"city":"Köln"}' } },
      );
      expect(calls).toEqual([call, { ...call, index: 1, id: 'b', arguments: '{"city":"Köln"}' }]);
    });

    it('numbers it behind all others, whatever their indices', () => {
      const calls = callsOfParts(
        { index: 4, id: 'x', function: { name: 'shell', arguments: '{}' } },
        { index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":"Bonn"}' } },
        { index: 0, id: 'b', function: { name: 'time', arguments: '{"zone":"CET"}' } },
      );
      expect(calls).toEqual([
        call,
        { ...call, index: 4, id: 'x', name: 'shell', arguments: '{}' },
        { ...another, index: 5 },
      ]);
    });

    it('finds an open call by its id', () => {
      const calls = callsOfParts(
        { index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":' } },
        { index: 0, id: 'b', function: { name: 'time', arguments: '{"zone":' } },
        { index: 0, id: 'a', function: { arguments: '"Bonn"}' } },
        { index: 0, id: 'b', function: { name: 'time', arguments: '"CET"}' } },
      );
      expect(calls).toEqual([call, another]);
    });

    it('goes on with the last call at a new id without a name', () => {
      const calls = callsOfParts(
        { index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":' } },
        { index: 0, id: 'random', function: { arguments: '"Bonn"}' } },
      );
      expect(calls).toEqual([call]);
    });

    it('opens a call at another name where there are no ids', () => {
      const calls = callsOfParts(
        { index: 0, function: { name: 'weather', arguments: { city: 'Bonn' } } },
        { index: 0, function: { name: 'time', arguments: { zone: 'CET' } } },
      );
      expect(calls).toEqual([
        { ...call, id: '' },
        { ...another, id: '' },
      ]);
    });
  });

  describe('where the index is missing', () => {
    it('tells calls apart by their ids', () => {
      const calls = callsOfParts(
        { id: 'a', function: { name: 'weather', arguments: '{"city":' } },
        { index: null, id: 'b', function: { name: 'time', arguments: '{"zone":' } },
        { id: 'a', function: { arguments: '"Bonn"}' } },
        { id: 'b', function: { name: 'time', arguments: '"CET"}' } },
      );
      expect(calls).toEqual([call, another]);
    });

    it('opens a call at a new id with a name, also for the same tool', () => {
      const calls = callsOfParts(
        { id: 'a', function: { name: 'weather', arguments: '{"city":"Bonn"}' } },
        { id: 'b', function: { name: 'weather', arguments: '{"city":"Köln"}' } },
      );
      expect(calls).toEqual([call, { ...call, index: 1, id: 'b', arguments: '{"city":"Köln"}' }]);
    });

    it('goes on with the last call without an id, and at an id that nobody knows without a name', () => {
      const calls = callsOfParts(
        { id: 'a', function: { name: 'weather', arguments: '{"ci' } },
        { function: { arguments: 'ty":' } },
        { id: 'b', function: { name: 'time', arguments: '{"zone"' } },
        { id: 'random', function: { arguments: ':"CET' } },
        { function: { arguments: '"}' } },
        { id: 'a', function: { arguments: '"Bonn"}' } },
      );
      expect(calls).toEqual([call, another]);
    });

    it('goes on with the last call where only its first part has an index', () => {
      const calls = callsOfParts(
        { index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":"Bonn"}' } },
        { index: 1, id: 'b', function: { name: 'time', arguments: '{"zone":' } },
        { function: { arguments: '"CET"}' } },
      );
      expect(calls).toEqual([call, another]);
    });

    it('goes on with the last call of the same choice, not of another', () => {
      const part = (index: number, delta: ToolCallPart) => chatChunk({ index, delta: { tool_calls: [delta] } });
      const calls = callsOf(
        part(0, { id: 'a', function: { name: 'weather', arguments: '{"city":' } }),
        part(1, { id: 'b', function: { name: 'time', arguments: '{"zone":' } }),
        part(0, { function: { arguments: '"Bonn"}' } }),
        part(1, { function: { arguments: '"CET"}' } }),
        finish('tool_calls', 0),
        finish('tool_calls', 1),
      );
      expect(calls).toEqual([call, { ...another, choice: 1, index: 0 }]);
    });

    it('goes on with the last call at the same name again', () => {
      const calls = callsOfParts(
        { function: { name: 'weather', arguments: '{"city":' } },
        { function: { name: 'weather', arguments: '"Bonn"}' } },
      );
      expect(calls).toEqual([{ ...call, id: '' }]);
    });

    it('opens a call at another name', () => {
      const calls = callsOfParts(
        { function: { name: 'weather', arguments: '{"city":"Bonn"}' } },
        { function: { name: 'time', arguments: '{"zone":"CET"}' } },
      );
      expect(calls).toEqual([
        { ...call, id: '' },
        { ...another, id: '' },
      ]);
    });

    it('opens a call at the same name with whole arguments again', () => {
      const calls = callsOfParts(
        { function: { name: 'weather', arguments: { city: 'Bonn' } } },
        { function: { name: 'weather', arguments: { city: 'Köln' } } },
      );
      expect(calls).toEqual([
        { ...call, id: '' },
        { ...call, id: '', index: 1, arguments: '{"city":"Köln"}' },
      ]);
    });

    it('gives arguments that come whole to the call that has none yet', () => {
      const calls = callsOfParts(
        { function: { name: 'weather', arguments: '' } },
        { function: { name: 'weather', arguments: { city: 'Bonn' } } },
      );
      expect(calls).toEqual([{ ...call, id: '' }]);
    });
  });

  it('writes arguments that are an object as JSON', () => {
    const calls = callsOfParts({ index: 0, id: 'a', function: { name: 'weather', arguments: { city: 'Bonn' } } });
    expect(calls).toEqual([call]);
    expect(calls[0]?.parsed()).toEqual({ city: 'Bonn' });
  });

  it('writes arguments that are a list as JSON', () => {
    const calls = callsOfParts({ index: 0, id: 'a', function: { name: 'weather', arguments: ['Bonn', 'Köln'] } });
    expect(calls).toEqual([{ ...call, arguments: '["Bonn","Köln"]' }]);
  });

  it('takes the last of such objects, where a server sends the arguments so far', () => {
    const calls = callsOfParts(
      { index: 0, id: 'a', function: { name: 'weather', arguments: {} } },
      { index: 0, function: { arguments: { city: 'Bonn' } } },
    );
    expect(calls).toEqual([call]);
  });

  it('does without arguments', () => {
    const calls = callsOfParts(
      { index: 0, id: 'a', function: { name: 'weather' } },
      { index: 0, function: { arguments: null } },
      { index: 1, id: 'b' },
    );
    expect(calls).toEqual([
      { ...call, arguments: '' },
      { ...another, name: '', arguments: '' },
    ]);
  });

  it('gives the free text of a custom tool as its arguments', () => {
    const calls = callsOfParts(
      { index: 0, id: 'a', type: 'custom', custom: { name: 'shell', input: 'ls ' } },
      { index: 0, custom: { input: '-l' } },
      { index: 1, id: 'b', custom: { name: 'shell', input: 'pwd' } },
    );
    const custom = { choice: 0, index: 0, id: 'a', type: 'custom', name: 'shell', arguments: 'ls -l' };
    expect(calls).toEqual([custom, { ...custom, index: 1, id: 'b', arguments: 'pwd' }]);
  });

  it('knows a custom tool by its type also before its text comes', () => {
    const calls = callsOfParts(
      { index: 0, id: 'a', type: 'custom' },
      { index: 0, custom: { name: 'shell', input: 'ls' } },
    );
    expect(calls).toEqual([{ choice: 0, index: 0, id: 'a', type: 'custom', name: 'shell', arguments: 'ls' }]);
  });

  it('makes one call of the legacy function_call', () => {
    const calls = callsOf(
      chatChunk({ delta: { role: 'assistant', content: null, function_call: { name: 'weather', arguments: '' } } }),
      chatChunk({ delta: { function_call: { name: null, arguments: '{"city":' } } }),
      chatChunk({ delta: { function_call: { name: 'weather', arguments: '"Bonn"}' } } }),
      finish('function_call'),
    );
    expect(calls).toEqual([{ ...call, id: '', type: 'function_call' }]);
  });

  it('takes the name of the legacy function_call before its arguments, and after them', () => {
    const ofParts = (...parts: object[]) =>
      callsOf(...parts.map((part) => chatChunk({ delta: { function_call: part } })), finish('function_call'));
    const expected = [{ ...call, id: '', type: 'function_call' }];
    expect(ofParts({ name: 'weather' }, { arguments: '{"city":"Bonn"}' })).toEqual(expected);
    expect(ofParts({ arguments: '{"city":"Bonn"}' }, { name: 'weather' })).toEqual(expected);
  });

  it('writes arguments of the legacy function_call that are an object as JSON', () => {
    const calls = callsOf(
      chatChunk({ delta: { function_call: { name: 'weather', arguments: { city: 'Bonn' } } } }),
      finish('function_call'),
    );
    expect(calls).toEqual([{ ...call, id: '', type: 'function_call' }]);
  });

  it('makes one legacy call of each choice', () => {
    const legacy = (index: number, name: string, text: string) =>
      chatChunk({ index, delta: { function_call: { name, arguments: text } } });
    const calls = callsOf(
      legacy(0, 'weather', '{"city":'),
      legacy(1, 'time', '{"zone":'),
      legacy(0, '', '"Bonn"}'),
      legacy(1, '', '"CET"}'),
      finish('function_call', 0),
      finish('function_call', 1),
    );
    expect(calls).toEqual([
      { ...call, id: '', type: 'function_call' },
      { ...another, choice: 1, index: 0, id: '', type: 'function_call' },
    ]);
  });

  it('keeps a legacy call apart from the others of its choice', () => {
    const calls = callsOf(
      toolCalls({ index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":' } }),
      chatChunk({ delta: { function_call: { name: 'time', arguments: '{"zone":' } } }),
      toolCalls({ index: 0, function: { arguments: '"Bonn"}' } }),
      chatChunk({ delta: { function_call: { arguments: '"CET"}' } } }),
      finish('tool_calls'),
    );
    expect(calls).toEqual([call, { ...another, id: '', type: 'function_call' }]);
  });

  it('keeps the calls of several choices apart, and hands them out as each finishes', () => {
    const part = (index: number, delta: ToolCallPart) => chatChunk({ index, delta: { tool_calls: [delta] } });
    const calls = callsOf(
      part(0, { index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":' } }),
      part(1, { index: 0, id: 'c', function: { name: 'time', arguments: '{"zone":' } }),
      part(0, { index: 0, function: { arguments: '"Bonn"}' } }),
      part(1, { index: 0, function: { arguments: '"CET"}' } }),
      finish('tool_calls', 1),
      finish('tool_calls', 0),
    );
    expect(calls).toEqual([{ ...another, choice: 1, index: 0, id: 'c' }, call]);
  });

  describe.each([
    'length',
    'content_filter',
    'model_length',
    'insufficient_system_resource',
    'error',
    'max_tokens',
    'abort',
    'sensitive',
    'nonstop',
  ])('of a choice that ended by %s', (reason) => {
    it('hands out the calls whose arguments are whole, and not the one that was cut', () => {
      const calls = callsOf(
        toolCalls({ index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":"Bonn"}' } }),
        toolCalls({ index: 1, id: 'b', function: { name: 'time', arguments: '{"zone":' } }),
        finish(reason as never),
      );
      expect(calls).toEqual([call]);
    });

    it('hands out the last one where its arguments are whole', () => {
      const { id, name, arguments: text } = call;
      const calls = callsOf(toolCalls({ index: 0, id, function: { name, arguments: text } }), finish(reason as never));
      expect(calls).toEqual([call]);
    });
  });

  it.each(['stop', 'tool_calls', 'function_call'] as const)(
    'hands out whatever a choice holds that ended by %s',
    (reason) => {
      const calls = callsOf(
        toolCalls({ index: 0, id: 'a', type: 'custom', custom: { name: 'shell', input: 'ls' } }),
        toolCalls({ index: 1, id: 'b', function: { name: 'time', arguments: '' } }),
        finish(reason),
      );
      expect(calls.map(({ arguments: text }) => text)).toEqual(['ls', '']);
    },
  );

  it('opens no call at a part that says nothing', () => {
    const nothing = [{ index: 0, function: { arguments: '' } }, { index: 0 }, { function: { name: '' } }];
    expect(callsOfParts(...nothing)).toEqual([]);
    const legacy = chatChunk({ delta: { function_call: { name: '', arguments: '' } } });
    expect(callsOf(legacy, finish('function_call'))).toEqual([]);
    const parts = { index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":"Bonn"}' } };
    expect(
      callsOf(toolCalls(parts), finish('tool_calls'), ...nothing.map((part) => toolCalls(part)), finish()),
    ).toEqual([call]);
  });

  it.each([{ index: 0, id: '' }, { index: 0 }, {}])('opens a call at a second set of whole arguments: %j', (place) => {
    const part = (city: string) => ({ ...place, function: { name: 'weather', arguments: `{"city":"${city}"}` } });
    expect(callsOfParts(part('Bonn'), part('Köln')).map(({ arguments: text }) => text)).toEqual([
      '{"city":"Bonn"}',
      '{"city":"Köln"}',
    ]);
  });

  it.each(['stop', 'STOP', 'eos', 'end_turn', 'tool_calls', 'tool_use', 'function_call'])(
    'hands out whatever call there is where the model itself ended by %s',
    (reason) => {
      const calls = callsOf(
        toolCalls({ index: 0, id: 'a', function: { name: 'now', arguments: '' } }),
        finish(reason as never),
      );
      expect(calls).toMatchObject([{ name: 'now', arguments: '' }]);
    },
  );

  it('takes a finish reason that is no text for one that nobody knows', () => {
    const call = { index: 0, id: 'a', function: { name: 'time', arguments: '{"zone":' } };
    expect(callsOf(toolCalls(call), finish({ toString: 1 } as never))).toEqual([]);
  });

  it('hands out another call that has the id of one before it', () => {
    const call = (text: string) => toolCalls({ index: 0, id: 'call_0', function: { name: 'time', arguments: text } });
    const calls = callsOf(call('{}'), finish('tool_calls'), call('{"x":2}'), finish('tool_calls'));
    expect(calls.map(({ arguments: text }) => text)).toEqual(['{}', '{"x":2}']);
  });

  it.each(['length', 'model_length'])('hands out no custom call that was cut by %s', (reason) => {
    const custom = { index: 0, id: 'a', type: 'custom', custom: { name: 'sql', input: '12' } };
    const end = finish(reason as never);
    expect(callsOf(toolCalls(custom), end)).toEqual([]);
    const calls = callsOf(toolCalls(custom), toolCalls({ ...custom, index: 1, id: 'b' }), end);
    expect(calls.map(({ id }) => id)).toEqual(['a']);
  });

  it('finds a call that began without an index', () => {
    const calls = callsOfParts(
      { id: 'a', function: { name: 'weather', arguments: '{"city":' } },
      { index: 0, function: { arguments: '"Bonn"}' } },
    );
    expect(calls).toEqual([call]);
  });

  it('hands nothing out of a choice that has not finished', () => {
    const calls = callsOf(
      chatChunk(
        { index: 0, delta: { tool_calls: [{ index: 0, id: 'a', function: { name: 'weather', arguments: '{}' } }] } },
        { index: 1, delta: { content: 'Hello' } },
      ),
      finish('stop', 1),
    );
    expect(calls).toEqual([]);
  });

  it('hands a call out once, though the finish reason comes again', () => {
    const part = toolCalls({ index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":"Bonn"}' } });
    expect(callsOf(part, finish('tool_calls'), finish('tool_calls'))).toEqual([call]);
  });

  it('hands a call out once, though its last chunk comes again', () => {
    const whole = (index: number, id: string) =>
      chatChunk({
        index,
        delta: { tool_calls: [{ index: 0, id, function: { name: 'weather', arguments: '{"city":"Bonn"}' } }] },
        finish_reason: 'tool_calls',
      });
    expect(callsOf(whole(0, 'a'), whole(0, 'a'), finish('tool_calls'), whole(0, 'a'))).toEqual([call]);
    const others = callsOf(whole(0, 'a'), whole(1, 'a'), whole(0, 'b'), whole(0, ''), whole(0, ''));
    expect(others.map(({ choice, id }) => `${choice}${id}`)).toEqual(['0a', '1a', '0b', '0', '0']);
  });

  it('hands a call out once, though the whole of it comes after its parts', () => {
    const { id, name, arguments: text } = call;
    const calls = callsOf(
      toolCalls({ index: 0, id, function: { name, arguments: '{"city":' } }),
      toolCalls({ index: 0, function: { arguments: '"Bonn"}' } }),
      finish('tool_calls'),
      toolCalls({ index: 0, id, function: { name, arguments: text } }),
      finish('tool_calls'),
    );
    expect(calls).toEqual([call]);
  });

  it('hands out two calls of one choice that have the same id', () => {
    const calls = callsOfParts(
      { index: 0, id: 'weather', function: { name: 'weather', arguments: '{"city":"Bonn"}' } },
      { index: 1, id: 'weather', function: { name: 'weather', arguments: '{"city":"Köln"}' } },
    );
    expect(calls.map(({ index }) => index)).toEqual([0, 1]);
  });

  it('hands out the calls of the next answer in the same source, also with the same ids', () => {
    const part = toolCalls({ index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":"Bonn"}' } });
    const next = [part, finish('tool_calls')].map((chunk) => ({ ...chunk, id: 'chatcmpl-2' }));
    expect(callsOf(part, finish('tool_calls'), ...next)).toEqual([call, call]);
  });

  it('passes over what is no part of a call', () => {
    const calls = callsOf(
      { choices: [null, { delta: null }, { delta: { tool_calls: null, function_call: null } }] } as never,
      { choices: [{ delta: { tool_calls: {} } }, { delta: { tool_calls: [null] } }] } as never,
      { choices: null } as never,
      {
        choices: [{ delta: { tool_calls: [{ id: 'a', function: { name: 'weather', arguments: '{"city":' } }] } }],
      } as never,
      {
        choices: [{ index: null, delta: { tool_calls: [{ function: { arguments: '"Bonn"}' } }] }, x_extra: 1 }],
      } as never,
      { choices: [{ finish_reason: 'stop' }] } as never,
    );
    expect(calls).toEqual([call]);
  });

  describe('for every way to interleave the parts of several calls', () => {
    const name = fc.string({ minLength: 1, maxLength: 5 });
    const pieces = fc.array(fc.string({ unit: codePoint, maxLength: 4 }), { maxLength: 6 });
    const calls = fc.uniqueArray(fc.record({ id: name, name, pieces }), {
      selector: ({ id }) => id,
      minLength: 1,
      maxLength: 4,
    });
    // Which call each part belongs to, in the order of arrival; whether the part opens a chunk of its own.
    const arrivals = calls.chain((whole) => {
      const slots = whole.flatMap(({ pieces: { length } }, index) => Array<number>(length + 1).fill(index));
      return fc.record({
        whole: fc.constant(whole),
        order: fc.shuffledSubarray(slots, { minLength: slots.length }),
        opensChunk: fc.array(fc.boolean(), { minLength: slots.length, maxLength: slots.length }),
      });
    });
    // How the parts after the first name their call again.
    const repeats = {
      'do not name the call again': () => ({}),
      'name it null': () => ({ id: null, name: null }),
      'name it empty': () => ({ id: '', name: '' }),
      'name it in full': (id: string, tool: string) => ({ id, name: tool }),
    };

    it.each(Object.entries(repeats))('gives the same calls as the whole, where later parts %s', (_label, repeat) => {
      fc.assert(
        fc.property(arrivals, ({ whole, order, opensChunk }) => {
          const seen = new Map<number, number>();
          const chunks: ToolCallPart[][] = [];
          order.forEach((index, position) => {
            const { id, name: tool, pieces: texts } = whole[index]!;
            const count = seen.get(index) ?? 0;
            seen.set(index, count + 1);
            const { name: again, ...rest } = { name: undefined, ...repeat(id, tool) };
            const part =
              count === 0
                ? { index, id, function: { name: tool, arguments: '' } }
                : {
                    index,
                    ...rest,
                    function: { ...(again === undefined ? {} : { name: again }), arguments: texts[count - 1] },
                  };
            if (opensChunk[position] || chunks.length === 0) chunks.push([part]);
            else chunks.at(-1)!.push(part);
          });
          const collected = callsOf(...chunks.map((parts) => toolCalls(...parts)), finish('tool_calls'));
          expect(collected.sort((one, other) => one.index - other.index)).toEqual(
            whole.map(({ id, name: tool, pieces: texts }, index) => ({
              choice: 0,
              index,
              id,
              type: 'function',
              name: tool,
              arguments: texts.join(''),
            })),
          );
        }),
      );
    });
  });
});
