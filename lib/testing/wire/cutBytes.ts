import { concatMap, defer, type MonoTypeOperatorFunction } from 'rxjs';

/** Where bytes are cut: after each so many, or at positions, which are counted from the first byte. */
export type ByteCuts = number | readonly number[];

/**
 * Cuts the bytes of a body anywhere, within a character or a line break too.
 *
 * @throws RangeError when it is a number that is less than 1, or not whole
 */
export function cutBytes(cuts: ByteCuts): MonoTypeOperatorFunction<Uint8Array> {
  if (typeof cuts === 'number' && !(Number.isInteger(cuts) && cuts >= 1)) {
    throw new RangeError('cut must be a whole number above 0, or a list of positions');
  }
  const positions = typeof cuts === 'number' ? [] : cuts.filter((position) => position > 0).sort((a, b) => a - b);
  return (source) =>
    defer(() => {
      let offset = 0;
      let passed = 0;
      const nextCut = () => {
        if (typeof cuts === 'number') return offset - (offset % cuts) + cuts;
        while ((positions[passed] ?? Infinity) <= offset) passed++;
        return positions[passed] ?? Infinity;
      };
      return source.pipe(
        concatMap((piece) => {
          const parts: Uint8Array[] = [];
          for (let start = 0; start < piece.length;) {
            const end = Math.min(start + nextCut() - offset, piece.length);
            parts.push(piece.subarray(start, end));
            offset += end - start;
            start = end;
          }
          return parts;
        }),
      );
    });
}
