/** A variable of the process's environment, without blanks around it; undefined where there is none, or no process. */
export function environmentVariable(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name]?.trim() || undefined;
}

/** Whether the code runs in a page or a worker of a browser, where everybody can read it. Cloudflare has workers too. */
export function isBrowser(): boolean {
  const { document, WorkerGlobalScope, Deno, navigator } = globalThis as Record<string, unknown>;
  const { userAgent } = (navigator ?? {}) as { userAgent?: string };
  return (document ?? WorkerGlobalScope) !== undefined && Deno === undefined && userAgent !== 'Cloudflare-Workers';
}
