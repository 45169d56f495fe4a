import { endOf, markEnd } from '../../../lib/chunks/completion/endMark';
import { content } from '../../support/chunks';

describe('endMark', () => {
  it.each(['whole', 'lenient'] as const)('says of the last chunk how the stream ended (%s)', (end) => {
    const chunk = content('lo');
    markEnd(chunk, end);
    expect(endOf(chunk)).toBe(end);
  });

  it('says nothing of other chunks, copies among them, nor of nothing', () => {
    const chunk = content('lo');
    markEnd(chunk, 'whole');
    expect([content('lo'), { ...chunk }, undefined].map(endOf)).toEqual([undefined, undefined, undefined]);
  });

  it('does not show in the chunk', () => {
    const chunk = content('lo');
    markEnd(chunk, 'whole');
    expect(JSON.stringify(chunk)).toBe(JSON.stringify(content('lo')));
    expect(Object.keys(chunk)).toEqual(Object.keys(content('lo')));
    expect(chunk).toEqual(content('lo'));
  });

  it('may be left again, as when a stand-in gives the same object twice', () => {
    const chunk = content('lo');
    markEnd(chunk, 'lenient');
    markEnd(chunk, 'whole');
    expect(endOf(chunk)).toBe('whole');
  });

  it('is read by another copy of the package', () => {
    const chunk = content('lo');
    markEnd(chunk, 'whole');
    jest.isolateModules(() => {
      const copy = jest.requireActual<{ endOf: typeof endOf }>('../../../lib/chunks/completion/endMark');
      expect(copy.endOf).not.toBe(endOf);
      expect(copy.endOf(chunk)).toBe('whole');
    });
  });
});
