import { accumulateContent, APIConnectionError } from 'rxdelta';
import { calmly } from '../../docs/examples/cookbook/calmly';
import { recipe } from './recipe';

describe('calmly', () => {
  it('draws the newest text, at most once in three frames', () => {
    recipe('calm-drawing', 0, ({ answer, expectRow, expectOpen }) => {
      const source = answer('answer');
      expectRow(source.pipe(accumulateContent(), calmly(3)), 'drawn');
      expectOpen(source, 'open');
    });
  });

  it('draws the last text before an error', () => {
    recipe('calm-drawing', 1, ({ answer, expectRow }) => {
      const broken = new APIConnectionError('broke', { phase: 'body' });
      expectRow(answer('answer', broken).pipe(accumulateContent(), calmly(3)), 'drawn', broken);
    });
  });
});
