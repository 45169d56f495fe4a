import fc from 'fast-check';
import { from, toArray } from 'rxjs';
import { APIConnectionError, contentDeltas } from 'rxdelta';
import { stopAtPhrase } from '../../docs/examples/cookbook/stopAtPhrase';
import { Endless } from '../support/marbles';
import { recipe } from './recipe';

describe('stopAtPhrase', () => {
  it('closes the connection at a phrase that was cut', () => {
    recipe('stop-at-a-phrase', 0, ({ answer, expectRow, expectOpen }) => {
      const source = answer('deltas');
      expectRow(source.pipe(contentDeltas(), stopAtPhrase('END')), 'text');
      expectOpen(source, 'open');
    });
  });

  it('gives what it held back when the answer ends otherwise', () => {
    recipe('stop-at-a-phrase', 1, ({ answer, expectRow }) => {
      const broken = new APIConnectionError('broke', { phase: 'body' });
      expectRow(answer('whole').pipe(contentDeltas(), stopAtPhrase('END')), 'text of it');
      expectRow(answer('broken', broken).pipe(contentDeltas(), stopAtPhrase('END')), 'text of that', broken);
    });
  });

  it('gives what stands before the phrase, for every way to cut the text', () => {
    const pieces = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 4 }), { maxLength: 8 });
    fc.assert(
      fc.property(pieces, fc.constantFrom('ab', 'aab', 'abab'), (texts, phrase) => {
        let result = '';
        from(texts)
          .pipe(stopAtPhrase(phrase), toArray())
          .subscribe((all) => (result = all.join('')));
        expect(result).toBe(texts.join('').split(phrase)[0]);
      }),
    );
  });

  it('stops an endless synchronous source', () => {
    const source = new Endless((index) => `${index} `);
    source.values.pipe(stopAtPhrase('3 ')).subscribe();
    expect(source.produced).toBe(4);
  });
});
