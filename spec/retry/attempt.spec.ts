import { attemptOf, markAttempt, type Attempt } from '../../lib/retry/attempt';

describe('attempt', () => {
  const attempt = (index = 0): Attempt => ({ stream: {}, index, cause: undefined });

  it('is known of the very chunk that was marked', () => {
    const chunk = { id: '1' };
    const mark = attempt();
    markAttempt(chunk, mark);
    expect(attemptOf(chunk)).toBe(mark);
    expect(attemptOf({ ...chunk })).toBeUndefined();
    markAttempt({ id: '2' }, attempt());
    expect(attemptOf(chunk)).toBe(mark);
  });

  it('is the last that a chunk was marked with', () => {
    const chunk = {};
    const mark = attempt(1);
    markAttempt(chunk, attempt(0));
    markAttempt(chunk, mark);
    expect(attemptOf(chunk)).toBe(mark);
  });

  it('can be noted of a frozen chunk, and leaves no trace in a chunk', () => {
    const chunk = Object.freeze({ id: '1' });
    const mark = attempt();
    markAttempt(chunk, mark);
    expect(attemptOf(chunk)).toBe(mark);
    expect(Reflect.ownKeys(chunk)).toEqual(['id']);
  });

  it.each([undefined, null, 'text', 7, true, Symbol('chunk')])('is unknown of %p', (value) => {
    expect(attemptOf(value)).toBeUndefined();
  });

  it('is known to another copy of the package in the process', () => {
    const chunk = {};
    const mark = attempt();
    markAttempt(chunk, mark);
    jest.isolateModules(() => {
      const copy = jest.requireActual<{ attemptOf: typeof attemptOf }>('../../lib/retry/attempt');
      expect(copy.attemptOf).not.toBe(attemptOf);
      expect(copy.attemptOf(chunk)).toBe(mark);
    });
  });
});
