/**
 * The HTTP side of the webhook: one POST, and its answer read to the end.
 *
 * Owns the connections. Invariant: an answer takes a bounded memory, and a redirect is not followed,
 * for passwords go to the configured place alone. Neither the query of the URL nor the
 * Authorization header gets into an error.
 */

import type { WebhookResponse } from "./webhook_answer.ts";

export interface WebhookClientOptions {
  /** http or https, without credentials in it. */
  readonly url: string;
  /** The whole value of the header. */
  readonly authorization?: string | undefined;
  /** Certificates in PEM that are trusted beside the well-known ones. */
  readonly caCertificates?: readonly string[] | undefined;
}

/** Why there is no answer; for the log. */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
}

/** Answers are a line or two. */
export const MAXIMUM_ANSWER_BYTES = 65_536;

/** Milliseconds after which an idle connection is closed: before many servers do, after 5 s. */
const POOL_IDLE_MS = 4000;

export class WebhookClient {
  readonly #url: URL;
  readonly #headers: Headers;
  readonly #client: Deno.HttpClient;

  /** Throws a `WebhookError` that says what is wrong with the settings. */
  constructor({ url, authorization, caCertificates = [] }: WebhookClientOptions) {
    this.#url = checkUrl(url);
    this.#headers = new Headers({
      "accept": "application/json",
      "content-type": "application/json",
      "user-agent": "broker",
    });
    if (authorization !== undefined) {
      this.#headers.set("authorization", checkHeader(authorization));
    }
    this.#client = Deno.createHttpClient({
      caCerts: [...caCertificates],
      poolIdleTimeout: POOL_IDLE_MS,
    });
  }

  /** Rejects with a `WebhookError`, or with the reason of the signal. */
  async post(body: string, signal: AbortSignal): Promise<WebhookResponse> {
    const init: RequestInit & { client: Deno.HttpClient } = {
      method: "POST",
      headers: this.#headers,
      body,
      redirect: "manual",
      signal,
      client: this.#client,
    };
    try {
      const response = await fetch(this.#url, init);
      return { status: response.status, body: await readBounded(response) };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof WebhookError) throw error;
      throw new WebhookError(reasonOf(error));
    }
  }

  /** Closes the connections. */
  close(): void {
    this.#client.close();
  }
}

async function readBounded(response: Response): Promise<Uint8Array> {
  // The status says it all, but for 200; a body that is left unread would keep the connection.
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    return new Uint8Array();
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.length;
    // Leaving the loop cancels the rest.
    if (length > MAXIMUM_ANSWER_BYTES) {
      throw new WebhookError(`its answer has more than ${MAXIMUM_ANSWER_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  const body = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return body;
}

/**
 * What the runtime says after the URL, which may contain a secret; it stands in the error or, since
 * Deno 2.9, in its cause.
 */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  const text = cause instanceof Error ? cause.message : `${error}`;
  const [, reason] = /: client error \(\w+\): (.+)$/s.exec(text) ?? [];
  return reason ?? "the request failed";
}

function checkUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new WebhookError(
      "Cannot use the URL of the webhook: it does not start with http or https",
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new WebhookError(
      "Cannot use the URL of the webhook: it contains a password, which belongs into authorization",
    );
  }
  url.hash = "";
  return url;
}

function checkHeader(value: string): string {
  if (/^[!-~](?:[ -~]*[!-~])?$/.test(value)) return value;
  throw new WebhookError(
    "Cannot use the authorization of the webhook: it is empty, or contains what no header may",
  );
}
