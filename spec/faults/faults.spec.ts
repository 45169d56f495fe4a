import { catchError, concatWith, EMPTY, Observable, of, startWith, throwError } from 'rxjs';
import { undiciTransport, type Transport } from 'rxdelta';
import { delta, httpChunk, STREAM_HEAD } from '../support/wire';
import type { Fault } from '../support/faults/Fault';
import { FAULTS, faultsThrough } from '../support/faults/faults';
import { END, STALL } from '../support/faults/FaultServer';
import { KEY, leaksIn, listen, observe, PROMPT, residue, viewsOf, watchProcess } from '../support/faults/observe';
import { playFault, type Driver } from '../support/faults/playFault';

beforeAll(watchProcess);

describe('the table of faults', () => {
  const all = Object.values(FAULTS).flat();

  it('has at least 95 faults for each transport', () => {
    expect(faultsThrough('undici').length).toBeGreaterThanOrEqual(95);
    expect(faultsThrough('fetch').length).toBeGreaterThanOrEqual(95);
  });

  it('names each fault once', () => {
    const names = all.map(({ name }) => name);
    expect(names.filter((name, place) => names.indexOf(name) < place)).toEqual([]);
  });

  it('says why a transport cannot have a fault', () => {
    for (const { notThrough } of all) expect(Object.values(notThrough ?? {})).not.toContain('');
    const missing = all.filter((fault) => !faultsThrough('undici').includes(fault));
    expect(missing.map(({ name }) => name)).toEqual(['a head of 100 before that of the answer']);
  });
});

describe('the play of a fault', () => {
  const cut: Fault = {
    name: 'a cut stream',
    play: [STREAM_HEAD + httpChunk(delta('one ')), { waitMs: 10 }, END],
    expect: { kind: 'connection', phase: 'body', text: 'one ', chunks: 1 },
  };
  const quiet: Fault = {
    name: 'a quiet stream',
    play: [STREAM_HEAD + httpChunk(delta('one ')), STALL],
    options: { timeouts: { idleMs: 30 } },
    expect: { kind: 'timeout', phase: 'idle', text: 'one ', chunks: 1 },
  };
  const undici = undiciTransport();
  /** Plays it through a transport whose bodies are changed. */
  const play = (fault: Fault, change: (body: Observable<Uint8Array>) => Observable<Uint8Array> = (body) => body) => {
    const transport: Transport = (request) =>
      new Observable((head) =>
        undici(request).subscribe({
          next: (response) => {
            head.next({ ...response, body: change(response.body) });
          },
          error: (error: unknown) => {
            head.error(error);
          },
          complete: () => {
            head.complete();
          },
        }),
      );
    const driver: Driver = { request: (demand) => observe(demand, transport), residue };
    return playFault(fault, 'undici', driver);
  };
  const more = new TextEncoder().encode(delta('more '));

  it('passes where all is as it is to be', async () => {
    await play(cut);
    await play(quiet);
  });

  it.each<[string, (body: Observable<Uint8Array>) => Observable<Uint8Array>]>([
    ['takes a break for an end', (body) => body.pipe(catchError(() => EMPTY))],
    [
      'takes a break for a whole answer',
      (body) => body.pipe(catchError(() => of(new TextEncoder().encode('data: [DONE]\n\n')))),
    ],
    ['tells a chunk that never came', (body) => body.pipe(startWith(more))],
    [
      'tells a chunk twice',
      (body) => body.pipe(catchError((error: unknown) => of(more).pipe(concatWith(throwError(() => error))))),
    ],
    [
      'loses its chunks',
      (body) => new Observable((bytes) => body.subscribe({ error: (error: unknown) => bytes.error(error) })),
    ],
    ['ends in an error of another kind', (body) => body.pipe(catchError(() => throwError(() => new Error('broken'))))],
  ])('fails where a stream %s', async (_, change) => {
    await expect(play(cut, change)).rejects.toThrow();
  });

  it('fails where a connection stays open', async () => {
    const leaking: Transport = (request) =>
      new Observable((head) => {
        undici(request).subscribe({
          next: (response) => {
            const body = new Observable<Uint8Array>((bytes) => {
              response.body.subscribe({
                next: (piece) => {
                  bytes.next(piece);
                },
                error: () => undefined,
              });
            });
            head.next({ ...response, body });
          },
        });
      });
    const driver: Driver = { request: (demand) => observe(demand, leaking), residue };
    await expect(playFault(quiet, 'undici', driver)).rejects.toThrow('The connection stays open');
  });

  it('fails where a redirect is followed', async () => {
    const following: Transport = (request) => {
      void fetch(request.url, { method: 'POST', body: '{}' }).catch(() => undefined);
      return undici(request);
    };
    const redirect = faultsThrough('undici').find(({ name }) => name === 'the redirect 302 to another origin')!;
    const driver: Driver = { request: (demand) => observe(demand, following), residue };
    await expect(playFault(redirect, 'undici', driver)).rejects.toThrow();
  });
});

describe('the watch over a process', () => {
  // A rejection that nobody handles ends the test as well, so it cannot be shown here.
  it('sees a warning', async () => {
    await residue();
    process.emitWarning('beware');
    expect((await residue()).surprises).toEqual(['warning: Warning: beware']);
    expect((await residue()).surprises).toEqual([]);
  });

  it('sees a notification that comes after the end', async () => {
    const late = new Observable((subscriber) => {
      subscriber.complete();
      // eslint-disable-next-line rxjs-x/no-redundant-notify -- that is what it is about
      subscriber.next('late');
    });
    expect(await listen(late)).toMatchObject({ end: 'complete', chunkCount: 0 });
    expect((await residue()).surprises).toEqual(['late notification: N']);
  });

  it('sees a timer that is left', async () => {
    const timer = setTimeout(() => undefined, 60_000);
    expect((await residue()).resources).toContain('a timer of 60000 ms');
    clearTimeout(timer);
    expect((await residue()).resources).not.toContain('a timer of 60000 ms');
  });

  it('sees the key and the prompt wherever an error shows them', () => {
    const views = [
      new Error(`No such key: ${KEY}`),
      new Error('No', { cause: new Error(PROMPT) }),
      Object.assign(new Error('No'), { headers: { echo: KEY } }),
      Object.defineProperty(new Error('No'), 'hidden', { value: PROMPT.slice(10, 30), enumerable: false }),
    ].map(viewsOf);
    for (const view of views) expect(leaksIn(view)).not.toEqual([]);
    expect(leaksIn(viewsOf(new Error('HTTP 500')))).toEqual([]);
  });
});
