import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { concat, EMPTY, from, throwError, type Observable } from 'rxjs';
import {
  accumulateContent,
  APIConnectionError,
  APIStatusError,
  collectToolCalls,
  contentDeltas,
  type ChunkStream,
  type Client,
  type StreamChunk,
} from 'rxdelta';
import type { Recording } from './record';

const FOLDER = join(__dirname, '../transcripts');

/** What `index.json` says of a transcript. */
interface TranscriptEntry {
  file: string;
  request: { method: string; path: string; headers?: Record<string, string>; body?: { model: string } };
  status: number;
  contentType: string;
  /** `fin`: the server closed the connection; otherwise it kept it open. */
  end: string;
  /** Whether the body came to its end. */
  bodyComplete: boolean;
  bytes: number;
  sha256: string;
  expect: Omit<Partial<Outcome>, 'error'> & {
    outcome: 'complete' | 'error';
    content: string;
    finishReason?: string;
    error?: { kind: string };
  };
}

/** What came out of a stream, or must. */
export interface Outcome {
  outcome: 'complete' | 'error';
  /** The text by choice, put together of its pieces. */
  contents: Record<string, string>;
  /** The text by choice, as it was put together by the way. */
  accumulated: Record<string, string>;
  finishReasons: Record<string, string>;
  toolCalls: { id: string; name: string; arguments: string }[];
  usage: object | undefined;
  /** Of a Response. */
  status: string | undefined;
  error: { kind: string } | undefined;
}

/** A whole response as it came over the socket: head, framing, body. */
export class Transcript {
  readonly entry: TranscriptEntry;
  readonly bytes: Buffer;
  readonly headers: Record<string, string>;
  /** The head, then each HTTP chunk with its framing, or the plain body. */
  readonly parts: Buffer[];
  /** The body without its framing. */
  readonly body: Uint8Array;

  constructor(entry: TranscriptEntry) {
    this.entry = entry;
    this.bytes = readFileSync(join(FOLDER, entry.file));
    const bodyStart = this.bytes.indexOf('\r\n\r\n') + 4;
    const [, ...lines] = this.bytes.toString('latin1', 0, bodyStart).trimEnd().split('\r\n');
    this.headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const rest = this.bytes.subarray(bodyStart);
    const chunks = this.headers['transfer-encoding'] === 'chunked' ? splitChunks(rest) : [{ framed: rest, data: rest }];
    this.parts = [this.bytes.subarray(0, bodyStart), ...chunks.map(({ framed }) => framed)];
    this.body = Uint8Array.from(Buffer.concat(chunks.map(({ data }) => data)));
  }

  /** Whether the server kept the connection open. */
  get isKept(): boolean {
    return this.entry.end !== 'fin';
  }

  /** The path of the API, which the endpoints are below. */
  get basePath(): string {
    return this.entry.request.path.replace(/\/(chat\/completions|responses)$/, '');
  }

  /** The request of the transcript, to be subscribed. */
  stream({ chat, responses }: Client, onResponse?: (head: { status: number }) => void): ChunkStream<StreamChunk> {
    const { path, body = { model: 'm' } } = this.entry.request;
    const stream: ChunkStream<object> = path.endsWith('/responses')
      ? responses.stream(body, { onResponse })
      : chat.completions.stream({ messages: [], ...body }, { onResponse });
    return stream as ChunkStream<StreamChunk>;
  }

  /** What must come out. */
  get expected(): Outcome {
    const { outcome, content, finishReason, toolCalls = [], usage, status, error } = this.entry.expect;
    const { contents = { 0: content }, finishReasons = finishReason ? { 0: finishReason } : {} } = this.entry.expect;
    return { outcome, contents, accumulated: contents, finishReasons, toolCalls, usage, status, error };
  }
}

/** All transcripts; each file of the folder is one. */
export const transcripts: Transcript[] = (
  JSON.parse(readFileSync(join(FOLDER, 'index.json'), 'utf8')) as TranscriptEntry[]
).map((entry) => new Transcript(entry));

/** The names of the files in the folder of the transcripts. */
export function transcriptFiles(): string[] {
  return readdirSync(FOLDER).filter((name) => name !== 'index.json');
}

/** Reads off the chunks of a stream, and its error, what the operators make of them. */
export function outcomeOf({ values: chunks, error, isComplete }: Recording<StreamChunk>): Outcome {
  const source = concat(from(chunks), isComplete ? EMPTY : throwError(() => error));
  const choices = chunks.flatMap((chunk) => ('choices' in chunk ? chunk.choices : []));
  const byChoice = (text: (choice: number) => string | undefined) =>
    Object.fromEntries([0, ...choices.map(({ index }) => index)].map((choice) => [choice, text(choice) ?? '']));
  const finished = choices.filter(({ finish_reason: reason }) => reason !== null && reason !== undefined);
  const responses = chunks.flatMap((chunk) => ('response' in chunk ? chunk.response : []));
  const usages = [...chunks, ...responses].flatMap((value) => ('usage' in value && value.usage ? value.usage : []));
  return {
    outcome: isComplete ? 'complete' : 'error',
    contents: byChoice((choice) => heard(source.pipe(contentDeltas({ choice }))).join('')),
    accumulated: byChoice((choice) => heard(source.pipe(accumulateContent({ choice }))).at(-1)),
    finishReasons: Object.fromEntries(finished.map(({ index, finish_reason: reason }) => [index, String(reason)])),
    toolCalls: heard(source.pipe(collectToolCalls())).map(({ id, name, arguments: text }) => ({
      id,
      name,
      arguments: text,
    })),
    usage: usages.at(-1),
    status: responses.at(-1)?.status,
    error: isComplete ? undefined : described(error),
  };
}

/** What a synchronous source emits before it ends, in whatever way. */
function heard<T>(source: Observable<T>): T[] {
  const values: T[] = [];
  source.subscribe({ next: (value) => values.push(value), error: () => undefined });
  return values;
}

/** An error as `index.json` describes it. */
function described(error: unknown): { kind: string } {
  if (error instanceof APIStatusError) {
    const { status, message, code, type, retryable } = error;
    return { kind: 'http', ...{ status, message, code, type, retryable } };
  }
  const isTransport = error instanceof APIConnectionError && error.kind !== 'timeout' && error.retryable;
  return { kind: isTransport ? 'transport' : String(error) };
}

/** Splits a chunked body, as far as it came, at its chunks. */
function splitChunks(framed: Buffer): { framed: Buffer; data: Buffer }[] {
  const chunks: { framed: Buffer; data: Buffer }[] = [];
  for (let start = 0; start < framed.length;) {
    const dataStart = framed.indexOf('\r\n', start) + 2;
    const dataEnd = dataStart + parseInt(framed.toString('latin1', start, dataStart), 16);
    chunks.push({ framed: framed.subarray(start, dataEnd + 2), data: framed.subarray(dataStart, dataEnd) });
    start = dataEnd + 2;
  }
  return chunks;
}
