import { concatWith, of } from 'rxjs';
import { usageChunk } from 'rxdelta/testing';
import { measureSpeed } from '../../docs/examples/cookbook/measureSpeed';
import { recipe } from './recipe';

describe('measureSpeed', () => {
  it('measures an answer once it is whole', () => {
    recipe('speed', 0, ({ answer, expectRow, expectOpen }) => {
      const source = answer('answer');
      expectRow(source.pipe(concatWith(of(usageChunk({ completion_tokens: 8 }))), measureSpeed()), 'speed');
      expectOpen(source, 'open');
    });
  });

  it('says nothing of the tokens where the server does not, and nothing at all of an answer without text', () => {
    recipe('speed', 1, ({ answer, expectRow, cold }) => {
      expectRow(answer('answer').pipe(measureSpeed()), 'speed');
      expectRow(cold<never>('---|').pipe(measureSpeed()), 'without text');
    });
  });
});
