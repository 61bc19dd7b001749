/**
 * Logins that another program decides on: it is asked by HTTP, and its word counts.
 *
 * Owns which questions are asked: equal ones at the same time once, those it allowed a short while ago
 * not again, and no more at a time than are good for it. Invariant: without a proper answer nobody gets
 * in. Of a question only an HMAC with a key of this process is kept.
 */

import { Buffer } from "node:buffer";
import { createHmac, randomBytes } from "node:crypto";
import type { LoginMethod, LoginRequest, MethodAnswer } from "./login_method.ts";
import { Turns } from "./turns.ts";
import { readAnswer, unavailable } from "./webhook_answer.ts";
import { WebhookClient, type WebhookClientOptions, WebhookError } from "./webhook_client.ts";
import { WebhookMemory } from "./webhook_memory.ts";

export interface WebhookOptions extends WebhookClientOptions {
  /** Milliseconds for an answer, waiting for one's turn included. */
  readonly timeoutMs: number;
  /** Milliseconds for which an "allow" is remembered; 0: each login is asked about. */
  readonly cacheMs: number;
  /** Requests at the same time. */
  readonly maximumRunning?: number;
  /** Questions that wait for their turn; more are answered with "unavailable". */
  readonly maximumWaiting?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

const MAXIMUM_RUNNING = 16;
const MAXIMUM_WAITING = 1024;

export class WebhookLogin implements LoginMethod {
  readonly name = "http";
  readonly #client: WebhookClient;
  readonly #timeoutMs: number;
  readonly #turns: Turns;
  readonly #memory: WebhookMemory;
  readonly #key = randomBytes(32);
  /** What is being asked: who asks the same meanwhile gets the same answer. */
  readonly #asked = new Map<string, Promise<MethodAnswer>>();
  /** One for each question, to end it by. */
  readonly #asking = new Set<AbortController>();

  /** Throws a `WebhookError`, whose message is for people. */
  constructor(options: WebhookOptions) {
    this.#client = new WebhookClient(options);
    this.#timeoutMs = options.timeoutMs;
    this.#turns = new Turns({
      maximumRunning: options.maximumRunning ?? MAXIMUM_RUNNING,
      maximumWaiting: options.maximumWaiting ?? MAXIMUM_WAITING,
    });
    const { cacheMs, now = () => performance.now() } = options;
    this.#memory = new WebhookMemory({ rememberedMs: cacheMs, now });
  }

  /** What goes wrong is "unavailable", with the cause for the log. */
  check(request: LoginRequest): Promise<MethodAnswer> {
    const question = questionOf(request);
    const mark = createHmac("sha256", this.#key).update(question).digest("base64");
    const remembered = this.#memory.get(mark);
    if (remembered !== undefined) return Promise.resolve(remembered);
    const asked = this.#asked.get(mark);
    if (asked !== undefined) return asked;
    if (this.#turns.isFull) {
      return Promise.resolve(unavailable("too many questions wait for it already"));
    }
    const answer = this.#ask(mark, question, request.username);
    this.#asked.set(mark, answer);
    return answer;
  }

  /** Forgets every "allow", as after the configuration has changed. */
  forget(): void {
    this.#memory.forget();
  }

  /** Ends what is being asked, and closes the connections. */
  close(): void {
    for (const end of this.#asking) end.abort(new WebhookError("the broker is ending"));
    this.#client.close();
  }

  async #ask(
    mark: string,
    question: string,
    username: string | undefined,
  ): Promise<MethodAnswer> {
    const end = new AbortController();
    this.#asking.add(end);
    const timer = setTimeout(
      () => end.abort(new WebhookError(`no answer within ${this.#timeoutMs / 1000} s`)),
      this.#timeoutMs,
    );
    try {
      const answer = await this.#answerTo(question, username, end.signal);
      this.#memory.remember(mark, answer);
      return answer;
    } catch (error) {
      if (!(error instanceof WebhookError)) throw error;
      return unavailable(error.message);
    } finally {
      clearTimeout(timer);
      this.#asking.delete(end);
      this.#asked.delete(mark);
    }
  }

  async #answerTo(
    question: string,
    username: string | undefined,
    signal: AbortSignal,
  ): Promise<MethodAnswer> {
    await this.#turns.take(signal);
    try {
      return readAnswer(await this.#client.post(question, signal), username);
    } finally {
      this.#turns.giveBack();
    }
  }
}

/** The body of the request. A password that is no text is there in base64 instead. */
function questionOf(
  { clientIdentifier, username, password, protocolVersion, origin }: LoginRequest,
) {
  const text = password === undefined ? undefined : textOf(password);
  const { address, listener, certificate, isEncrypted } = origin;
  return JSON.stringify({
    username: username ?? null,
    password: text ?? null,
    ...(password !== undefined && text === undefined
      ? { passwordBase64: Buffer.from(password).toString("base64") }
      : {}),
    clientIdentifier,
    protocolVersion,
    address,
    listener: listener.name,
    isEncrypted,
    certificate: certificate === undefined ? null : {
      commonName: certificate.commonName ?? null,
      subject: certificate.subject,
      subjectAltNames: certificate.subjectAltNames,
    },
  });
}

/** Undefined when the bytes are no text. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
