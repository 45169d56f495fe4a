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

  it.each([
    ['{"city":"Bonn","days":[1,2],"exact":true}', { city: 'Bonn', days: [1, 2], exact: true }],
    [' [1, "two", null] ', [1, 'two', null]],
    ['"K\\u00f6ln"', 'Köln'],
    ['-1.5e3', -1500],
    ['false', false],
    ['{"__proto__":{"admin":true}}', JSON.parse('{"__proto__":{"admin":true}}')],
  ])('gives the value of %p', (text, value) => {
    expect(call(text).parsed()).toEqual(value);
  });

  it('parses anew each time, so that nobody changes what another one was given', () => {
    const one = call('{"city":"Bonn"}');
    one.parsed<{ city: string }>().city = 'Köln';
    expect(one.parsed()).toEqual({ city: 'Bonn' });
    expect(one.arguments).toBe('{"city":"Bonn"}');
  });

  it('is written as JSON with its arguments as they came', () => {
    expect(JSON.parse(JSON.stringify(call('{"city":')))).toEqual({
      choice: 0,
      index: 1,
      id: 'call_1',
      type: 'function',
      name: 'weather',
      arguments: '{"city":',
    });
  });

  it('throws at the free text of a custom tool, and keeps it', () => {
    const fields = { choice: 0, index: 0, id: 'call_1', type: 'custom', name: 'shell', arguments: 'ls -l' } as const;
    const custom = new ToolCall(fields);
    expect(() => custom.parsed()).toThrow(ToolArgumentsError);
    expect(custom.arguments).toBe('ls -l');
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
