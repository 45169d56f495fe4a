/** Whether the code runs in a page or a worker of a browser, where everybody can read it. Deno and Cloudflare have workers too. */
export function isBrowser(): boolean {
  const { document, WorkerGlobalScope, navigator } = globalThis as {
    document?: unknown;
    WorkerGlobalScope?: unknown;
    navigator?: { userAgent?: string };
  };
  return Boolean(document ?? WorkerGlobalScope) && !/^(Deno|Cloudflare)/.test(navigator?.userAgent ?? '');
}
