import {
  asyncScheduler,
  delay,
  filter,
  map,
  mergeMap,
  observeOn,
  pipe,
  tap,
  type MonoTypeOperatorFunction,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import {
  accumulateCompletion,
  accumulateContent,
  accumulateReasoning,
  accumulateResponse,
  accumulateToolCalls,
  APIConnectionError,
  collectToolCalls,
  collectUsage,
  retryWithBackoff,
  splitChoices,
  takeChunks,
  type RetryWithBackoffOptions,
  type StreamChunk,
} from 'rxdelta';
import {
  chatChunk,
  content,
  finish,
  outputText,
  responseEnd,
  responseEvent,
  toolCalls,
  usage,
} from '../support/chunks';
import { inTurn, marbles } from '../support/marbles';

type Answer = Record<'a' | 'b' | 'c' | 'f', StreamChunk>;

/** What an accumulator makes of an answer that is given in chunks a, b, c and f. */
interface Case {
  accumulator: () => OperatorFunction<any, unknown>;
  /** Made anew at each call. */
  answer: () => Answer;
  /** After which of the chunks a value is emitted. */
  emitsAt: string;
  /** What is emitted after each of them in an attempt that was not broken. */
  values: Record<string, unknown>;
}

const weather = { choice: 0, index: 0, id: 'a', type: 'function', name: 'weather' };
const item = { type: 'function_call', id: 'fc_1', call_id: 'a', name: 'weather' };
const argumentsDelta = (delta: string) =>
  responseEvent('response.function_call_arguments.delta', { item_id: 'fc_1', output_index: 0, delta });
const chatCalls = (): Answer => ({
  a: toolCalls({ index: 0, id: 'a', function: { name: 'weather', arguments: '{"ci' } }),
  b: toolCalls({ index: 0, function: { arguments: 'ty":' } }),
  c: toolCalls({ index: 0, function: { arguments: '1}' } }),
  f: finish('tool_calls'),
});
const responseCalls = (): Answer => ({
  a: responseEvent('response.output_item.added', { output_index: 0, item: { ...item, arguments: '' } }),
  b: argumentsDelta('{"city":'),
  c: argumentsDelta('1}'),
  f: responseEnd('completed', { output: [{ ...item, arguments: '{"city":1}' }] }),
});
const completion = (text: string, reason: string | null = null) =>
  expect.objectContaining({
    id: 'chatcmpl-1',
    choices: [expect.objectContaining({ finish_reason: reason, message: expect.objectContaining({ content: text }) })],
  });
const response = (status: string, text: string) => expect.objectContaining({ status, output_text: text });

const cases: Record<string, Case> = {
  accumulateContent: {
    accumulator: accumulateContent,
    answer: () => ({ a: content('Hel'), b: content('lo'), c: content('!'), f: finish() }),
    emitsAt: 'abc',
    values: { a: 'Hel', b: 'Hello', c: 'Hello!' },
  },
  'accumulateContent of a Response': {
    accumulator: accumulateContent,
    answer: () => ({ a: outputText('Hel'), b: outputText('lo'), c: outputText('!'), f: responseEnd('completed') }),
    emitsAt: 'abc',
    values: { a: 'Hel', b: 'Hello', c: 'Hello!' },
  },
  accumulateReasoning: {
    accumulator: accumulateReasoning,
    answer: () => ({
      a: chatChunk({ delta: { reasoning_content: 'Let' } }),
      b: chatChunk({ delta: { reasoning_content: ' me' } }),
      c: chatChunk({ delta: { reasoning_content: ' see' } }),
      f: finish(),
    }),
    emitsAt: 'abc',
    values: { a: 'Let', b: 'Let me', c: 'Let me see' },
  },
  accumulateToolCalls: {
    accumulator: accumulateToolCalls,
    answer: chatCalls,
    emitsAt: 'abc',
    values: {
      a: [{ ...weather, arguments: '{"ci' }],
      b: [{ ...weather, arguments: '{"city":' }],
      c: [{ ...weather, arguments: '{"city":1}' }],
    },
  },
  'accumulateToolCalls of a Response': {
    accumulator: accumulateToolCalls,
    answer: responseCalls,
    emitsAt: 'abc',
    values: {
      a: [{ ...weather, arguments: '' }],
      b: [{ ...weather, arguments: '{"city":' }],
      c: [{ ...weather, arguments: '{"city":1}' }],
    },
  },
  accumulateCompletion: {
    accumulator: accumulateCompletion,
    answer: () => ({ a: content('Hel'), b: content('lo'), c: content('!'), f: finish() }),
    emitsAt: 'abcf',
    values: {
      a: completion('Hel'),
      b: completion('Hello'),
      c: completion('Hello!'),
      f: completion('Hello!', 'stop'),
    },
  },
  accumulateResponse: {
    accumulator: accumulateResponse,
    answer: () => ({ a: outputText('Hel'), b: outputText('lo'), c: outputText('!'), f: responseEnd('completed') }),
    emitsAt: 'abcf',
    values: {
      a: response('in_progress', 'Hel'),
      b: response('in_progress', 'Hello'),
      c: response('in_progress', 'Hello!'),
      f: response('completed', 'Hello!'),
    },
  },
  'splitChoices with accumulateContent': {
    accumulator: () =>
      pipe(
        splitChoices(),
        mergeMap((choice) =>
          choice.pipe(
            accumulateContent({ choice: choice.key }),
            map((text) => `${choice.key}: ${text}`),
          ),
        ),
      ),
    // The first and the last text stand in chunks of two choices, which are split into copies.
    answer: () => ({
      a: chatChunk({ index: 0, delta: { content: 'Hel' } }, { index: 1 }),
      b: content('Bye', 1),
      c: chatChunk({ index: 1 }, { index: 0, delta: { content: 'lo' } }),
      f: finish(),
    }),
    emitsAt: 'abc',
    values: { a: '0: Hel', b: '1: Bye', c: '0: Hello' },
  },
  collectToolCalls: {
    accumulator: collectToolCalls,
    answer: chatCalls,
    emitsAt: 'f',
    values: { f: { ...weather, arguments: '{"city":1}' } },
  },
  'collectToolCalls of a Response': {
    accumulator: collectToolCalls,
    answer: responseCalls,
    emitsAt: 'f',
    values: { f: { ...weather, arguments: '{"city":1}' } },
  },
};

const cut = new APIConnectionError('cut', { phase: 'body' });
const cutAgain = new APIConnectionError('cut again', { phase: 'body' });
const restart = (options: RetryWithBackoffOptions = {}) =>
  retryWithBackoff<any>({ afterFirstChunk: 'restart', initialDelayMs: 3, jitter: 0, ...options });

/** What may stand between the retry and the accumulator. */
const between: [string, () => MonoTypeOperatorFunction<StreamChunk>][] = [
  ['nothing', () => tap()],
  ['filter', () => filter(() => true)],
  ['delay', () => delay(0)],
  ['observeOn', () => observeOn(asyncScheduler)],
  ['takeChunks', () => takeChunks(10)],
];

describe.each(Object.entries(cases))('a restart, with %s', (_name, { accumulator, answer, emitsAt, values }) => {
  /** These marbles without the chunks after which nothing is emitted. */
  const emitted = (timeline: string) => timeline.replace(/[abcf]/g, (chunk) => (emitsAt.includes(chunk) ? chunk : '-'));

  it('emits in an attempt that is not broken what the following specs expect of each', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('     -a-b-c-f-|', answer());
      const expected = emitted('-a-b-c-f-|');
      expectObservable(source.pipe(accumulator())).toBe(expected, values);
    });
  });

  describe.each([
    ['chunks of the same id', false],
    ['the very same chunks', true],
  ])('where both attempts give %s', (_label, isSame) => {
    it.each(between)('starts afresh behind %s', (_operator, make) => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const chunks = answer();
        const first = cold('        -a-b-#              ', chunks, cut);
        const firstSubscription = ' ^----!              ';
        const second = cold('               -a-b-c-f-|  ', isSame ? chunks : answer());
        const secondSubscription = '--------^--------!  ';
        const expected = emitted('  -a-b-----a-b-c-f-|  ');
        const result = inTurn<StreamChunk>(first, second).pipe(restart(), make(), accumulator());
        expectObservable(result).toBe(expected, values);
        expectSubscriptions(first.subscriptions).toBe(firstSubscription);
        expectSubscriptions(second.subscriptions).toBe(secondSubscription);
      });
    });

    it('starts afresh with each of several attempts, which break at different places', () => {
      marbles(({ cold, expectObservable }) => {
        const chunks = answer();
        const again = () => (isSame ? chunks : answer());
        const first = cold('      -a-b-c-#                    ', chunks, cut);
        const second = cold('               -a-#              ', again(), cut);
        const third = cold('                         -a-b-c-f-|', again());
        const expected = emitted('-a-b-c-----a--------a-b-c-f-|');
        const result = inTurn<StreamChunk>(first, second, third).pipe(restart(), accumulator());
        expectObservable(result).toBe(expected, values);
      });
    });

    it('starts afresh in front of the retry', () => {
      marbles(({ cold, expectObservable }) => {
        const chunks = answer();
        const first = cold('      -a-b-#              ', chunks, cut);
        const second = cold('             -a-b-c-f-|  ', isSame ? chunks : answer());
        const expected = emitted('-a-b-----a-b-c-f-|  ');
        const result = inTurn<StreamChunk>(first, second).pipe(accumulator(), restart());
        expectObservable(result).toBe(expected, values);
      });
    });

    it('starts afresh behind a retry around a retry, whichever of them makes the attempt', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const chunks = answer();
        const again = () => (isSame ? chunks : answer());
        const first = cold('        -a-b-#                       ', chunks, cut);
        const second = cold('               -a-b-#               ', again(), cutAgain);
        const third = cold('                        -a-b-c-f-|   ', again());
        const thirdSubscription = ' ----------------^--------!   ';
        const expected = emitted('  -a-b-----a-b-----a-b-c-f-|   ');
        const inner = inTurn<StreamChunk>(first, second, third).pipe(restart({ maxRetries: 1 }));
        const result = inner.pipe(restart({ maxRetries: 1 }), accumulator());
        expectObservable(result).toBe(expected, values);
        expectSubscriptions(third.subscriptions).toBe(thirdSubscription);
      });
    });

    it('starts afresh behind a retry that has nothing to do itself', () => {
      marbles(({ cold, expectObservable }) => {
        const chunks = answer();
        const first = cold('      -a-b-#              ', chunks, cut);
        const second = cold('             -a-b-c-f-|  ', isSame ? chunks : answer());
        const expected = emitted('-a-b-----a-b-c-f-|  ');
        const result = inTurn<StreamChunk>(first, second).pipe(restart(), restart(), accumulator());
        expectObservable(result).toBe(expected, values);
      });
    });
  });

  it('starts afresh with chunks that nobody can change', () => {
    marbles(({ cold, expectObservable }) => {
      const chunks = answer();
      Object.values(chunks).forEach((chunk) => Object.freeze(chunk));
      const first = cold('      -a-b-#              ', chunks, cut);
      const second = cold('             -a-b-c-f-|  ', chunks);
      const expected = emitted('-a-b-----a-b-c-f-|  ');
      const result = inTurn<StreamChunk>(first, second).pipe(restart(), accumulator());
      expectObservable(result).toBe(expected, values);
    });
  });

  it('passes the error through after what came of the last attempt', () => {
    marbles(({ cold, expectObservable }) => {
      const first = cold('      -a-b-c-#       ', answer(), cut);
      const second = cold('               -a-b-#', answer(), cutAgain);
      const expected = emitted('-a-b-c-----a-b-#');
      const result = inTurn<StreamChunk>(first, second).pipe(restart({ maxRetries: 1 }), accumulator());
      expectObservable(result).toBe(expected, values, cutAgain);
    });
  });
});

