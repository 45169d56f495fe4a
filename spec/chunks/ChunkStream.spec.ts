import { concat, ignoreElements, mergeMap, NEVER, of, switchMap, timer, type Observable } from 'rxjs';
import { APIUserAbortError, ChunkStream, type StreamResponse } from 'rxdelta';
import { marbles } from '../support/marbles';
import { record } from '../support/record';

describe('ChunkStream.of', () => {
  it('gives a response that lasts as long as its chunks', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b|');
      const chunks$ = ChunkStream.of(source)
        .withResponse()
        .pipe(switchMap(({ chunks }) => chunks));
      expectObservable(chunks$).toBe('        -a-b|');
      expectObservable(chunks$, '^--!').toBe('-a-');
      expectSubscriptions(source.subscriptions).toBe(['^---!', '^--!']);
    });
  });

  it('gives a head that waits for its chunks', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('   -a-b|');
      const subscription = '---^---!';
      const expected = '    r---a-b|';
      const head = { status: 201, headers: {}, url: '', requestId: 'req_1' };
      const response$ = ChunkStream.of(source, { status: 201, requestId: 'req_1' }).withResponse();
      const chunksLater$ = mergeMap(({ response, chunks }: StreamResponse<string>) =>
        concat(of(response), timer(3).pipe(ignoreElements()), chunks),
      );
      expectObservable(response$.pipe(chunksLater$)).toBe(expected, { r: head, a: 'a', b: 'b' });
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('closes the chunks with their response, and ends the response where they are left', () => {
    marbles(({ cold, expectSubscriptions }) => {
      const source = cold('-a-b-c');
      const open = () => ChunkStream.of(source).withResponse();
      const response = open().subscribe(({ chunks }) => chunks.subscribe());
      let left = NEVER.subscribe();
      let isEnded = false;
      open().subscribe({ next: ({ chunks }) => (left = chunks.subscribe()), complete: () => (isEnded = true) });
      cold('--x').subscribe(() => response.unsubscribe());
      cold('---x').subscribe(() => {
        left.unsubscribe();
        expect(isEnded).toBe(true);
      });
      expectSubscriptions(source.subscriptions).toBe(['^-!', '^--!']);
    });
  });

  it('refuses chunks that were subscribed before, or whose response is closed', () => {
    const heard: unknown[] = [];
    const read = (chunks: Observable<never>) => chunks.subscribe({ error: (error: unknown) => heard.push(error) });
    const handedOut: Observable<never>[] = [];
    const open = () =>
      ChunkStream.of(NEVER)
        .withResponse()
        .subscribe(({ chunks }) => handedOut.push(chunks));
    open();
    open().unsubscribe();
    const [opened, closed] = handedOut;
    read(opened!);
    expect(heard).toEqual([]);
    read(opened!);
    read(closed!);
    expect(heard).toEqual([expect.any(APIUserAbortError), expect.any(APIUserAbortError)]);
  });

  it('passes an error of the chunks through', async () => {
    const failure = new Error('broken');
    const failing = ChunkStream.of(Promise.reject(failure));
    const { error } = await record(failing.withResponse().pipe(switchMap(({ chunks }) => chunks)));
    expect(error).toBe(failure);
  });
});
