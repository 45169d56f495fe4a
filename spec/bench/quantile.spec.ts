import { quantile } from './quantile.ts';

describe('quantile', () => {
  it('is the middle value of an odd number', () => {
    expect(quantile([9, 1, 5], 0.5)).toBe(5);
  });

  it('lies between neighbours in proportion', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([0, 10], 0.25)).toBe(2.5);
  });

  it('orders numbers as numbers and leaves the values as they are', () => {
    const values = [10, 9, 100];
    expect(quantile(values, 0)).toBe(9);
    expect(values).toEqual([10, 9, 100]);
  });

  it('is infinite once it reaches the infinite values, and finite before', () => {
    const values = [1, 2, 3, Infinity, Infinity];
    expect(quantile(values, 0.5)).toBe(3);
    expect(quantile(values, 0.6)).toBe(Infinity);
    expect(quantile(values, 1)).toBe(Infinity);
  });

  it('is no number when there are no values', () => {
    expect(quantile([], 0.5)).toBeNaN();
  });
});
