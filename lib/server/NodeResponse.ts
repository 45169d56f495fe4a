/** What is used of Node's `ServerResponse`, and of those that Express and Fastify build on it. */
export interface NodeResponse {
  statusCode: number;
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  readonly destroyed?: boolean;
  readonly req?: { readonly method?: string | undefined };
  setHeader(name: string, value: string): unknown;
  write(text: string): boolean;
  end(text: string): unknown;
  destroy(): unknown;
  on(event: string, listener: () => void): unknown;
}
