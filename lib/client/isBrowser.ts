/** Whether the code runs in a page, or in a worker of a browser, where everybody can read it. Deno and Cloudflare have workers too. */
export function isBrowser(): boolean {
  const { document, navigator } = globalThis as { document?: unknown; navigator?: { userAgent?: string } };
  return Boolean(document ?? navigator?.userAgent?.startsWith('Mozilla'));
}
