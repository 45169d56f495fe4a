import { concat, from, map, Subject, take } from 'rxjs';
import {
  APIConnectionError,
  collectToolCalls,
  retryWithBackoff,
  StreamTruncatedError,
  untilDone,
  type StreamChunk,
  type ToolCall,
} from 'rxdelta';
import { markEnd } from '../../lib/chunks/completion/endMark';
import { chatChunk, content, finish, responseEnd, responseEvent, toolCalls } from '../support/chunks';
import { Endless, inTurn, marbles } from '../support/marbles';

describe('collectToolCalls', () => {
  // Made anew for each spec: an attempt, and the end of a client's stream, leave their marks on the very objects.
  let chunks: Record<string, StreamChunk>;
  const call = { choice: 0, index: 0, id: 'a', type: 'function', name: 'weather', arguments: '{"city":"Bonn"}' };
  const other = { choice: 0, index: 1, id: 'b', type: 'function', name: 'time', arguments: '{"zone":"CET"}' };
  const calls = { x: call, y: other };

  beforeEach(() => {
    chunks = {
      t: content('Let me see.'),
      a: toolCalls({ index: 0, id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city":' } }),
      b: toolCalls({ index: 0, function: { arguments: '"Bonn"}' } }),
      c: toolCalls({ index: 1, id: 'b', type: 'function', function: { name: 'time', arguments: '{"zone":"CET"}' } }),
      f: finish('tool_calls'),
      w: chatChunk({
        delta: { tool_calls: [{ index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":"Bonn"}' } }] },
        finish_reason: 'tool_calls',
      }),
    };
  });

  it('emits each call when its choice has finished', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --t--a--b--c--f----|', chunks);
      const subscription = '^------------------!';
      const expected = '    --------------(xy)-|';
      expectObservable(source.pipe(collectToolCalls())).toBe(expected, calls);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits one call', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --w--|', chunks);
      const subscription = '^----!';
      const expected = '    --x--|';
      expectObservable(source.pipe(collectToolCalls())).toBe(expected, calls);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits the calls of a Response as each is done', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const done = (id: string, name: string, index: number, text: string) =>
        responseEvent('response.output_item.done', {
          output_index: index,
          item: { type: 'function_call', id: `fc_${id}`, call_id: id, name, arguments: text },
        });
      const source = cold(' --a--b--(c|)', {
        a: done('a', 'weather', 0, '{"city":"Bonn"}'),
        b: done('b', 'time', 1, '{"zone":"CET"}'),
        c: responseEnd('completed'),
      });
      const subscription = '^-------!   ';
      const expected = '    --x--y--|   ';
      expectObservable(source.pipe(collectToolCalls())).toBe(expected, calls);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits nothing of an empty source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --|', chunks);
      const subscription = '^-!';
      const expected = '    --|';
      expectObservable(source.pipe(collectToolCalls())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stays silent with a source that never emits', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -', chunks);
      const subscription = '^';
      const expected = '    -';
      expectObservable(source.pipe(collectToolCalls())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through after the calls that were whole', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --w--a--b--#', chunks, failure);
      const subscription = '^----------!';
      const expected = '    --x--------#';
      expectObservable(source.pipe(collectToolCalls())).toBe(expected, calls, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through that comes first', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --#', chunks, failure);
      const subscription = '^-!';
      const expected = '    --#';
      expectObservable(source.pipe(collectToolCalls())).toBe(expected, calls, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits nothing of a call that was cut, though the source completes', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --a--b--|', chunks);
      const subscription = '^-------!';
      const expected = '    --------|';
      expectObservable(source.pipe(collectToolCalls())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits nothing of a call that was cut, behind untilDone, which makes an error of that', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--a--b--|', chunks);
      const expected = '   --------#';
      const result = source.pipe(untilDone(), collectToolCalls());
      expectObservable(result).toBe(expected, calls, expect.any(StreamTruncatedError));
    });
  });

  it('emits the calls of each choice as it finishes, and none of a choice in which the stream broke', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const part = { index: 0, id: 'b', function: { name: 'time', arguments: '{"zone":"CET"}' } };
      const choice1 = { d: chatChunk({ index: 1, delta: { tool_calls: [part] } }), e: finish('tool_calls', 1) };
      const source = cold(' -a-d-b-e-#', { ...chunks, ...choice1 }, failure);
      const subscription = '^--------!';
      const expected = '    -------z-#';
      const ofChoice1 = { ...other, choice: 1, index: 0 };
      expectObservable(source.pipe(collectToolCalls())).toBe(expected, { z: ofChoice1 }, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits no call twice, though its finish reason comes again', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('-w-f-f-|', chunks);
      const expected = '   -x-----|';
      expectObservable(source.pipe(collectToolCalls())).toBe(expected, calls);
    });
  });

  it('gives calls of which each can be parsed; what is not JSON ends the stream with an error that names the call', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const garbled = chatChunk({
        delta: { tool_calls: [{ index: 0, id: 'g', function: { name: 'time', arguments: '{"zone":' } }] },
        finish_reason: 'tool_calls',
      });
      const source = cold(' -w-g-w-|', { ...chunks, g: garbled });
      const subscription = '^--!';
      const expected = '    -x-#';
      const result = source.pipe(
        collectToolCalls(),
        map((handedOut) => handedOut.parsed()),
      );
      const failure = expect.objectContaining({
        name: 'ToolArgumentsError',
        toolName: 'time',
        callId: 'g',
        text: '{"zone":',
      });
      expectObservable(result).toBe(expected, { x: { city: 'Bonn' } }, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stops the source when it is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('   --w--a--b--f--|', chunks);
      const subscription = '  ^---!';
      const unsubscription = '----!';
      const expected = '      --x--';
      expectObservable(source.pipe(collectToolCalls()), unsubscription).toBe(expected, calls);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('collects for a second subscriber anew', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('        --a--b--f--c--f--|', chunks);
      const firstSubscription = ' ^----------------!';
      const firstExpected = '     --------x-----y--|';
      const secondSubscription = '---^-------------!';
      const secondExpected = '    --------z-----y--|';
      const result = source.pipe(collectToolCalls());
      expectObservable(result).toBe(firstExpected, calls);
      expectObservable(result, '---^').toBe(secondExpected, {
        ...calls,
        z: { ...call, id: '', name: '', arguments: '"Bonn"}' },
      });
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
      const source = hot('  --w--t--w--|', { ...chunks, t: trap });
      const subscription = '^----!';
      const expected = '    --x--#';
      expectObservable(source.pipe(collectToolCalls())).toBe(expected, calls, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('makes an error of what is no chunk', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --n--w--|', { ...chunks, n: null as never });
      const subscription = '^-!';
      const expected = '    --#';
      expectObservable(source.pipe(collectToolCalls())).toBe(expected, calls, expect.any(TypeError));
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('reads a synchronous source', () => {
    marbles(({ expectObservable }) => {
      const source = from([chunks.a!, chunks.b!, chunks.c!, chunks.f!]);
      const expected = '(xy|)';
      expectObservable(source.pipe(collectToolCalls())).toBe(expected, calls);
    });
  });

  it('stops an endless synchronous source as soon as nobody listens', () => {
    const endless = new Endless(() => chunks.w!);
    const heard: ToolCall[] = [];
    endless.values.pipe(collectToolCalls(), take(1)).subscribe((handedOut) => heard.push(handedOut));
    expect(heard).toEqual([call]);
    expect(endless.produced).toBe(1);
  });

  it('emits one call to take(1) also when that makes the source emit again', () => {
    const source = new Subject<StreamChunk>();
    const heard: ToolCall[] = [];
    source.pipe(collectToolCalls(), take(1)).subscribe((handedOut) => {
      heard.push(handedOut);
      source.next(chunks.w!);
    });
    source.next(chunks.w!);
    expect(heard).toEqual([call]);
    expect(source.observed).toBe(false);
  });

  describe('at the end of a client’s stream', () => {
    it('emits the calls of choices without a finish reason, since [DONE] made the answer whole', () => {
      marbles(({ cold, expectObservable }) => {
        markEnd(chunks.c!, 'whole');
        const source = cold('-a-b-c-|   ', chunks);
        const expected = '   -------(xy|)';
        expectObservable(source.pipe(collectToolCalls())).toBe(expected, calls);
      });
    });

    it('emits them whatever their arguments are', () => {
      const last = toolCalls({ index: 0, id: 'a', function: { name: 'weather', arguments: 'Bonn' } });
      markEnd(last, 'whole');
      const heard: unknown[] = [];
      from([last])
        .pipe(collectToolCalls())
        .subscribe(({ arguments: text }) => heard.push(text));
      expect(heard).toEqual(['Bonn']);
    });

    it('emits none of them where the client was told to be lenient', () => {
      marbles(({ cold, expectObservable }) => {
        markEnd(chunks.c!, 'lenient');
        const source = cold('-a-b-c-|', chunks);
        const expected = '   -------|';
        expectObservable(source.pipe(collectToolCalls())).toBe(expected);
      });
    });

    it('emits one of them to take(1)', () => {
      const source = new Subject<StreamChunk>();
      const heard: unknown[] = [];
      source.pipe(collectToolCalls(), take(1)).subscribe({
        next: (handedOut) => heard.push(handedOut),
        error: (error: unknown) => heard.push(error),
        complete: () => heard.push('complete'),
      });
      markEnd(chunks.c!, 'whole');
      for (const chunk of [chunks.a!, chunks.b!, chunks.c!]) source.next(chunk);
      source.complete();
      expect(heard).toEqual([call, 'complete']);
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
        const expected = '          ---------------x-|   ';
        const result = inTurn(first, second).pipe(restart(), collectToolCalls());
        expectObservable(result).toBe(expected, calls);
        expectSubscriptions(first.subscriptions).toBe(firstSubscription);
        expectSubscriptions(second.subscriptions).toBe(secondSubscription);
      });
    });

    it('starts the calls of a Response again too', () => {
      marbles(({ cold, expectObservable }) => {
        const item = { type: 'function_call', id: 'fc_1', call_id: 'a', name: 'weather' };
        const events = {
          o: responseEvent('response.output_item.added', { output_index: 0, item: { ...item, name: 'other' } }),
          d: responseEvent('response.function_call_arguments.done', { item_id: 'fc_1', arguments: '{"city":"Bonn"}' }),
          e: responseEnd('completed', { output: [{ ...item, arguments: '{"city":"Bonn"}' }] }),
        };
        const first = cold(' -o-#       ', events, cut);
        const second = cold('      -d-e|', events);
        const expected = '   ---------x|';
        const result = inTurn(first, second).pipe(restart(), collectToolCalls());
        expectObservable(result).toBe(expected, calls);
      });
    });

    it('ends with the error that caused it when a call was handed out before, which nobody can take back', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const first = cold('        -a-b-f-#   ', chunks, cut);
        const firstSubscription = ' ^------!   ';
        const second = cold('                 -a-b-f-|', chunks);
        const secondSubscription = '----------^!';
        const expected = '          -----x-----#';
        const result = inTurn(first, second).pipe(restart(), collectToolCalls());
        expectObservable(result).toBe(expected, calls, cut);
        expectSubscriptions(first.subscriptions).toBe(firstSubscription);
        expectSubscriptions(second.subscriptions).toBe(secondSubscription);
      });
    });

    it('names the error of the last attempt, not of the first', () => {
      marbles(({ cold, expectObservable }) => {
        const last = new APIConnectionError('cut again', { phase: 'body' });
        const first = cold(' -a-#                 ', chunks, cut);
        const second = cold('      -w-#           ', chunks, last);
        const third = cold('                -a-b-|', chunks);
        const expected = '   -------x--------#';
        const result = inTurn(first, second, third).pipe(restart(), collectToolCalls());
        expectObservable(result).toBe(expected, calls, last);
      });
    });

    it('goes on behind another stream, whose calls a retry before the first chunk does not replace', () => {
      marbles(({ cold, expectObservable }) => {
        const turn = cold('  -w-|        ', chunks);
        const first = cold('    -#       ', chunks, cut);
        const second = cold('       -c-f|', chunks);
        const expected = '   -x--------y|';
        const result = concat(turn, inTurn(first, second).pipe(restart())).pipe(collectToolCalls());
        expectObservable(result).toBe(expected, calls);
      });
    });

    it('goes on behind another stream, in which it started again', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -a-#          ', chunks, cut);
        const second = cold('      -w-|    ', chunks);
        const turn = cold('           -c-f|', chunks);
        const expected = '   -------x----y|';
        const result = concat(inTurn(first, second).pipe(restart()), turn).pipe(collectToolCalls());
        expectObservable(result).toBe(expected, calls);
      });
    });
  });
});
