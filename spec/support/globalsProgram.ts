// A program that watches the globals while it imports the package and makes a request: tsx spec/support/globalsProgram.ts <url>
export {};

const WATCHED = ['fetch', 'Request', 'Response', 'Headers', 'FormData', 'WebSocket', 'EventSource'];

const [baseURL = ''] = process.argv.slice(2);
const reads: string[] = [];
for (const name of WATCHED) {
  Object.defineProperty(globalThis, name, {
    configurable: true,
    enumerable: false,
    get: () => {
      reads.push(name);
      throw new Error(`The global ${name} is read`);
    },
    set: () => {
      reads.push(`${name}, to replace it`);
    },
  });
}

// undici asks of each body whether it is a Blob, and Node puts its Blob in place when it is first asked for.
Reflect.get(globalThis, 'Blob');

const descriptors = () => new Map(Reflect.ownKeys(globalThis).map((key) => [key, shapeOf(key)]));

/** What a global is, without reading it. */
function shapeOf(key: string | symbol): unknown[] {
  return Object.entries(Object.getOwnPropertyDescriptor(globalThis, key) ?? {}).flat();
}

function changes(before: Map<string | symbol, unknown[]>): string[] {
  const after = descriptors();
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => !isSame(before.get(key), after.get(key)))
    .map(String);
}

function isSame(a: unknown[] = [], b: unknown[] = []): boolean {
  return a.length === b.length && a.every((part, index) => Object.is(part, b[index]));
}

const before = descriptors();
const { createClient } = await import('rxdelta');
const afterImport = changes(before);

const stream = createClient({ baseURL }).chat.completions.stream({ model: 'm', messages: [] });
let chunkCount = 0;
for await (const chunk of stream) if (chunk) chunkCount++;
const hasDispatcher = Symbol.for('undici.globalDispatcher.1') in globalThis;
process.stdout.write(
  `${JSON.stringify({ afterImport, afterRequest: changes(before), reads, chunkCount, hasDispatcher })}\nover\n`,
);
