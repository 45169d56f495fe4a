// A program that makes a request and leaves it in one of many ways: tsx spec/support/streamProgram.ts <way> <transport> <url>
import { writeSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { firstValueFrom } from 'rxjs';
import { createClient, fetchTransport, type ClientOptions } from 'rxdelta';

const [way = '', transport, baseURL = ''] = process.argv.slice(2);
const params = { model: 'm', messages: [] };
const options: ClientOptions = { baseURL, ...(transport === 'fetch' && { transport: fetchTransport() }) };
const stream = createClient(options).chat.completions.stream(params);

/** Says that the program has nothing more to do. It must end by itself now. */
function over(what: string): void {
  process.stdout.write(`${what}, over\n`);
  const { idle } = performance.eventLoopUtilization();
  // Told apart from what it says: see `afterglowMs` of ChildProgram.
  process.once('exit', () => writeSync(3, `${performance.eventLoopUtilization().idle - idle}`));
}

const observer = {
  error: (error: unknown) => {
    over((error as Error).name);
  },
  complete: () => {
    over('complete');
  },
};

/** Calls back when the parent gives the sign; the first output says that it may. */
function atSignal(callback: () => void): void {
  process.once('SIGUSR2', callback);
  process.stdout.write('waiting\n');
}

const ways: Record<string, () => unknown> = {
  subscribe: () => stream.subscribe(observer),
  sameTick: () => {
    stream.subscribe(observer).unsubscribe();
    over('unsubscribed');
  },
  nextTick: () => {
    const subscription = stream.subscribe(observer);
    process.nextTick(() => {
      subscription.unsubscribe();
      over('unsubscribed');
    });
  },
  atSignal: () => {
    const subscription = stream.subscribe(observer);
    atSignal(() => {
      subscription.unsubscribe();
      over('unsubscribed');
    });
  },
  betweenChunks: () => {
    let count = 0;
    const subscription = stream.subscribe({
      ...observer,
      next: () => {
        if (++count < 3) return;
        subscription.unsubscribe();
        over('unsubscribed');
      },
    });
  },
  break: async () => {
    for await (const chunk of stream) if (chunk) break;
    over('broken off');
  },
  throw: async () => {
    try {
      for await (const chunk of stream) if (chunk) throw new Error('in the loop');
    } catch (error) {
      over((error as Error).message);
    }
  },
  headOnly: async () => {
    const { response } = await firstValueFrom(stream.withResponse());
    over(`status ${response.status}`);
  },
  retryWait: () => {
    const retry = {
      initialDelayMs: 60_000,
      maxDelayMs: 60_000,
      onRetry: () =>
        setTimeout(() => {
          subscription.unsubscribe();
          over('unsubscribed');
        }, 50),
    };
    const subscription = createClient({ ...options, retry })
      .chat.completions.stream(params)
      .subscribe(observer);
  },
  retryWaitSignal: () => {
    const controller = new AbortController();
    const retry = {
      initialDelayMs: 60_000,
      maxDelayMs: 60_000,
      onRetry: () => setTimeout(() => controller.abort(), 50),
    };
    createClient({ ...options, retry })
      .chat.completions.stream(params, { signal: controller.signal })
      .subscribe(observer);
  },
  signalInBody: () => {
    const controller = new AbortController();
    createClient(options)
      .chat.completions.stream(params, { signal: controller.signal })
      .subscribe({ ...observer, next: () => controller.abort() });
  },
  signalBeforeHead: () => {
    const controller = new AbortController();
    createClient(options).chat.completions.stream(params, { signal: controller.signal }).subscribe(observer);
    atSignal(() => {
      controller.abort();
    });
  },
  limit: () =>
    createClient({ ...options, timeouts: { idleMs: 100 } })
      .chat.completions.stream(params)
      .subscribe(observer),
  // One stream stays open, so that the pool stays; of the other connection the server then closes the socket.
  reopen: () => {
    const background = stream.subscribe();
    stream.subscribe({
      ...observer,
      complete: () => {
        setTimeout(() => {
          const subscription = stream.subscribe(observer);
          atSignal(() => {
            subscription.unsubscribe();
            background.unsubscribe();
            over('unsubscribed');
          });
        }, 100);
      },
    });
  },
};

void ways[way]?.();
