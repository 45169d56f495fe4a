import fc from 'fast-check';
import { from, Subject, take } from 'rxjs';
import { accumulateResponse, APIConnectionError, MalformedStreamError, retryWithBackoff } from 'rxdelta';
import type { Response, ResponseStreamEvent } from 'rxdelta/openai';
import { cutResponseAnswers, deepFrozen, emittedOf, frozenOf, responseAnswers } from '../support/answers';
import { outputText, responseEnd, responseEvent } from '../support/chunks';
import { Endless, inTurn, marbles } from '../support/marbles';

type Fields = Record<string, unknown>;
type Type = ResponseStreamEvent['type'];

/** A Response with this output. */
function response(output: object[], fields: object = {}): Response {
  const head = { id: 'resp_1', object: 'response', status: 'in_progress', model: 'gpt-4o-mini', output_text: '' };
  return { ...head, output, ...fields } as unknown as Response;
}

/** What stands for a Response that the server has not told of. */
function untold(output: object[], output_text = ''): object {
  return { id: '', object: 'response', status: 'in_progress', output, output_text };
}

/** An event that carries a Response, as the server has it. */
function told(type: string, fields: object = {}): ResponseStreamEvent {
  const { output_text: _text, ...sent } = response([], fields);
  return responseEvent(type, { response: { ...sent, ...fields } });
}

const created = () => told('response.created');

/** An event that announces an item, as the next one unless told otherwise. */
function added(item: object, output_index = 0): ResponseStreamEvent {
  return responseEvent('response.output_item.added', { output_index, item });
}

/** An item that is a message. */
function message(content: unknown[], fields: object = {}): Fields {
  return { id: 'msg_1', type: 'message', status: 'in_progress', role: 'assistant', content, ...fields };
}

/** A part that is text. */
function text(said: string, fields: object = {}): Fields {
  return { type: 'output_text', text: said, annotations: [], ...fields };
}

/** An item that calls a tool; other fields as given. */
function call(type: string, fields: object = {}): Fields {
  return { id: 'item_1', type, status: 'in_progress', ...fields };
}

/** All that the operator emits of these events. */
function snapshotsOf(...events: object[]): Response[] {
  return emittedOf(events as ResponseStreamEvent[], accumulateResponse());
}

/** The output after these events. */
function outputOf(...events: object[]): unknown {
  return snapshotsOf(...events).at(-1)?.output;
}

