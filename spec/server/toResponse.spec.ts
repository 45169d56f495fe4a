import { concat, EMPTY, NEVER, of, Subject, throwError } from 'rxjs';
import { APIConnectionTimeoutError, FlowGate } from 'rxdelta';
import { toResponse } from 'rxdelta/server';

const LONG = 'x'.repeat(10_000);

describe('toResponse', () => {
  it('is a response with the events, once the first is there', async () => {
    const source = new Subject<number>();
    const settled = jest.fn();
    const coming = toResponse(source, { headers: { 'x-request-id': 'req_1' } });
    void coming.then(settled);
    await Promise.resolve();
    expect(settled).not.toHaveBeenCalled();
    source.next(1);
    const response = await coming;
    source.next(2);
    source.complete();
    expect([response.status, Object.fromEntries(response.headers)]).toEqual([
      200,
      {
        'cache-control': 'no-cache, no-transform',
        'content-type': 'text/event-stream; charset=utf-8',
        'x-accel-buffering': 'no',
        'x-request-id': 'req_1',
      },
    ]);
    expect(await response.text()).toBe('data: 1\n\ndata: 2\n\ndata: [DONE]\n\n');
  });

  it('has the headers that it is given in place of its own, but for the type of an error', async () => {
    const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store, private' };
    const failed = throwError(() => new Error());
    for (const [source, type] of [[of(1), 'text/event-stream'] as const, [failed, 'application/json'] as const]) {
      const { headers: seen } = await toResponse(source, { headers });
      expect([seen.get('content-type'), seen.get('cache-control')]).toEqual([type, 'no-store, private']);
    }
  });

  it('is [DONE] alone of an empty source, also of one that is over at once', async () => {
    expect(await (await toResponse(EMPTY)).text()).toBe('data: [DONE]\n\n');
    expect(await (await toResponse(of('a'))).text()).toBe('data: "a"\n\ndata: [DONE]\n\n');
  });

  it('is a status for an error before the first value, and an event for one after', async () => {
    const error = throwError(() => new APIConnectionTimeoutError('', { phase: 'head' }));
    const refused = await toResponse(error);
    expect([refused.status, await refused.json()]).toMatchObject([
      504,
      { error: { rxdelta: { kind: 'timeout', phase: 'head' } } },
    ]);
    expect(await (await toResponse(concat(of(1), error))).text()).toMatch(/^data: 1\n\nevent: error\ndata: .*\n\n$/);
  });

  it('stops the source when its body is cancelled', async () => {
    const source = new Subject<number>();
    const coming = toResponse(source);
    source.next(1);
    await (await coming).body?.cancel();
    expect(source.observed).toBe(false);
  });

  it('has no error for a server that cancels the body when it fires the signal', async () => {
    const controller = new AbortController();
    const { body } = await toResponse(concat(of(1), NEVER), { signal: controller.signal });
    const reader = body!.getReader();
    await reader.read();
    const rest = reader.read();
    controller.abort();
    await reader.cancel();
    expect(await rest).toEqual({ done: true, value: undefined });
  });

  it('stops the source when the signal fires, before the first value and after, and listens to it no longer', async () => {
    for (const values of [[], [1]]) {
      const controller = new AbortController();
      const source = new Subject<number>();
      const coming = toResponse(source, { signal: controller.signal });
      for (const value of values) source.next(value);
      controller.abort();
      expect(source.observed).toBe(false);
      const response = await coming;
      expect(response.status).toBe(values.length > 0 ? 200 : 499);
      if (values.length > 0) await expect(response.text()).rejects.toThrow('left');
    }
    const source = new Subject<number>();
    expect((await toResponse(source, { signal: AbortSignal.abort() })).status).toBe(499);
    expect(source.observed).toBe(false);
    const over = new AbortController();
    const removed = jest.spyOn(over.signal, 'removeEventListener');
    await (await toResponse(of(1), { signal: over.signal })).text();
    expect(removed).toHaveBeenCalled();
  });

  it('holds the gate while nobody reads, and lets go when somebody does', async () => {
    const gate = new FlowGate();
    const source = new Subject<string>();
    const coming = toResponse(source, { gate });
    source.next(LONG);
    expect(gate.isOpen).toBe(true);
    source.next(LONG);
    expect(gate.isOpen).toBe(false);
    const reader = (await coming).body!.getReader();
    await reader.read();
    await reader.read();
    await new Promise(setImmediate);
    expect(gate.isOpen).toBe(true);
    while (gate.isOpen) source.next(LONG);
    await reader.cancel();
    expect([gate.isOpen, source.observed]).toEqual([true, false]);
  });

  it('gives up whoever is behind by too much, or for too long', async () => {
    const source = new Subject<string>();
    const coming = toResponse(source, { maxBacklog: 50_000 });
    for (let count = 0; source.observed && count < 100; count++) source.next(LONG);
    expect(source.observed).toBe(false);
    await expect((await coming).text()).rejects.toThrow('given up');
    const patient = new Subject<string>();
    const late = toResponse(patient, { writeTimeoutMs: 20 });
    patient.next(LONG + LONG);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(patient.observed).toBe(false);
    await expect((await late).text()).rejects.toThrow('given up');
  });

  it('throws at once for a number out of range', () => {
    expect(() => toResponse(NEVER, { writeTimeoutMs: 0 })).toThrow(RangeError);
    expect(() => toResponse(NEVER, { heartbeatMs: 0 })).toThrow(RangeError);
  });
});
