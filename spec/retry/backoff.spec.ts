import fc from 'fast-check';
import { backoff } from '../../lib/retry/backoff';

describe('backoff', () => {
  it('doubles the wait from retry to retry, up to the longest', () => {
    const waits = [0, 1, 2, 3, 4, 5].map((retryIndex) => backoff(retryIndex, { jitter: 0 }));
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 8000]);
  });

  it('takes a random part off, up to the largest', () => {
    expect(backoff(1, { random: () => 0 })).toBe(1000);
    expect(backoff(1, { random: () => 0.4 })).toBe(900);
    expect(backoff(1, { random: () => 1 })).toBe(750);
  });

  it('takes it off the longest wait as well', () => {
    expect(backoff(9, { random: () => 1 })).toBe(6000);
  });

  it('never waits for a negative time, nor longer than the longest', () => {
    fc.assert(
      fc.property(
        fc.nat(3000),
        fc.nat(100_000),
        fc.nat(100_000),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (retryIndex, initialDelayMs, maxDelayMs, jitter, chance) => {
          const wait = backoff(retryIndex, { initialDelayMs, maxDelayMs, jitter, random: () => chance });
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThanOrEqual(maxDelayMs);
        },
      ),
    );
  });

  it('stays without a wait where there is none at first, however often it is doubled', () => {
    expect(backoff(2000, { initialDelayMs: 0, random: () => 0.5 })).toBe(0);
  });
});