describe('accumulateResponse', () => {
  // Made anew for each spec: an attempt leaves its mark on the very objects.
  let events: Record<string, ResponseStreamEvent>;
  const whole = message([text('Hello')], { status: 'completed' });
  const snapshots = {
    o: response([]),
    i: response([message([])]),
    p: response([message([text('')])]),
    a: response([message([text('Hel')])], { output_text: 'Hel' }),
    b: response([message([text('Hello')])], { output_text: 'Hello' }),
    e: response([whole], { output_text: 'Hello', status: 'completed' }),
    x: untold([message([text('Hel')])], 'Hel'),
    y: untold([message([text('Hello')])], 'Hello'),
  };

  beforeEach(() => {
    events = {
      o: created(),
      i: added(message([])),
      p: responseEvent('response.content_part.added', { output_index: 0, content_index: 0, part: text('') }),
      a: outputText('Hel'),
      b: outputText('lo'),
      d: responseEvent('response.output_text.done', { output_index: 0, content_index: 0, text: 'Hello', logprobs: [] }),
      e: told('response.completed', { status: 'completed', output: [whole] }),
    };
  });

  it('emits the Response so far after each event that changes it', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -o-i-p-a-b-d-e|', events);
      const subscription = '^-------------!';
      const expected = '    -o-i-p-a-b---e|';
      expectObservable(source.pipe(accumulateResponse())).toBe(expected, snapshots);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits the Response of a single event', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --e--|', events);
      const subscription = '^----!';
      const expected = '    --e--|';
      expectObservable(source.pipe(accumulateResponse())).toBe(expected, snapshots);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits nothing of an empty source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --|', events);
      const subscription = '^-!';
      const expected = '    --|';
      expectObservable(source.pipe(accumulateResponse())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stays silent with a source that never emits', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -', events);
      const subscription = '^';
      const expected = '    -';
      expectObservable(source.pipe(accumulateResponse())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through after the Response that was cut', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' -o-i-a-b-#', events, failure);
      const subscription = '^--------!';
      const expected = '    -o-i-a-b-#';
      expectObservable(source.pipe(accumulateResponse())).toBe(expected, snapshots, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through that comes first', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --#', events, failure);
      const subscription = '^-!';
      const expected = '    --#';
      expectObservable(source.pipe(accumulateResponse())).toBe(expected, snapshots, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits the failed Response before the error', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('failed');
      const failed = { status: 'failed', error: { code: 'server_error', message: 'Sorry' } };
      const source = cold(' -o-i-a-(z#)', { ...events, z: told('response.failed', failed) }, failure);
      const subscription = '^------!   ';
      const expected = '    -o-i-a-(z#)';
      const last = response([message([text('Hel')])], { output_text: 'Hel', ...failed });
      expectObservable(source.pipe(accumulateResponse())).toBe(expected, { ...snapshots, z: last }, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stops the source when it is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('   -o-i-a-b-|', events);
      const subscription = '  ^---!';
      const unsubscription = '----!';
      const expected = '      -o-i-';
      expectObservable(source.pipe(accumulateResponse()), unsubscription).toBe(expected, snapshots);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('gives a second subscriber a Response of its own', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('       -o-i-a-b-|', events);
      const firstSubscription = ' ^--------!';
      const firstExpected = '     -o-i-a-b-|';
      const secondSubscription = '----^--------!';
      const secondExpected = '    -----o-i-a-b-|';
      const result = source.pipe(accumulateResponse());
      expectObservable(result).toBe(firstExpected, snapshots);
      expectObservable(result, '----^').toBe(secondExpected, snapshots);
      expectSubscriptions(source.subscriptions).toBe([firstSubscription, secondSubscription]);
    });
  });

  it('makes an error of an event that throws when it is read, and stops the source', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const failure = new Error('not readable');
      const trap = {
        get type(): never {
          throw failure;
        },
      } as unknown as ResponseStreamEvent;
      const source = hot('  -o-t-i-|', { ...events, t: trap });
      const subscription = '^--!';
      const expected = '    -o-#';
      expectObservable(source.pipe(accumulateResponse())).toBe(expected, snapshots, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('makes an error of an impossible index, and stops the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const part = { output_index: 0, content_index: -1, delta: 'lo' };
      const source = cold(' -o-i-a-t-e-|', { ...events, t: responseEvent('response.output_text.delta', part) });
      const subscription = '^------!';
      const expected = '    -o-i-a-#';
      const malformed = expect.objectContaining({ name: 'MalformedStreamError', reason: 'json' });
      expectObservable(source.pipe(accumulateResponse())).toBe(expected, snapshots, malformed);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('reads a synchronous source', () => {
    marbles(({ expectObservable }) => {
      const { o, i, p, a, b, d, e } = events;
      const source = from([o!, i!, p!, a!, b!, d!, e!]);
      const expected = '(oipabe|)';
      expectObservable(source.pipe(accumulateResponse())).toBe(expected, snapshots);
    });
  });

  it('stops an endless synchronous source as soon as nobody listens', () => {
    const endless = new Endless((index) => outputText(`${index}`));
    const heard: Response[] = [];
    endless.values.pipe(accumulateResponse(), take(1)).subscribe((snapshot) => heard.push(snapshot));
    expect(heard).toEqual([untold([message([text('0')])], '0')]);
    expect(endless.produced).toBe(1);
  });

  it('emits one Response to take(1) also when that makes the source emit again', () => {
    const source = new Subject<ResponseStreamEvent>();
    const heard: Response[] = [];
    source.pipe(accumulateResponse(), take(1)).subscribe((snapshot) => {
      heard.push(snapshot);
      source.next(outputText(' again'));
    });
    source.next(outputText('once'));
    expect(heard).toEqual([untold([message([text('once')])], 'once')]);
    expect(source.observed).toBe(false);
  });

  it('starts again where a retry starts the answer again', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const cut = new APIConnectionError('cut', { phase: 'body' });
      const restart = retryWithBackoff<ResponseStreamEvent>({
        afterFirstChunk: 'restart',
        initialDelayMs: 3,
        jitter: 0,
      });
      const first = cold('        -o-i-a-#             ', events, cut);
      const firstSubscription = ' ^------!             ';
      const second = cold('                 -o-i-a-b-|', events);
      const secondSubscription = '----------^--------! ';
      const expected = '          -o-i-a-----o-i-a-b-| ';
      expectObservable(inTurn(first, second).pipe(restart, accumulateResponse())).toBe(expected.trimEnd(), snapshots);
      expectSubscriptions(first.subscriptions).toBe(firstSubscription);
      expectSubscriptions(second.subscriptions).toBe(secondSubscription);
    });
  });

  it('reads a stream that goes on in the middle', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-b-d-e|', events);
      const subscription = '^-------!';
      const expected = '    -x-y---e|';
      expectObservable(source.pipe(accumulateResponse())).toBe(expected, snapshots);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  describe('of an event that tells of an item', () => {
    /** The item before, the fields of the event, and the item after; without one the event changes nothing. */
    type Row = [before: Fields, event: object, after?: Fields];
    type Told = Extract<
      Type,
      `response.${'created' | 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'failed'}`
    >;

    const spoken = message([text('Hel')]);
    const refusing = message([{ type: 'refusal', refusal: 'I ' }]);
    const annotation = { type: 'file_citation', file_id: 'file_1', filename: 'a.txt', index: 0 };
    const reasoning = (fields: object) => call('reasoning', { summary: [], ...fields });
    const [thought, summed] = [
      { type: 'reasoning_text', text: 'Let ' },
      { type: 'summary_text', text: 'In ' },
    ];
    const shell = (...commands: string[]) => call('shell_call', { action: { commands, timeout_ms: 9 } });
    const shellOutput = (...output: object[]) => call('shell_call_output', { output });
    const exit = (exit_code: number) => ({ outcome: { type: 'exit', exit_code } });
    const status = (type: string, before: string, after: string): Row => [
      call(type, { status: before }),
      {},
      call(type, { status: after }),
    ];

    const rows: Record<Exclude<Type, Told | 'error'>, Row> = {
      'response.output_item.added': [spoken, { item: whole }, whole],
      'response.output_item.done': [spoken, { item: whole }, whole],
      'response.content_part.added': [message([]), { part: text('') }, message([text('')])],
      'response.content_part.done': [spoken, { part: text('Hello') }, message([text('Hello')])],
      'response.output_text.delta': [spoken, { delta: 'lo', logprobs: [] }, message([text('Hello')])],
      'response.output_text.done': [spoken, { text: 'Hello', logprobs: [] }, message([text('Hello')])],
      'response.output_text.annotation.added': [
        spoken,
        { annotation_index: 0, annotation },
        message([text('Hel', { annotations: [annotation] })]),
      ],
      'response.refusal.delta': [refusing, { delta: 'can' }, message([{ type: 'refusal', refusal: 'I can' }])],
      'response.refusal.done': [refusing, { refusal: 'I can' }, message([{ type: 'refusal', refusal: 'I can' }])],
      'response.reasoning_text.delta': [
        reasoning({ content: [thought] }),
        { delta: 'me' },
        reasoning({ content: [{ ...thought, text: 'Let me' }] }),
      ],
      'response.reasoning_text.done': [
        reasoning({ content: [thought] }),
        { text: 'Let me' },
        reasoning({ content: [{ ...thought, text: 'Let me' }] }),
      ],
      'response.reasoning_summary_part.added': [
        reasoning({}),
        { summary_index: 0, part: summed },
        reasoning({ summary: [summed] }),
      ],
      'response.reasoning_summary_part.done': [
        reasoning({ summary: [summed] }),
        { summary_index: 0, part: { ...summed, text: 'In short' } },
        reasoning({ summary: [{ ...summed, text: 'In short' }] }),
      ],
      'response.reasoning_summary_text.delta': [
        reasoning({ summary: [summed] }),
        { summary_index: 0, delta: 'short' },
        reasoning({ summary: [{ ...summed, text: 'In short' }] }),
      ],
      'response.reasoning_summary_text.done': [
        reasoning({ summary: [summed] }),
        { summary_index: 0, text: 'In short' },
        reasoning({ summary: [{ ...summed, text: 'In short' }] }),
      ],
      'response.function_call_arguments.delta': [
        call('function_call', { arguments: '{' }),
        { delta: '}' },
        call('function_call', { arguments: '{}' }),
      ],
      'response.function_call_arguments.done': [
        call('function_call', { arguments: '' }),
        { arguments: '{}' },
        call('function_call', { arguments: '{}' }),
      ],
      'response.custom_tool_call_input.delta': [
        call('custom_tool_call', { input: 'l' }),
        { delta: 's' },
        call('custom_tool_call', { input: 'ls' }),
      ],
      'response.custom_tool_call_input.done': [
        call('custom_tool_call', { input: '' }),
        { input: 'ls' },
        call('custom_tool_call', { input: 'ls' }),
      ],
      'response.mcp_call_arguments.delta': [
        call('mcp_call', { arguments: '{' }),
        { delta: '}' },
        call('mcp_call', { arguments: '{}' }),
      ],
      'response.mcp_call_arguments.done': [
        call('mcp_call', { arguments: '' }),
        { arguments: '{}' },
        call('mcp_call', { arguments: '{}' }),
      ],
      'response.mcp_call.in_progress': status('mcp_call', 'calling', 'in_progress'),
      'response.mcp_call.completed': status('mcp_call', 'in_progress', 'completed'),
      'response.mcp_call.failed': status('mcp_call', 'in_progress', 'failed'),
      'response.mcp_list_tools.in_progress': [call('mcp_list_tools', { tools: [] }), {}],
      'response.mcp_list_tools.completed': [call('mcp_list_tools', { tools: [] }), {}],
      'response.mcp_list_tools.failed': [call('mcp_list_tools', { tools: [] }), {}],
      'response.code_interpreter_call_code.delta': [
        call('code_interpreter_call', { code: '1' }),
        { delta: '+1' },
        call('code_interpreter_call', { code: '1+1' }),
      ],
      'response.code_interpreter_call_code.done': [
        call('code_interpreter_call', { code: null }),
        { code: '1+1' },
        call('code_interpreter_call', { code: '1+1' }),
      ],
      'response.code_interpreter_call.in_progress': status('code_interpreter_call', 'incomplete', 'in_progress'),
      'response.code_interpreter_call.interpreting': status('code_interpreter_call', 'in_progress', 'interpreting'),
      'response.code_interpreter_call.completed': status('code_interpreter_call', 'interpreting', 'completed'),
      'response.file_search_call.in_progress': status('file_search_call', 'incomplete', 'in_progress'),
      'response.file_search_call.searching': status('file_search_call', 'in_progress', 'searching'),
      'response.file_search_call.completed': status('file_search_call', 'searching', 'completed'),
      'response.web_search_call.in_progress': status('web_search_call', 'incomplete', 'in_progress'),
      'response.web_search_call.searching': status('web_search_call', 'in_progress', 'searching'),
      'response.web_search_call.completed': status('web_search_call', 'searching', 'completed'),
      'response.image_generation_call.in_progress': status('image_generation_call', 'failed', 'in_progress'),
      'response.image_generation_call.generating': status('image_generation_call', 'in_progress', 'generating'),
      'response.image_generation_call.completed': status('image_generation_call', 'generating', 'completed'),
      'response.image_generation_call.partial_image': [
        call('image_generation_call', { result: null }),
        { partial_image_b64: 'iVBO', partial_image_index: 0 },
      ],
      'response.compaction.compacting': [call('compaction'), {}],
      'response.shell_call_command.added': [shell('ls'), { command_index: 1, command: 'c' }, shell('ls', 'c')],
      'response.shell_call_command.delta': [shell('ls', 'c'), { command_index: 1, delta: 'd' }, shell('ls', 'cd')],
      'response.shell_call_command.done': [shell('ls', 'c'), { command_index: 1, command: 'cd' }, shell('ls', 'cd')],
      'response.shell_call_output_content.delta': [
        shellOutput({ stdout: 'a', stderr: 'b', ...exit(1) }),
        { command_index: 0, delta: { stdout: 'A', stderr: 'B' } },
        shellOutput({ stdout: 'aA', stderr: 'bB', ...exit(1) }),
      ],
      'response.shell_call_output_content.done': [
        shellOutput({ stdout: 'a', stderr: '', ...exit(0) }),
        { command_index: 0, output: [{ stdout: 'abc', stderr: 'd', ...exit(2) }] },
        shellOutput({ stdout: 'abc', stderr: 'd', ...exit(2) }),
      ],
      'response.audio.delta': [spoken, { delta: 'UklG' }],
      'response.audio.done': [spoken, {}],
      'response.audio.transcript.delta': [spoken, { delta: 'Hel' }],
      'response.audio.transcript.done': [spoken, {}],
    };
    const cases = Object.entries(rows).map(([type, [before, fields, after]]) => {
      const place = { item_id: before.id, content_index: 0, ...fields };
      const at = (output_index: number, own: object = {}) => responseEvent(type, { output_index, ...place, ...own });
      return { type, before, at, after };
    });
    const changing = cases.flatMap(({ after, ...others }) => (after ? { ...others, after } : []));

    it.each(changing)('reads $type', ({ before, at, after }) => {
      const heard = snapshotsOf(created(), added(before), at(0));
      expect(heard.map(({ output }) => output)).toEqual([[], [before], [after]]);
      expect(heard[2]).toMatchObject({ id: 'resp_1', status: 'in_progress', model: 'gpt-4o-mini' });
    });

    it.each(cases.filter(({ after }) => !after))('changes nothing at $type', ({ before, at }) => {
      const heard = snapshotsOf(created(), added(before), at(0));
      expect(heard.map(({ output }) => output)).toEqual([[], [before]]);
    });

    // An object that comes again is another one, even if it is equal.
    const bringsObject = /(item|part|shell_call_output_content)\.(added|done)$/;

    it.each(changing.filter(({ type }) => !bringsObject.test(type)))(
      'emits nothing where $type repeats what is known',
      ({ type, at, after }) => {
        const again = type.endsWith('.delta') ? at(0, { delta: '' }) : at(0);
        expect(snapshotsOf(added(after), again)).toEqual(snapshotsOf(added(after)));
      },
    );

    it.each(cases)('leaves the items beside it alone at $type', ({ before, at, after }) => {
      const [left, right] = ['a', 'b'].map((said) => message([text(said)], { id: said }));
      const last = snapshotsOf(added(left!), added(before, 1), added(right!, 2), at(1)).at(-1);
      expect(last?.output).toEqual([left, after ?? before, right]);
      expect(last?.output[0]).toBe(left);
      expect(last?.output[2]).toBe(right);
    });
  });

  describe('of an event that carries the Response', () => {
    const item = added(message([text('Hel')]));
    const known = response([message([text('Hel')])], { output_text: 'Hel' });

    it.each(['created', 'queued', 'in_progress'])('takes its fields from response.%s, and keeps the output', (type) => {
      const last = snapshotsOf(created(), item, told(`response.${type}`, { status: 'queued', tools: [1] })).at(-1);
      expect(last).toEqual({ ...known, status: 'queued', tools: [1] });
    });

    it.each(['completed', 'incomplete', 'cancelled', 'failed'])('takes all from response.%s', (status) => {
      const sent = { status, usage: { total_tokens: 5 }, output: [message([text('Other')], { id: 'msg_9' })] };
      const last = snapshotsOf(created(), item, told(`response.${status}`, sent)).at(-1);
      expect(last).toEqual(response(sent.output, { ...sent, output_text: 'Other' }));
    });

    it.each(['completed', 'incomplete', 'cancelled', 'failed'])(
      'takes fewer items from response.%s than were read',
      (status) => {
        const output = [message([text('One')])];
        const last = snapshotsOf(item, added(call('reasoning'), 1), told(`response.${status}`, { output })).at(-1);
        expect(last?.output).toEqual(output);
      },
    );

    it.each([
      ['is empty', []],
      ['is null', null],
      ['is missing', undefined],
    ])('keeps what was read where the output of the last event %s', (_, output) => {
      const last = snapshotsOf(item, told('response.completed', { status: 'completed', output })).at(-1);
      expect(last).toEqual({ ...known, status: 'completed' });
    });

    it.each([
      ['the last event', told('response.completed', { output_text: '' })],
      ['an event on the way', told('response.in_progress', { output_text: '' })],
    ])('has the text that was read where %s has neither an output nor a text', (_, event) => {
      expect(snapshotsOf(item, event).at(-1)).toMatchObject({ output: known.output, output_text: 'Hel' });
    });

    it('has no output where none was read', () => {
      expect(snapshotsOf(responseEnd('completed'))).toEqual([
        { id: 'resp_1', object: 'response', status: 'completed', output: [], output_text: '' },
      ]);
    });

    it('has a list for an output where the server sends none', () => {
      expect(outputOf(told('response.created', { output: null }))).toEqual([]);
    });

    it('takes the output on the way where it has as many items', () => {
      const output = [message([text('Hello')])];
      const last = snapshotsOf(item, told('response.in_progress', { output })).at(-1);
      expect(last).toEqual({ ...response(output), output_text: 'Hello' });
    });

    it('keeps the output on the way where it has more items', () => {
      const last = snapshotsOf(
        item,
        added(call('reasoning'), 1),
        told('response.in_progress', { output: [message([])] }),
      ).at(-1);
      expect(last).toEqual(response([message([text('Hel')]), call('reasoning')], { output_text: 'Hel' }));
    });

    it('goes on with an output that came on the way', () => {
      const output = [call('reasoning'), message([text('Hel')])];
      const delta = responseEvent('response.output_text.delta', { output_index: 1, content_index: 0, delta: 'lo' });
      const last = snapshotsOf(told('response.created', { output }), delta).at(-1);
      expect(last).toEqual(response([call('reasoning'), message([text('Hello')])], { output_text: 'Hello' }));
    });

    it('takes the text that the server sends with it', () => {
      const last = snapshotsOf(item, told('response.completed', { output: [message([])], output_text: 'Hi' })).at(-1);
      expect(last?.output_text).toBe('Hi');
    });

    it('makes the text of all messages, and of nothing else', () => {
      const output = [
        call('reasoning', { content: [text('no')] }),
        message([text('a'), { type: 'refusal', refusal: 'no' }, text('b')]),
        call('function_call', { arguments: 'no' }),
        message([text('c'), null, { type: 'output_text' }]),
        message(null as never),
      ];
      expect(snapshotsOf(told('response.completed', { output })).at(-1)?.output_text).toBe('abc');
    });
  });

  describe('of the output', () => {
    const [first, second, third] = ['a', 'b', 'c'].map((said) => message([text(said)], { id: `msg_${said}` }));

    it('orders items by their index, whichever comes first', () => {
      const heard = snapshotsOf(added(third!, 2), added(first!, 0), added(second!, 1));
      expect(heard.map(({ output }) => output)).toEqual([[third], [first, third], [first, second, third]]);
      expect(heard.map(({ output_text: all }) => all)).toEqual(['c', 'ac', 'abc']);
    });

    it('has no gaps where the indices have', () => {
      const delta = (output_index: number) =>
        responseEvent('response.output_text.delta', { output_index, content_index: 0, delta: '!' });
      const last = snapshotsOf(added(first!, 3), added(second!, 70_000), delta(70_000), delta(3)).at(-1);
      expect(last?.output).toEqual([message([text('a!')], { id: 'msg_a' }), message([text('b!')], { id: 'msg_b' })]);
    });

    it('finds an item by its id where an event has no index', () => {
      const delta = { item_id: 'msg_b', content_index: 0, delta: '!' };
      const known = [added(first!, 4), added(second!, 6), added(third!, 8)];
      expect(outputOf(...known, responseEvent('response.output_text.delta', delta))).toEqual([
        first,
        message([text('b!')], { id: 'msg_b' }),
        third,
      ]);
    });

    it('finds an item that is done by its id', () => {
      const done = (item: object) => responseEvent('response.output_item.done', { item });
      const changed = { ...first, status: 'completed' };
      expect(outputOf(added(first!), added(second!, 1), done(changed))).toEqual([changed, second]);
    });

    it('puts items behind the others that have no index', () => {
      const announced = [first, second].map((item) => responseEvent('response.output_item.added', { item }));
      expect(outputOf(added(third!, 5), ...announced)).toEqual([third, first, second]);
    });

    it('keeps items apart that have neither an index nor an id', () => {
      const items = ['a', 'b'].map((said) => ({ type: 'message', content: [text(said)] }));
      const announced = items.map((item) => responseEvent('response.output_item.added', { item }));
      expect(outputOf(...announced)).toEqual(items);
    });

    it('changes nothing where a state is told of no item', () => {
      expect(snapshotsOf(created(), responseEvent('response.web_search_call.completed', { item_id: 'ws_1' }))).toEqual([
        response([]),
      ]);
    });

    it.each([null, undefined, 'text', []])('changes nothing where the item is %p', (item) => {
      expect(snapshotsOf(created(), responseEvent('response.output_item.added', { output_index: 0, item }))).toEqual([
        response([]),
      ]);
    });
  });

  describe('where a server gives several items one place', () => {
    const said = (delta: string, item_id?: string) =>
      responseEvent('response.output_text.delta', { item_id, output_index: 0, content_index: 0, delta });
    const done = (item: object) => responseEvent('response.output_item.done', { output_index: 0, item });
    const wrote = (delta: string, item_id?: string) =>
      responseEvent('response.function_call_arguments.delta', { item_id, output_index: 0, delta });
    const calling = (id: string, sent = '') => call('function_call', { id, call_id: `call_${id}`, arguments: sent });
    const hi = message([text('Hi')]);

    it('keeps a message before a call, and what comes of it later', () => {
      const events = [added(message([])), said('H', 'msg_1'), added(calling('fc_1')), wrote('{}', 'fc_1')];
      const heard = snapshotsOf(...events, said('i', 'msg_1'), done({ ...calling('fc_1', '{}'), status: 'completed' }));
      expect(heard.at(-1)?.output).toEqual([hi, { ...calling('fc_1', '{}'), status: 'completed' }]);
      expect(heard.at(-1)?.output_text).toBe('Hi');
    });

    it('keeps both of two calls, one after the other and side by side', () => {
      const both = [calling('fc_1', '{}'), calling('fc_2', '[]')];
      const first = [added(calling('fc_1')), wrote('{}', 'fc_1'), done(both[0]!)];
      const second = [added(calling('fc_2')), wrote('[]', 'fc_2'), done(both[1]!)];
      expect(outputOf(...first, ...second)).toEqual(both);
      expect(outputOf(...first.flatMap((event, at) => [event, second[at]!]))).toEqual(both);
    });

    it('puts items that are told of when they are done behind those of another type', () => {
      expect(outputOf(done(hi), done(calling('fc_1', '{}')), added(message([], { id: 'msg_2' }), 1))).toEqual([
        hi,
        calling('fc_1', '{}'),
        message([], { id: 'msg_2' }),
      ]);
    });

    it.each(['msg_1', undefined])('makes a message beside a call where a text comes of one that is %p', (id) => {
      const made = { ...hi, id: id ?? '' };
      expect(outputOf(added(calling('fc_1')), said('H', id), said('i', id))).toEqual([calling('fc_1'), made]);
    });

    it('leaves the state of another item alone', () => {
      const searched = responseEvent('response.web_search_call.completed', { item_id: 'ws_1', output_index: 0 });
      expect(outputOf(added(hi), searched)).toEqual([hi]);
    });
  });

  describe('where a server changes the ids', () => {
    const said = (delta: string, item_id: string, output_index = 0) =>
      responseEvent('response.output_text.delta', { item_id, output_index, content_index: 0, delta });

    it('finds an item of the same type by its place', () => {
      const last = message([text('Hi')], { id: 'msg_x', status: 'completed' });
      const done = responseEvent('response.output_item.done', { output_index: 0, item: last });
      expect(outputOf(added(message([])), said('Hi', 'other'))).toEqual([message([text('Hi')])]);
      expect(outputOf(added(message([])), said('Hi', 'other'), done)).toEqual([last]);
    });

    it('finds an item by its id where it is the place that changes', () => {
      expect(outputOf(added(message([])), said('Hi', 'msg_1', 1))).toEqual([message([text('Hi')])]);
    });

    it('tells items by their places that all have one id', () => {
      const announced = [added(message([])), added(message([]), 1)];
      expect(outputOf(...announced, said('b', 'msg_1', 1), said('a', 'msg_1'))).toEqual([
        message([text('a')]),
        message([text('b')]),
      ]);
    });

    it('adds a part to the item of its id, of whatever type both are', () => {
      const reasoning = call('reasoning', { id: 'rs_1', content: [] });
      const part = { item_id: 'rs_1', output_index: 0, content_index: 0, part: text('') };
      expect(outputOf(added(reasoning), responseEvent('response.content_part.added', part))).toEqual([
        { ...reasoning, content: [text('')] },
      ]);
    });
  });

  describe('of what was never announced', () => {
    const item = (type: string, fields: object) => ({ id: 'item_1', type, status: 'in_progress', ...fields });
    const cases: [string, object, object][] = [
      ['output_text.delta', { delta: 'a' }, message([text('a')], { id: 'item_1' })],
      ['output_text.done', { text: 'a' }, message([text('a')], { id: 'item_1' })],
      ['refusal.delta', { delta: 'a' }, message([{ type: 'refusal', refusal: 'a' }], { id: 'item_1' })],
      ['refusal.done', { refusal: 'a' }, message([{ type: 'refusal', refusal: 'a' }], { id: 'item_1' })],
      ['reasoning_text.delta', { delta: 'a' }, item('reasoning', { content: [{ type: 'reasoning_text', text: 'a' }] })],
      [
        'reasoning_summary_text.delta',
        { delta: 'a' },
        item('reasoning', { summary: [{ type: 'summary_text', text: 'a' }] }),
      ],
      [
        'reasoning_summary_part.added',
        { part: { type: 'summary_text', text: '' } },
        item('reasoning', { summary: [{ type: 'summary_text', text: '' }] }),
      ],
      ['content_part.added', { part: text('') }, message([text('')], { id: 'item_1' })],
      [
        'content_part.added',
        { part: { type: 'reasoning_text', text: '' } },
        item('reasoning', { content: [{ type: 'reasoning_text', text: '' }] }),
      ],
      ['function_call_arguments.delta', { delta: '{' }, item('function_call', { arguments: '{' })],
      ['function_call_arguments.done', { arguments: '{}' }, item('function_call', { arguments: '{}' })],
      ['custom_tool_call_input.delta', { delta: 'l' }, item('custom_tool_call', { input: 'l' })],
      ['mcp_call_arguments.delta', { delta: '{' }, item('mcp_call', { arguments: '{' })],
      ['code_interpreter_call_code.delta', { delta: '1' }, item('code_interpreter_call', { code: '1' })],
      ['shell_call_command.delta', { delta: 'l' }, item('shell_call', { action: { commands: ['l'] } })],
      [
        'shell_call_output_content.delta',
        { delta: { stdout: 'a' } },
        item('shell_call_output', {
          output: [{ stdout: 'a', stderr: '', outcome: { type: 'exit', exit_code: 0 } }],
        }),
      ],
    ];

    it.each(cases)('makes the item at %s with %p', (type, fields, after) => {
      const event = responseEvent(`response.${type}`, { item_id: 'item_1', output_index: 3, ...fields });
      expect(outputOf(created(), event)).toEqual([after]);
    });

    it('makes it also where the text is still empty', () => {
      expect(outputOf(outputText(''))).toEqual([message([text('')])]);
    });

    it('makes an item without an id where none was given', () => {
      const { item_id: _id, ...event } = outputText('a') as unknown as Fields;
      expect(outputOf(event)).toEqual([message([text('a')], { id: '' })]);
    });

    it('makes the part, also before those that are known', () => {
      const delta = (content_index: number) =>
        responseEvent('response.output_text.delta', { output_index: 0, content_index, delta: `${content_index}` });
      const [late, both] = snapshotsOf(added(message([])), delta(1), delta(0)).slice(1);
      expect(late?.output_text).toBe('1');
      expect(both?.output).toEqual([message([text('0'), text('1')])]);
      expect(both?.output_text).toBe('01');
    });

    it('keeps its place when it is announced at last', () => {
      const known = [outputText('a'), added(message([text('ab')], { x: 1 }))];
      expect(outputOf(...known, outputText('c'))).toEqual([message([text('abc')], { x: 1 })]);
    });
  });

  describe('of text', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((token) => ({ token, logprob: -1, bytes: [1], top_logprobs: [] }));
    const delta = (said: string, logprobs?: object[] | null) =>
      responseEvent('response.output_text.delta', { output_index: 0, content_index: 0, delta: said, logprobs });
    const done = (said: string, logprobs?: object[]) =>
      responseEvent('response.output_text.done', { output_index: 0, content_index: 0, text: said, logprobs });

    it('appends the log probabilities', () => {
      const last = outputOf(
        added(message([text('')])),
        delta('a', [a!]),
        delta('', []),
        delta('', null),
        delta('bc', [b!, c!]),
      );
      expect(last).toEqual([message([text('abc', { logprobs: [a, b, c] })])]);
    });

    it('appends them to those of the part', () => {
      expect(outputOf(added(message([text('a', { logprobs: [a] })])), delta('b', [b!]))).toEqual([
        message([text('ab', { logprobs: [a, b] })]),
      ]);
    });

    it('appends those that come without text', () => {
      expect(outputOf(added(message([text('')])), delta('', [a!]), delta('é', [b!]))).toEqual([
        message([text('é', { logprobs: [a, b] })]),
      ]);
      expect(outputOf(added(message([text('')])), delta('', [a!]))).toEqual([message([text('', { logprobs: [a] })])]);
    });

    it('appends them also after an annotation', () => {
      const place = { output_index: 0, content_index: 0, annotation_index: 0, annotation: { type: 'x' } };
      const note = responseEvent('response.output_text.annotation.added', place);
      expect(outputOf(added(message([text('')])), delta('a', [a!]), note, delta('b', [b!]))).toEqual([
        message([text('ab', { annotations: [{ type: 'x' }], logprobs: [a, b] })]),
      ]);
    });

    it('takes those of the whole text', () => {
      const known = [added(message([text('')])), delta('a', [a!])];
      expect(outputOf(...known, done('ab', [a!, b!]))).toEqual([message([text('ab', { logprobs: [a, b] })])]);
      expect(outputOf(...known, done('ab', []))).toEqual([message([text('ab', { logprobs: [a] })])]);
    });

    it('takes those of the whole text where the text is known', () => {
      expect(outputOf(added(message([text('')])), delta('a'), done('a', [a!]))).toEqual([
        message([text('a', { logprobs: [a] })]),
      ]);
    });

    it('has no log probabilities where none came', () => {
      const last = outputOf(added(message([text('')])), delta('a', []), done('ab', []));
      expect(JSON.parse(JSON.stringify(last))).toEqual([message([text('ab')])]);
    });

    it('does not read the list of one snapshot to make the next, so that its cost does not grow', () => {
      const read = jest.fn(() => []);
      const events = [added(message([text('')])), delta('a', [a!]), delta('b', [b!]), delta('c')];
      const heard = emittedOf(events, accumulateResponse(), ({ output }) => {
        Object.defineProperty((output as any)[0].content[0], 'logprobs', { get: read, enumerable: true });
      });
      expect(heard.at(-1)?.output_text).toBe('abc');
      // Of the part as it was announced.
      expect(read).toHaveBeenCalledTimes(1);
    });

    it('gives each reader of a snapshot the same list, which is not that of another snapshot', () => {
      const [first, second] = snapshotsOf(added(message([text('')])), delta('a', [a!]), delta('b', [b!]))
        .slice(1)
        .map(({ output }) => (output as any)[0].content[0]);
      expect(first.logprobs).toBe(first.logprobs);
      first.logprobs.push(c);
      expect(second.logprobs).toEqual([a, b]);
    });

    it('keeps what it has where the whole text is missing', () => {
      const heard = snapshotsOf(added(message([text('')])), delta('a'), done(undefined as never));
      expect(heard.at(-1)?.output_text).toBe('a');
    });

    it.each([null, undefined, 7, {}])('takes a delta of %p for none', (odd) => {
      expect(snapshotsOf(added(message([text('a')])), delta(odd as never))).toHaveLength(1);
    });

    it('puts several annotations where they belong', () => {
      const note = (annotation_index: number) =>
        responseEvent('response.output_text.annotation.added', {
          ...{ output_index: 0, content_index: 0, annotation_index },
          annotation: { type: 'file_path', index: annotation_index },
        });
      expect(outputOf(added(message([text('a')])), note(1), note(0), note(1))).toEqual([
        message([
          text('a', {
            annotations: [
              { type: 'file_path', index: 0 },
              { type: 'file_path', index: 1 },
            ],
          }),
        ]),
      ]);
    });
  });

  describe('of what a server left out', () => {
    const place = { output_index: 0, content_index: 0, annotation_index: 0, summary_index: 0, command_index: 0 };
    const exit = { type: 'exit', exit_code: 0 };

    it.each<[string, Fields]>([
      ['content_part.added', message([text('a')])],
      ['content_part.done', message([text('a')])],
      ['output_text.annotation.added', message([text('a', { annotations: [{ type: 'file_path' }] })])],
      ['reasoning_summary_part.done', call('reasoning', { summary: [{ type: 'summary_text', text: 'a' }] })],
      ['shell_call_command.done', call('shell_call', { action: { commands: ['ls'] } })],
      ['shell_call_output_content.done', call('shell_call_output', { output: [{ stdout: 'a', outcome: exit }] })],
      ['function_call_arguments.done', call('function_call', { arguments: '{}' })],
    ])('keeps what was read where response.%s brings nothing', (type, item) => {
      expect(outputOf(added(item), responseEvent(`response.${type}`, place))).toEqual([item]);
    });

    it.each([
      'content_part.done',
      'reasoning_summary_part.added',
      'output_text.annotation.added',
      'shell_call_command.done',
    ])('makes nothing of response.%s that brings nothing, and tells of an item that was not announced', (type) => {
      expect(snapshotsOf(created(), responseEvent(`response.${type}`, place))).toEqual([response([])]);
    });

    it('takes the first part and the first command where there is no index', () => {
      const { content_index: _index, ...event } = outputText('b') as unknown as Fields;
      expect(outputOf(added(message([text('a'), text('c')])), event)).toEqual([message([text('ab'), text('c')])]);
      const command = { output_index: 0, command_index: null, delta: 's' };
      const shell = (said: string) => call('shell_call', { action: { commands: [said, 'cd'] } });
      expect(outputOf(added(shell('l')), responseEvent('response.shell_call_command.delta', command))).toEqual([
        shell('ls'),
      ]);
    });

    it('adds what a command writes to either of its outputs', () => {
      const delta = (fields: object | null) =>
        responseEvent('response.shell_call_output_content.delta', { output_index: 0, command_index: 1, delta: fields });
      const item = call('shell_call_output', { output: [{ stdout: 'x', stderr: 'y', outcome: { type: 'timeout' } }] });
      const [known] = item.output as object[];
      const last = outputOf(added(item), delta({ stdout: 'a' }), delta({ stderr: 'b' }), delta({}), delta(null));
      expect(last).toEqual([{ ...item, output: [known, { stdout: 'a', stderr: 'b', outcome: exit }] }]);
    });
  });

  describe('of an event that is unknown', () => {
    it.each([
      ['response.telepathy.delta', { output_index: 0, item_id: 'msg_1', delta: 'a' }],
      ['response.output_text.telepathy.delta', { output_index: 0, item_id: 'msg_1', delta: 'a' }],
      ['response.message.completed', { output_index: 0, item_id: 'msg_1' }],
      ['response.web_search_call.dreaming', { output_index: 0, item_id: 'msg_1' }],
      ['response.telepathy', { response: { id: 'resp_9', output: [] } }],
      ['keepalive', {}],
      ['ping', {}],
      ['', {}],
      ['rate_limits.updated', { rate_limits: [] }],
    ])('changes nothing at %p', (type, fields) => {
      const heard = snapshotsOf(created(), added(message([text('a')])), responseEvent(type, fields), outputText('b'));
      expect(heard).toEqual([
        response([]),
        response([message([text('a')])], { output_text: 'a' }),
        response([message([text('ab')])], { output_text: 'ab' }),
      ]);
    });

    it('changes nothing at what has no type', () => {
      expect(snapshotsOf(created(), {}, { type: null }, { type: 7 })).toHaveLength(1);
    });

    it('changes no prototype by a field that is named __proto__', () => {
      const trap = '"__proto__":{"polluted":true}';
      const part = `{"type":"output_text","text":"","annotations":[],${trap}}`;
      const item = `{"id":"msg_1","type":"message","content":[${part}],${trap}}`;
      const texts = [
        `{"type":"response.created","response":{"id":"resp_1",${trap}}}`,
        `{"type":"response.output_item.added","output_index":0,"item":${item}}`,
        `{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"a","logprobs":[1],${trap}}`,
        `{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"b","logprobs":[2],${trap}}`,
      ];
      const heard = snapshotsOf(...texts.map((event) => JSON.parse(event) as object)) as any[];
      for (const snapshot of heard) {
        const [item = {}] = snapshot.output;
        for (const object of [snapshot, item, item.content?.[0] ?? {}]) {
          expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
          expect(object).not.toHaveProperty('polluted');
        }
      }
      expect(heard.map(({ output_text: all }) => all)).toEqual(['', '', 'a', 'ab']);
    });
  });

  describe('of an impossible index', () => {
    const impossible = [-1, 0.5, 65_536, 1e300, '0', {}, true];
    const places: [string, string][] = [
      ['output_text.delta', 'content_index'],
      ['content_part.added', 'content_index'],
      ['refusal.done', 'content_index'],
      ['reasoning_text.delta', 'content_index'],
      ['output_text.annotation.added', 'content_index'],
      ['output_text.annotation.added', 'annotation_index'],
      ['reasoning_summary_part.added', 'summary_index'],
      ['reasoning_summary_text.delta', 'summary_index'],
      ['shell_call_command.added', 'command_index'],
      ['shell_call_output_content.delta', 'command_index'],
    ];
    const cases = places.flatMap(([type, name]) => impossible.map((index) => [type, name, index] as const));

    it.each(cases)('makes an error of response.%s with a %s of %p', (type, name, index) => {
      const event = responseEvent(`response.${type}`, { output_index: 0, [name]: index, part: {}, annotation: {} });
      expect(() => snapshotsOf(created(), event)).toThrow(MalformedStreamError);
      expect(() => snapshotsOf(created(), event)).toThrow(`impossible ${name}`);
    });

    it.each([-1, 0.5, '0'])('makes an error of an output_index of %p', (output_index) => {
      const event = responseEvent('response.output_item.added', { output_index, item: message([]) });
      expect(() => snapshotsOf(created(), event)).toThrow(MalformedStreamError);
    });

    it('reads one that is a little behind the end of its list, and none that is far behind', () => {
      const at = (content_index: number) =>
        responseEvent('response.output_text.delta', { output_index: 0, content_index, delta: 'a' });
      expect(snapshotsOf(at(64)).at(-1)?.output_text).toBe('a');
      expect(() => snapshotsOf(at(65))).toThrow(MalformedStreamError);
    });
  });

  describe('as a row of snapshots', () => {
    const delta = (output_index: number, content_index: number, logprobs: object[] = []) =>
      responseEvent('response.output_text.delta', { output_index, content_index, delta: '!', logprobs });

    it('shares items and parts that have not changed', () => {
      const known = [added(message([text('a'), text('b')])), added(call('function_call'), 1)];
      const [before, after] = snapshotsOf(...known, delta(0, 1)).slice(1) as any[];
      expect(after.output[1]).toBe(before.output[1]);
      expect(after.output[0]).not.toBe(before.output[0]);
      expect(after.output[0].content[0]).toBe(before.output[0].content[0]);
      expect(after.output[0].content[1]).not.toBe(before.output[0].content[1]);
      expect(after.output[0].content[1].annotations).toBe(before.output[0].content[1].annotations);
    });

    it('shares the output where only other fields came', () => {
      const [before, after] = snapshotsOf(added(message([text('a')])), told('response.in_progress'));
      expect(after?.output[0]).toBe(before?.output[0]);
    });

    it('goes on with log probabilities when a snapshot was frozen', () => {
      const events = [added(message([text('')])), delta(0, 0, [{ token: 'a' }]), delta(0, 0, [{ token: 'b' }])];
      const { frozen, copies } = frozenOf(events, accumulateResponse());
      expect(frozen).toEqual(copies);
      expect((frozen.at(-1) as any).output[0].content[0].logprobs).toEqual([{ token: 'a' }, { token: 'b' }]);
    });

    it('leaves the events as they are', () => {
      fc.assert(
        fc.property(responseAnswers, (answer) => {
          const before = structuredClone(answer);
          snapshotsOf(...deepFrozen(answer));
          expect(answer).toEqual(before);
        }),
      );
    });

    it.each([
      ['a whole answer', responseAnswers],
      ['an answer that is cut', cutResponseAnswers],
    ])('never changes one of %s that was emitted, nor needs to', (_, answers) => {
      fc.assert(
        fc.property(answers, (answer) => {
          const { frozen, copies } = frozenOf(answer, accumulateResponse());
          expect(frozen.length).toBeGreaterThan(0);
          expect(frozen).toEqual(copies);
          // Neither where nobody looks at one before the end.
          expect(snapshotsOf(...structuredClone(answer))).toEqual(copies);
        }),
      );
    });
  });
});
