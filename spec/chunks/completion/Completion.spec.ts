import { Completion, isDoneMark } from '../../../lib/chunks/completion/Completion';
import { chatChunk, content, finish, outputText, responseEnd, usage } from '../../support/chunks';

describe('Completion', () => {
  /** Whether the stream ends at once with each of the chunks, and whether it may end after the last. */
  function judge(...chunks: object[]): { ends: boolean[]; isComplete: boolean } {
    const completion = new Completion();
    const ends = chunks.map((chunk) => completion.observe(chunk, (chunk as { type?: unknown }).type));
    return { ends, isComplete: completion.isComplete };
  }

  it('is not reached before anything has come', () => {
    expect(judge()).toEqual({ ends: [], isComplete: false });
  });

  it('is reached when every choice that was seen has a finish reason, which ends nothing at once', () => {
    expect(judge(content('Hel'), content('lo')).isComplete).toBe(false);
    expect(judge(content('Hel'), finish(), usage())).toEqual({ ends: [false, false, false], isComplete: true });
    expect(judge(content('a', 0), content('b', 1), finish('stop', 1)).isComplete).toBe(false);
    expect(judge(content('a', 0), content('b', 1), finish('stop', 1), finish('stop', 0)).isComplete).toBe(true);
  });

  it('is lost when a choice is seen after the others have finished, until that has finished too', () => {
    expect(judge(finish('stop', 0), content('b', 1)).isComplete).toBe(false);
    expect(judge(finish('stop', 0), content('b', 1), finish('length', 1)).isComplete).toBe(true);
  });

  it('is not lost by what comes of a choice that has finished', () => {
    expect(judge(finish(), content('more')).isComplete).toBe(true);
  });

  it('takes several choices from one chunk', () => {
    const stop = { finish_reason: 'stop' };
    expect(judge(chatChunk({ index: 0, ...stop }, { index: 1 })).isComplete).toBe(false);
    expect(judge(chatChunk({ index: 0, ...stop }, { index: 1, ...stop })).isComplete).toBe(true);
  });

  it('takes a choice without an index for the first, and no null or empty finish reason', () => {
    expect(judge(content('a'), { choices: [{ finish_reason: 'stop' }] }).isComplete).toBe(true);
    expect(judge({ choices: [{ index: null, finish_reason: '' }] }).isComplete).toBe(false);
    expect(judge({ choices: [{ index: 0, finish_reason: null }] }).isComplete).toBe(false);
  });

  it('is not reached by chunks without choices', () => {
    expect(judge(usage(), { choices: null }, { choices: [null] }, {}).isComplete).toBe(false);
  });

  it.each(['completed', 'incomplete', 'cancelled', 'failed'] as const)(
    'is reached at response.%s, which ends the stream at once',
    (status) => {
      expect(judge(outputText('Hi'), responseEnd(status))).toEqual({ ends: [false, true], isComplete: true });
    },
  );

  it.each([
    'response.created',
    'response.output_text.done',
    'response.completed.not',
    'x.response.completed',
    'completed',
  ])('is not reached at %s', (type) => {
    expect(judge({ type })).toEqual({ ends: [false], isComplete: false });
  });

  it('goes by the type that it is given', () => {
    const completion = new Completion();
    expect(completion.observe({ response: {} }, 'response.completed')).toBe(true);
  });
});

describe('isDoneMark', () => {
  it.each(['[DONE]', ' [DONE]', '[DONE] ', '\t[DONE]\r\n'])('knows %p', (data) => {
    expect(isDoneMark(data)).toBe(true);
  });

  it.each(['', 'DONE', '[done]', '"[DONE]"', '[DONE][DONE]', '[ DONE ]'])('does not take %p for it', (data) => {
    expect(isDoneMark(data)).toBe(false);
  });
});
