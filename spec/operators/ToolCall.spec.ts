import { ToolArgumentsError, ToolCall } from 'rxdelta';

describe('ToolCall', () => {
  const call = (text: string) =>
    new ToolCall({ choice: 0, index: 1, id: 'call_1', type: 'function', name: 'weather', arguments: text });

  it('gives the arguments as they came, and parsed', () => {
    expect(call('{"city":"Bonn"}')).toEqual({
      choice: 0,
      index: 1,
      id: 'call_1',
      type: 'function',
      name: 'weather',
      arguments: '{"city":"Bonn"}',
    });
    expect(call('{"city":"Bonn"}').parsed<{ city: string }>().city).toBe('Bonn');
    expect(call('null').parsed()).toBeNull();
  });

  it.each(['', '{"city":"Bo', 'Bonn', '{}{}'])('throws a ToolArgumentsError where %p is asked for parsed', (text) => {
    const cut = call(text);
    expect(cut.arguments).toBe(text);
    let thrown: unknown;
    try {
      cut.parsed();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ToolArgumentsError);
    expect(thrown).toBeInstanceOf(SyntaxError);
    expect(thrown).toMatchObject({ name: 'ToolArgumentsError', toolName: 'weather', callId: 'call_1', text });
  });

  it('names the tool and the call in that error, and does not quote the arguments', () => {
    expect(() => call('my secret').parsed()).toThrow('The arguments of the call call_1 to weather are not JSON');
  });
});
