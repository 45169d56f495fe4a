import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { from } from 'rxjs';
import { contentDeltas, createClient } from 'rxdelta';
import { fakeTransport } from 'rxdelta/testing';

type Loop = (url: string, body: object, show: (text: string) => void) => Promise<void>;

/** An answer of the page. */
interface Case {
  /** The heading that it stands under. */
  heading: string;
  status: number;
  contentType: string;
  reads: Uint8Array[];
  /** What becomes of it: the texts, and how it ends. */
  loop: string;
  rxdelta: string;
}

const page = readFileSync(join(__dirname, '../../docs/coming-from/fetch-loop.md'), 'utf8');
const cases = page
  .split(/^## /m)
  .slice(1)
  .flatMap((section) =>
    [...section.matchAll(/^```bytes\n(.*?)^```$/gms)].map(([, text = '']) => caseOf(section, text)),
  );

function caseOf(section: string, text: string): Case {
  const rows = text
    .trimEnd()
    .split('\n')
    .map((line) => /^(head|read|the loop|rxdelta) {2,}(.*)$/.exec(line)!.slice(1) as [string, string]);
  const row = (wanted: string) => rows.find(([name]) => name === wanted)?.[1];
  const [status = '', contentType = ''] = (row('head') ?? '200 text/event-stream').split(' ');
  return {
    heading: section.split('\n')[0]!,
    status: Number(status),
    contentType,
    reads: rows.filter(([name]) => name === 'read').map(([, shown]) => bytesOf(shown)),
    loop: row('the loop')!,
    rxdelta: row('rxdelta')!,
  };
}

/** The bytes of a text in which `\n`, `\r` and `\xc3` stand for one byte each. */
function bytesOf(shown: string): Uint8Array {
  const pieces = shown.match(/\\x[0-9a-f]{2}|\\[nr]|[^\\]+/g) ?? [];
  return Buffer.concat(
    pieces.map((piece) => {
      if (piece.startsWith('\\x')) return Buffer.from(piece.slice(2), 'hex');
      return Buffer.from(piece === '\\n' ? '\n' : piece === '\\r' ? '\r' : piece);
    }),
  );
}

/** The texts in order, and the end: as the page writes them. */
async function outcome(run: (show: (text: string) => void) => Promise<void>): Promise<string> {
  const texts: string[] = [];
  const end = await run((text) => texts.push(text)).then(
    () => 'end',
    (error: unknown) => (error as Error).name,
  );
  return [...texts.map((text) => JSON.stringify(text).replaceAll('\ufffd', '\\ufffd')), end].join(', ');
}

/** The loop as it stands on the page, over a `fetch` that gives these reads. */
function loopOf({ status, contentType, reads }: Case): Loop {
  const [, code = ''] = /^```ts\nexport (async function ask.*?)^```$/ms.exec(page) ?? [];
  const body = new ReadableStream({
    start(controller) {
      for (const bytes of reads) controller.enqueue(bytes);
      controller.close();
    },
  });
  const fetch = async () => new Response(body, { status, headers: { 'content-type': contentType } });
  const text = `${transformSync(code, { loader: 'ts' }).code}; return ask;`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the block is run as it stands on the page
  return new Function('fetch', text)(fetch) as Loop;
}

describe('docs/coming-from/fetch-loop.md', () => {
  it('counts ten', () => {
    const headings = new Set(cases.map(({ heading }) => heading));
    expect([...headings].map((heading) => parseInt(heading, 10))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it.each(cases)('$heading: the loop gives $loop', async (given) => {
    expect(await outcome((show) => loopOf(given)('http://api.test/', {}, show))).toBe(given.loop);
  });

  it.each(cases)('$heading: rxdelta gives $rxdelta', async ({ status, contentType, reads, rxdelta }) => {
    const body = from(reads);
    const transport = fakeTransport([{ status, headers: { 'content-type': contentType }, body }]);
    const stream = createClient({ apiKey: 'key', transport }).chat.completions.stream({ model: 'm', messages: [] });
    expect(await outcome((show) => stream.pipe(contentDeltas()).forEach(show))).toBe(rxdelta);
  });
});
