/**
 * Fills in 16 MiB where the limit is not set.
 *
 * @throws RangeError when it is not above 0
 */
export function completeMaxEventBytes(maxEventBytes = 16_777_216): number {
  if (!(maxEventBytes > 0)) throw new RangeError('maxEventBytes must be above 0');
  return maxEventBytes;
}
