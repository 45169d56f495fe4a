import { attemptOf, markAttempt } from '../../lib/retry/attempt';
import { AttemptMarker } from '../../lib/retry/AttemptMarker';

describe('AttemptMarker', () => {
  const cut = new Error('cut');

  /** A chunk, marked first as a retry further up would. */
  function mark(marker: AttemptMarker, chunk: object = {}) {
    marker.mark(chunk);
    return attemptOf(chunk);
  }

  it('marks the chunks of one attempt alike', () => {
    const marker = new AttemptMarker();
    const attempt = mark(marker);
    expect(attempt).toMatchObject({ index: 0, cause: undefined });
    expect(mark(marker)).toBe(attempt);
  });

  it('marks those of the next with the error between them', () => {
    const marker = new AttemptMarker();
    const { stream } = mark(marker)!;
    marker.begin(cut);
    const attempt = mark(marker);
    expect(attempt).toMatchObject({ index: 1 });
    expect(attempt?.cause).toBe(cut);
    expect(attempt?.stream).toBe(stream);
    expect(mark(marker)).toBe(attempt);
  });

  it('marks the chunks of different streams differently', () => {
    expect(mark(new AttemptMarker())?.stream).not.toBe(mark(new AttemptMarker())?.stream);
  });

  it('begins an attempt where a marker further up does', () => {
    const upstream = new AttemptMarker();
    const marker = new AttemptMarker();
    const pass = (chunk = {}) => {
      upstream.mark(chunk);
      return mark(marker, chunk);
    };
    const attempt = pass();
    expect(pass()).toBe(attempt);
    upstream.begin(cut);
    const next = pass();
    expect(next).toMatchObject({ stream: attempt?.stream, index: 1, cause: cut });
    expect(pass()).toBe(next);
  });

  it('begins one attempt, not two, where its source is subscribed again and is marked anew', () => {
    const marker = new AttemptMarker();
    const pass = (upstream: AttemptMarker) => {
      const chunk = {};
      upstream.mark(chunk);
      return mark(marker, chunk);
    };
    const upstream = new AttemptMarker();
    pass(upstream);
    upstream.begin(cut);
    pass(upstream);
    const error = new Error('given up');
    marker.begin(error);
    expect(pass(new AttemptMarker())).toMatchObject({ index: 2, cause: error });
  });

  it('is not misled by its own marks on objects that come again', () => {
    const marker = new AttemptMarker();
    const [a, b, c] = [{}, {}, {}];
    for (const chunk of [a, b]) marker.mark(chunk);
    marker.begin(cut);
    for (const chunk of [c, b]) marker.mark(chunk);
    marker.begin(cut);
    const marks = [a, b, c, {}].map((chunk) => mark(marker, chunk));
    expect(new Set(marks).size).toBe(1);
    expect(marks[0]).toMatchObject({ index: 2 });
  });

  it('passes over what is no object', () => {
    const marker = new AttemptMarker();
    expect(() => {
      for (const value of [undefined, null, 'text', 7]) marker.mark(value);
    }).not.toThrow();
    expect(attemptOf('text')).toBeUndefined();
  });

  it('marks anew what another stream has marked', () => {
    const chunk = {};
    markAttempt(chunk, { stream: {}, index: 5, cause: cut });
    expect(mark(new AttemptMarker(), chunk)).toMatchObject({ index: 0 });
  });
});
