/** A variable of the process's environment, without blanks around it; undefined where there is none, or no process. */
export function environmentVariable(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name]?.trim() || undefined;
}

/** Whether the code runs in a page or a worker of a browser, where everybody can read it. */
export function isBrowser(): boolean {
  const { window, document, importScripts, WorkerGlobalScope, Deno } = globalThis as Record<string, unknown>;
  if (Deno) return false;
  return (window !== undefined && document !== undefined) || typeof importScripts === 'function' || WorkerGlobalScope !== undefined;
}