describe.each([
  ['accumulateContent', cases.accumulateContent!, ''],
  ['accumulateContent of a Response', cases['accumulateContent of a Response']!, ''],
  ['accumulateReasoning', cases.accumulateReasoning!, ''],
  ['accumulateToolCalls', cases.accumulateToolCalls!, []],
  ['accumulateToolCalls of a Response', cases['accumulateToolCalls of a Response']!, []],
])('a restart to an answer that brings nothing for %s', (_name, { accumulator, answer, values }, nothing) => {
  const made = { ...values, n: nothing };
  const other = () => ({ r: chatChunk({ delta: { role: 'assistant', refusal: 'No' } }), f: finish() });

  it('ends with the empty value, in place of what is void', () => {
    marbles(({ cold, expectObservable }) => {
      const first = cold(' -a-b-#           ', answer(), cut);
      const second = cold('        -r-f-|   ', other());
      const expected = '   -a-b---------(n|)';
      expectObservable(inTurn<any>(first, second).pipe(restart(), accumulator())).toBe(expected, made);
    });
  });

  it('ends with it also where an attempt in between brought nothing either', () => {
    marbles(({ cold, expectObservable }) => {
      const first = cold(' -a-#                   ', answer(), cut);
      const second = cold('      -r-#             ', other(), cutAgain);
      const third = cold('                -r-f-| ', other());
      const expected = '   -a------------------(n|)';
      expectObservable(inTurn<any>(first, second, third).pipe(restart(), accumulator())).toBe(expected, made);
    });
  });

  it('emits nothing of it where something comes after all', () => {
    marbles(({ cold, expectObservable }) => {
      const first = cold(' -a-b-#         ', answer(), cut);
      const second = cold('        -r-a-f|', { ...answer(), ...other() });
      const expected = '   -a-b-------a--|';
      expectObservable(inTurn<any>(first, second).pipe(restart(), accumulator())).toBe(expected, made);
    });
  });

  it('emits nothing more where nothing had been emitted', () => {
    marbles(({ cold, expectObservable }) => {
      const first = cold(' -r-#        ', other(), cut);
      const second = cold('      -r-f-|', other());
      const expected = '   -----------|';
      expectObservable(inTurn<any>(first, second).pipe(restart(), accumulator())).toBe(expected, made);
    });
  });

  it('emits nothing of it before an error', () => {
    marbles(({ cold, expectObservable }) => {
      const first = cold(' -a-b-#                 ', answer(), cut);
      const second = cold('        -r-a-#         ', { ...answer(), ...other() }, cutAgain);
      const third = cold('                    -r-#', other(), cut);
      const expected = '   -a-b-------a----------#';
      const result = inTurn<any>(first, second, third).pipe(restart(), accumulator());
      expectObservable(result).toBe(expected, made, cut);
    });
  });
});

