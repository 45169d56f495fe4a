/** How many times the values of another contender those of one are, round by round. Rounds that only one has do not count. */
export function ratios(values: number[], others: number[]): number[] {
  const rounds = Math.min(values.length, others.length);
  return Array.from({ length: rounds }, (_, round) => (values[round] ?? NaN) / (others[round] ?? NaN));
}
