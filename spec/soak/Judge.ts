import type { Ended, Sent } from './messages';

/** Compares what the client got with what the server says it sent. */
export class Judge {
  /** What is wrong, in words. */
  readonly complaints: string[] = [];
  /** How often each end came, errors by their kind. */
  readonly ends: Record<string, number> = {};
  /** How often each fault was played. */
  readonly faults: Record<string, number> = {};
  endedCount = 0;
  /** The answers to each stream, one per attempt. */
  readonly #sent = new Map<number, Sent[]>();
  readonly #ended = new Map<number, Ended[]>();

  hearServer(sent: Sent[]): void {
    for (const answer of sent) {
      this.faults[answer.fault] = (this.faults[answer.fault] ?? 0) + 1;
      this.#sent.set(answer.stream, [...(this.#sent.get(answer.stream) ?? []), answer]);
    }
  }

  hearClient(ended: Ended[]): void {
    for (const end of ended) {
      this.endedCount++;
      const name = end.how === 'error' ? `error (${end.kind})` : end.how;
      this.ends[name] = (this.ends[name] ?? 0) + 1;
      this.#ended.set(end.stream, [...(this.#ended.get(end.stream) ?? []), end]);
    }
  }

  /** Judges all streams up to here, of which none is under way, and forgets their texts. */
  judge(startedCount: number, firstStream = 0): void {
    for (let stream = firstStream; stream < startedCount; stream++) {
      const ends = this.#ended.get(stream) ?? [];
      if (ends.length !== 1) {
        const said = ends.map(({ how, kind = '' }) => `${how} ${kind}`.trim()).join(', ');
        this.complaints.push(`Stream ${stream} ended ${ends.length} times: ${said}`);
      }
      for (const end of ends) {
        const complaint = complaintOf(end, this.#sent.get(stream) ?? []);
        if (complaint) this.complaints.push(`Stream ${stream} ${complaint}`);
      }
    }
    this.#sent.clear();
    this.#ended.clear();
  }
}

function complaintOf({ how, kind = '', text }: Ended, answers: Sent[]): string | undefined {
  // Of an answer that was left, the server may speak later than of the next.
  const last = [...answers].sort((a, b) => a.attempt - b.attempt).at(-1);
  if (how === 'complete') {
    if (last?.isWhole && last.text === text) return undefined;
    return `is complete with ${quote(text)} instead of ${quote(last?.isWhole ? last.text : undefined)}`;
  }
  if (text !== '' && !answers.some((answer) => answer.text.startsWith(text))) {
    return `has ${quote(text)}, which is the beginning of nothing that was sent`;
  }
  if (how === 'error' && !KINDS.has(kind)) return `ended with ${kind}`;
  if (how === 'error' && last?.isWhole && !EXCUSES.has(kind)) {
    return `ended with ${kind}, although the answer was sent in whole`;
  }
  return undefined;
}

/** What may end a stream whose answer was whole: a busy machine passes limits. */
const EXCUSES = new Set(['timeout', 'abort', 'unconnected']);
const KINDS = new Set([...EXCUSES, 'connection', 'truncated', 'status', 'malformed']);

function quote(text: string | undefined): string {
  return text === undefined ? 'nothing that is whole' : JSON.stringify(text.slice(0, 60));
}