it.each([
  ['accumulateCompletion', cases.accumulateCompletion!],
  ['accumulateResponse', cases.accumulateResponse!],
])(
  'a restart to an answer without any sign of itself leaves %s what it has',
  (_name, { accumulator, answer, values }) => {
    marbles(({ cold, expectObservable }) => {
      const first = cold(' -a-b-#      ', answer(), cut);
      const second = cold('        -u-|', { u: responseEvent('response.something.new') });
      const expected = '   -a-b-------|';
      expectObservable(inTurn<any>(first, second).pipe(restart(), accumulator())).toBe(expected, values);
    });
  },
);

describe('a restart, with collectUsage', () => {
  const counted = (total: number) => ({
    ...usage(),
    usage: { prompt_tokens: 3, completion_tokens: total - 3, total_tokens: total },
  });
  const usages = { x: counted(9).usage };
  const chunks = { t: content('Hello'), u: counted(5), v: counted(9) };

  it.each(between)('counts the last attempt alone, behind %s', (_operator, make) => {
    marbles(({ cold, expectObservable }) => {
      const first = cold(' -t-u-#             ', chunks, cut);
      const second = cold('        -t-v-|     ', { ...chunks });
      const expected = '   -------------(x|)  ';
      const result = inTurn<StreamChunk>(first, second).pipe(restart(), make(), collectUsage());
      expectObservable(result).toBe(expected, usages);
    });
  });

  it.each([
    ['other chunks', { t: content('Hello again') }],
    ['a chunk that took part in the first one', { t: chunks.t }],
  ])('gives no usage of an attempt that was broken, where the last one has none but %s', (_label, last) => {
    marbles(({ cold, expectObservable }) => {
      const first = cold(' -t-u-#          ', chunks, cut);
      const second = cold('        -t-t-|  ', last);
      const expected = '   -------------|  ';
      const result = inTurn<StreamChunk>(first, second).pipe(restart(), collectUsage());
      expectObservable(result).toBe(expected, usages);
    });
  });

  it('counts the last attempt of a Response alone', () => {
    marbles(({ cold, expectObservable }) => {
      const created = (total?: number) =>
        responseEvent('response.in_progress', {
          response: { id: 'resp_1', usage: total === undefined ? null : { total_tokens: total } },
        });
      const first = cold(' -u-#        ', { u: created(5) }, cut);
      const second = cold('      -n-|  ', { n: created() });
      const expected = '   ---------|  ';
      const result = inTurn<StreamChunk>(first, second).pipe(restart(), collectUsage());
      expectObservable(result).toBe(expected);
    });
  });

  it('counts the last attempt behind a retry around a retry', () => {
    marbles(({ cold, expectObservable }) => {
      const first = cold(' -v-#                ', chunks, cut);
      const second = cold('      -u-#          ', chunks, cutAgain);
      const third = cold('             -t-|    ', chunks);
      const expected = '   ---------------|    ';
      const once = { maxRetries: 1 };
      const inner = inTurn<StreamChunk>(first, second, third).pipe(restart(once));
      expectObservable(inner.pipe(restart(once), collectUsage())).toBe(expected, usages);
    });
  });
});

