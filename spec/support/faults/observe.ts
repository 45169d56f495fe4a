import { inspect } from 'node:util';
import { config, type Observable } from 'rxjs';
import { APIError, createClient, isAPIError, type RequestOptions, type Transport } from 'rxdelta';
import { realProcess } from '../realProcess';

/** What no error may show. */
export const KEY = 'sk-secret-Vw83LmQz17TyBn52';
export const PROMPT = 'The harbour master hides the blue ledger under the third plank of the pier';

/** Whoever sees so many characters in a row of a secret sees too much of it. */
const WINDOW = 12;
/** A stream that has not ended by then does not end, in milliseconds. */
const MAX_MS = 40_000;

/** A request that is to be made. */
export interface Demand {
  origin: string;
  endpoint: 'chat' | 'responses';
  options: Pick<RequestOptions, 'timeouts' | 'maxEventBytes' | 'completion'>;
  /** How often the prompt stands in the request. Default once. */
  promptTimes?: number | undefined;
  /** Whether the chunks are told, besides their text. */
  hasValues?: boolean;
}

/** What became of it, fit to be sent from one process to another. */
export interface Observation {
  end: 'complete' | 'error' | 'none';
  /** The text of all chunks. */
  text: string;
  chunkCount: number;
  values: unknown[];
  /** The error as it is logged. */
  error: Record<string, unknown>;
  /** The class of the error, when it is one of ours. */
  className: string;
  /** The parts of secrets that the error shows. */
  leaks: string[];
  durationMs: number;
  /** When it ended, in milliseconds since 1970. */
  endedAt: number;
}

/** What is left in a process that should be as it was. */
export interface Residue {
  /** Rejections that nobody handled, warnings, and notifications that came after the end. */
  surprises: string[];
  /** The timers and sockets that keep the process alive. Timers that were there before the watch do not count. */
  resources: string[];
}

const surprises: string[] = [];
const observers = new WeakSet();
let timers: (NodeJS.Timeout & { _destroyed?: boolean; _idleTimeout?: number })[] = [];

/** Notes from now on what nobody expects in this process. */
export function watchProcess(): void {
  realProcess.on('unhandledRejection', (reason) => surprises.push(`unhandled rejection: ${String(reason)}`));
  realProcess.on('warning', (warning: Error & { code?: string }) => {
    // Of Jest's own, once in a worker: something of an earlier file has touched a global that Jest has cleared away.
    if (warning.code !== 'JEST-01') surprises.push(`warning: ${String(warning)}`);
  });
  config.onStoppedNotification = ({ kind }, subscriber) => {
    if (observers.has(subscriber)) surprises.push(`late notification: ${kind}`);
  };
  // Those who run the specs have timers too, but make them elsewhere.
  for (const name of ['setTimeout', 'setInterval'] as const) {
    const make: any = globalThis[name];
    const noting = (...call: unknown[]) => {
      const timer = make(...call);
      timers.push(timer);
      return timer;
    };
    Reflect.set(globalThis, name, Object.assign(noting, make));
  }
}

/** Gives what is left, once everything has had its turn, and forgets the surprises. */
export async function residue(): Promise<Residue> {
  // RxJS tells of late notifications in a timer of its own.
  for (const ms of [0, 2]) await new Promise((resolve) => setTimeout(resolve, ms));
  timers = timers.filter((timer) => !timer._destroyed && timer.hasRef());
  const others = realProcess.getActiveResourcesInfo().filter((name) => /TCP|TLS|Zlib|Brotli/i.test(name));
  return {
    surprises: surprises.splice(0),
    resources: [...others, ...timers.map(({ _idleTimeout }) => `a timer of ${_idleTimeout} ms`)].sort(),
  };
}

/** Makes a request, and tells what became of it. */
export function observe(demand: Demand, transport: Transport): Promise<Observation> {
  return listen(streamOf(demand, transport), demand.hasValues);
}

/** Tells what becomes of a stream. */
export function listen<T>(stream: Observable<T>, hasValues = false): Promise<Observation> {
  const startedAt = performance.now();
  const values: unknown[] = [];
  const texts: string[] = [];
  return new Promise((resolve) => {
    const settle = (end: Observation['end'], error?: unknown) => {
      clearTimeout(timer);
      resolve({
        end,
        text: texts.join(''),
        chunkCount: texts.length,
        values,
        ...(end === 'error' ? describeError(error) : { error: {}, className: '', leaks: [] }),
        durationMs: performance.now() - startedAt,
        endedAt: Date.now(),
      });
    };
    const timer = setTimeout(() => {
      subscriber.unsubscribe();
      settle('none');
    }, MAX_MS);
    const subscriber = stream.subscribe({
      next: (chunk) => {
        texts.push(textOf(chunk));
        if (hasValues) values.push(chunk);
      },
      error: (error: unknown) => {
        settle('error', error);
      },
      complete: () => {
        settle('complete');
      },
    });
    observers.add(subscriber);
  });
}

function streamOf({ origin, endpoint, options, promptTimes = 1 }: Demand, transport: Transport): Observable<object> {
  const client = createClient({ baseURL: `${origin}/v1`, apiKey: KEY, transport });
  const content = PROMPT.repeat(promptTimes);
  return endpoint === 'chat'
    ? client.chat.completions.stream({ model: 'm', messages: [{ role: 'user', content }] }, options)
    : client.responses.stream({ model: 'm', input: content }, options);
}

/** The text that a chunk adds, whichever choice it is of. */
function textOf(chunk: any): string {
  if (Array.isArray(chunk.choices)) return chunk.choices.map((choice: any) => choice.delta?.content ?? '').join('');
  return chunk.type === 'response.output_text.delta' ? chunk.delta : '';
}

function describeError(error: unknown): Pick<Observation, 'error' | 'className' | 'leaks'> {
  const isOurs = isAPIError(error) && error instanceof APIError;
  const logged: Record<string, unknown> = isOurs
    ? JSON.parse(JSON.stringify(error))
    : { name: 'not an APIError', message: inspect(error) };
  return { error: logged, className: isOurs ? error.constructor.name : '', leaks: leaksIn(viewsOf(error)) };
}

/** All that can be seen of an error. */
export function viewsOf(error: unknown): string {
  const { message, stack, cause } = error as Error;
  const views = [error, cause].map((value) => inspect(value, { depth: 10, showHidden: true, maxStringLength: null }));
  return [message, stack, String(error), JSON.stringify(error), JSON.stringify([cause]), ...views].join('\n');
}

/** The parts of the secrets that stand in a text. */
export function leaksIn(text: string): string[] {
  const parts = [KEY, PROMPT].flatMap((secret) =>
    Array.from({ length: secret.length - WINDOW + 1 }, (_, at) => secret.slice(at, at + WINDOW)),
  );
  return parts.filter((part) => text.includes(part));
}
