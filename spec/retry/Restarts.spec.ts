import { markAttempt, type Attempt } from '../../lib/retry/attempt';
import { Restarts } from '../../lib/retry/Restarts';

describe('Restarts', () => {
  const stream = {};
  const first: Attempt = { stream, index: 0, cause: undefined };
  const second: Attempt = { stream, index: 1, cause: new Error('cut') };
  const third: Attempt = { stream, index: 2, cause: new Error('cut again') };
  const other: Attempt = { stream: {}, index: 1, cause: new Error('cut elsewhere') };

  /** What is noticed at chunks of these attempts, one after the other. */
  function noticed(...attempts: (Attempt | undefined)[]): (Attempt | undefined)[] {
    const restarts = new Restarts();
    return attempts.map((attempt) => {
      const chunk = {};
      if (attempt) markAttempt(chunk, attempt);
      return restarts.at(chunk);
    });
  }

  it('notices the first chunk of each later attempt', () => {
    expect(noticed(first, first, second, second, third)).toEqual([undefined, undefined, second, undefined, third]);
  });

  it('notices nothing at the first chunk, whatever its attempt', () => {
    expect(noticed(second, second)).toEqual([undefined, undefined]);
  });

  it('notices nothing at chunks of no attempt, and keeps those of others in mind', () => {
    expect(noticed(undefined, first, undefined, second, undefined, second)).toEqual([
      undefined,
      undefined,
      undefined,
      second,
      undefined,
      undefined,
    ]);
  });

  it('notices nothing where another stream follows', () => {
    expect(noticed(first, other, other)).toEqual([undefined, undefined, undefined]);
  });

  it('notices nothing at objects that bear the mark of an attempt before', () => {
    expect(noticed(second, first, first)).toEqual([undefined, undefined, undefined]);
  });

  it('notices nothing at what is no object', () => {
    const restarts = new Restarts();
    expect([undefined, null, 'text', 7].map((value) => restarts.at(value))).toEqual(Array(4).fill(undefined));
  });
});
