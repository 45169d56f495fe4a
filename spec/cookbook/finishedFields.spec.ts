import { concat, from, queueScheduler, throwError, toArray } from 'rxjs';
import { APIConnectionError, retryWithBackoff } from 'rxdelta';
import { chunkMarbles, toolCallChunks } from 'rxdelta/testing';
import { finishedFields } from '../../docs/examples/cookbook/finishedFields';
import { inTurn } from '../support/marbles';
import { recipe } from './recipe';

/** The lists that come of arguments which arrive so many characters at a time. */
function listsOf(json: object, every: number): readonly string[][] {
  let lists: readonly string[][] = [];
  from(toolCallChunks({ name: 'book', arguments: json, every }))
    .pipe(finishedFields(), toArray())
    .subscribe((all) => (lists = all.map((list) => [...list])));
  return lists;
}

describe('finishedFields', () => {
  it('names a field once its value is whole', () => {
    recipe('tool-progress', 0, ({ row, values, cold, expectRow }) => {
      const [, opening] = toolCallChunks({ name: 'book', arguments: '' });
      const pieces = Object.entries(values)
        .filter(([, value]) => typeof value === 'string')
        .map(([letter, json]) => [letter, toolCallChunks({ name: '', arguments: json, every: 100 })[2]]);
      const chunks = { o: opening!, ...Object.fromEntries(pieces) };
      expectRow(cold(...chunkMarbles(row('arguments'), chunks)).pipe(finishedFields()), 'fields');
    });
  });

  it('begins again with an answer that begins again', () => {
    const attempt = toolCallChunks({ name: 'book', arguments: '{"a":1,"b":2' }).slice(0, -1);
    const again = toolCallChunks({ name: 'book', arguments: { a: 3 } });
    const source = inTurn(
      concat(
        from(attempt),
        throwError(() => new APIConnectionError('broke', { phase: 'body' })),
      ),
      from(again),
    );
    const lists: (readonly string[])[] = [];
    source
      .pipe(
        retryWithBackoff({ afterFirstChunk: 'restart', scheduler: queueScheduler, initialDelayMs: 0 }),
        finishedFields(),
      )
      .subscribe((list) => lists.push(list));
    expect(lists).toEqual([[], ['a'], [], ['a']]);
  });

  it('is not led astray by what stands in strings, objects and lists, however it is cut', () => {
    const json = { a: 'x,"}: \\', b: { inner: [1, { deep: ',' }] }, c: [], 'd"': null };
    const expected = [[], ['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c', 'd\\"']];
    for (const every of [1, 2, 3]) expect(listsOf(json, every)).toEqual(expected);
    expect(listsOf({}, 1)).toEqual([[]]);
  });
});
