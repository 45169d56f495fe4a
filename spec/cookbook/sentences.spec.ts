import fc from 'fast-check';
import { from, toArray } from 'rxjs';
import { APIConnectionError, contentDeltas } from 'rxdelta';
import { sentences } from '../../docs/examples/cookbook/sentences';
import { recipe } from './recipe';

function split(pieces: readonly string[]): string[] {
  let result: string[] = [];
  from(pieces)
    .pipe(sentences(), toArray())
    .subscribe((all) => (result = all));
  return result;
}

describe('sentences', () => {
  it('gives each sentence when the next one begins, and the last at the end', () => {
    recipe('sentences', 0, ({ answer, expectRow }) => {
      expectRow(answer('deltas').pipe(contentDeltas(), sentences()), 'sentences');
    });
  });

  it('gives no piece of a sentence before an error', () => {
    recipe('sentences', 1, ({ answer, expectRow }) => {
      const broken = new APIConnectionError('broke', { phase: 'body' });
      expectRow(answer('deltas', broken).pipe(contentDeltas(), sentences()), 'sentences', broken);
    });
  });

  it('gives the same for every way to cut the text', () => {
    const letters = fc.constantFrom('a', 'B', '.', '?', '"', ')', ' ', '\n', '3');
    fc.assert(
      fc.property(fc.array(fc.string({ unit: letters, maxLength: 6 }), { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        expect(split(pieces)).toEqual(split([text]));
        expect(split(pieces).join('')).toBe(text);
      }),
    );
  });

  it('leaves numbers, names of files and dots in a row alone', () => {
    expect(split(['Pi is 3.14, see pi.txt... "Really?" Yes.'])).toEqual([
      'Pi is 3.14, see pi.txt... ',
      '"Really?" ',
      'Yes.',
    ]);
  });
});