describe('a restart, with splitChoices', () => {
  const both = (left: string, right: string) =>
    chatChunk({ index: 0, delta: { content: left } }, { index: 1, delta: { content: right } });

  /** The text so far of each choice. */
  function texts(source: Observable<any>): Observable<string> {
    return source.pipe(
      splitChoices(),
      mergeMap((choice) =>
        choice.pipe(
          accumulateContent({ choice: choice.key }),
          map((text) => `${choice.key}: ${text}`),
        ),
      ),
    );
  }

  it('goes on in the same groups', () => {
    marbles(({ cold, expectObservable }) => {
      const chunks = { a: content('A', 0), b: content('B', 1) };
      const first = cold(' -a-b-#         ', chunks, cut);
      const second = cold('        -a-b-| ', { a: content('A', 0), b: content('B', 1) });
      const expected = '   -x-y---------| ';
      const keys = inTurn<any>(first, second).pipe(
        restart(),
        splitChoices(),
        map(({ key }) => key),
      );
      expectObservable(keys).toBe(expected, { x: 0, y: 1 });
    });
  });

  it('starts each choice afresh when it is told of again, also out of one chunk', () => {
    marbles(({ cold, expectObservable }) => {
      const first = cold(' -a---b-#             ', { a: both('A', 'B'), b: both('a', 'b') }, cut);
      const second = cold('          -a---b----|', { a: both('C', 'D'), b: both('c', 'd') });
      const expected = '   -(uv)(wx)--(UV)(WX)-|';
      const values = { u: '0: A', v: '1: B', w: '0: Aa', x: '1: Bb', U: '0: C', V: '1: D', W: '0: Cc', X: '1: Dd' };
      expectObservable(texts(inTurn<any>(first, second).pipe(restart()))).toBe(expected, values);
    });
  });

  it('starts a choice afresh that the broken attempt told of last, and the last one first', () => {
    marbles(({ cold, expectObservable }) => {
      const first = cold(' -a-b-#            ', { a: content('A', 0), b: content('B', 1) }, cut);
      const second = cold('        -b-a-|    ', { a: content('C', 0), b: content('D', 1) });
      const expected = '   -x-y-----Y-X-|    ';
      const values = { x: '0: A', y: '1: B', X: '0: C', Y: '1: D' };
      expectObservable(texts(inTurn<any>(first, second).pipe(restart()))).toBe(expected, values);
    });
  });
});

