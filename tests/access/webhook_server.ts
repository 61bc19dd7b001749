/**
 * A webhook for tests: a real HTTP server on loopback that answers as a test says.
 *
 * Owns the server; when the test ends it is closed. Everything it was asked is kept.
 */

/** One request, as it came. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

export type Answering = (asked: Asked) => Response | Promise<Response>;

export class WebhookServer implements AsyncDisposable {
  readonly asked: Asked[] = [];
  /** How many requests were open at the same time, at the most. */
  mostAtOnce = 0;
  answering: Answering;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #scheme: string;
  #open = 0;

  /** `tls`: certificate and key in PEM. */
  constructor(answering: Answering, tls?: { certificate: string; key: string }) {
    this.answering = answering;
    this.#scheme = tls === undefined ? "http" : "https";
    this.#server = Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      onListen: () => {},
      onError: () => new Response(null, { status: 500 }),
      ...(tls === undefined ? {} : { cert: tls.certificate, key: tls.key }),
    }, (request) => this.#answer(request));
  }

  get url(): string {
    return `${this.#scheme}://localhost:${this.#server.addr.port}/login`;
  }

  async #answer(request: Request): Promise<Response> {
    const { method, url, headers } = request;
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#open);
    try {
      const asked = { method, path: new URL(url).pathname, headers, body: await request.text() };
      this.asked.push(asked);
      return await this.answering(asked);
    } finally {
      this.#open--;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** An answer in JSON. */
export function json(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), { status });
}
