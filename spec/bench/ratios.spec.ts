import { ratios } from './ratios.ts';

describe('ratios', () => {
  it('pairs the rounds', () => {
    expect(ratios([2, 9], [1, 3])).toEqual([2, 3]);
  });

  it('leaves out rounds that only one has', () => {
    expect(ratios([2, 9, 5], [1])).toEqual([2]);
    expect(ratios([2], [1, 3])).toEqual([2]);
  });
});
