/**
 * The value below which a part of the values lies, interpolated between neighbours. There may be infinite ones.
 *
 * @param part - from 0 to 1
 */
export function quantile(values: number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * part;
  const low = sorted[Math.floor(place)] ?? NaN;
  const high = sorted[Math.ceil(place)] ?? NaN;
  return low === high ? low : low + (high - low) * (place % 1);
}