describe('a restart after a call was handed out', () => {
  const call = { ...weather, arguments: '{"city":1}' };

  describe.each([
    ['chat', chatCalls],
    ['Responses', responseCalls],
  ])('in %s', (_api, answer) => {
    it.each(between)('ends with the error that caused it, behind %s', (_operator, make) => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const first = cold('        -a-b-c-f-#          ', answer(), cut);
        const second = cold('                   -a-b-c-f|', answer());
        const secondSubscription = '------------^!          ';
        const expected = '          -------x-----#          ';
        const result = inTurn<StreamChunk>(first, second).pipe(restart(), make(), collectToolCalls());
        expectObservable(result).toBe(expected, { x: call }, cut);
        expectSubscriptions(second.subscriptions).toBe(secondSubscription);
      });
    });

    it('ends with it though the attempts give the very same chunks', () => {
      marbles(({ cold, expectObservable }) => {
        const chunks = answer();
        const first = cold(' -a-b-c-f-#          ', chunks, cut);
        const second = cold('            -a-b-c-f|', chunks);
        const expected = '   -------x-----#          ';
        const result = inTurn<StreamChunk>(first, second).pipe(restart(), collectToolCalls());
        expectObservable(result).toBe(expected, { x: call }, cut);
      });
    });

    it('ends with the error of the attempt that handed it out, behind a retry around a retry', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -a-b-#                       ', answer(), cut);
        const second = cold('        -a-b-c-f-#           ', answer(), cutAgain);
        const third = cold('                     -a-b-c-f|', answer());
        const expected = '   ---------------x-----#       ';
        const inner = inTurn<StreamChunk>(first, second, third).pipe(restart({ maxRetries: 1 }));
        const result = inner.pipe(restart({ maxRetries: 1 }), collectToolCalls());
        expectObservable(result).toBe(expected, { x: call }, cutAgain);
      });
    });

    it('ends with the last error where no chunk comes any more', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -a-b-c-f-#      ', answer(), cut);
        const second = cold('            --# ', answer(), cutAgain);
        const expected = '   -------x------# ';
        const result = inTurn<StreamChunk>(first, second).pipe(restart({ maxRetries: 1 }), collectToolCalls());
        expectObservable(result).toBe(expected, { x: call }, cutAgain);
      });
    });

    it('hands it out again in front of the retry, which knows nothing of calls', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -a-b-c-f-#            ', answer(), cut);
        const second = cold('            -a-b-c-f-|', answer());
        const expected = '   -------x-----------x-|';
        const result = inTurn<StreamChunk>(first, second).pipe(collectToolCalls(), restart());
        expectObservable(result).toBe(expected, { x: call });
      });
    });
  });
});
