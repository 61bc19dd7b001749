/**
 * A listener that a reload has opened and not put to use yet: the reload may still be refused.
 *
 * Owns what is held back until then: its lines in the log. Whoever connects meanwhile is turned away,
 * since no rules for it hold yet.
 */

import { Listener, type ListenerHost, type ListenerOptions } from "./listener.ts";
import type { ConnectionOrigin } from "./origin.ts";
import type { Transport } from "./transport.ts";

export class NewListener implements ListenerHost {
  readonly #host: ListenerHost;
  readonly #listener: Listener;
  /** What was reported before it was put to use; undefined from then on. */
  #heldBack: (() => void)[] | undefined = [];

  private constructor(options: ListenerOptions, host: ListenerHost) {
    this.#host = host;
    this.#listener = new Listener(options, this);
  }

  /** Rejects with an `Error` that names the listener and what keeps it from being opened. */
  static async open(options: ListenerOptions, host: ListenerHost): Promise<NewListener> {
    const opened = new NewListener(options, host);
    const error = await opened.#listener.open();
    if (error === undefined) return opened;
    await opened.close();
    throw new Error(`Cannot open the listener '${options.name}': ${error.message}`);
  }

  /** Where another one was closed for it: what cannot be opened goes on trying. Never rejects. */
  static async openAgain(options: ListenerOptions, host: ListenerHost): Promise<NewListener> {
    const opened = new NewListener(options, host);
    await opened.#listener.open();
    return opened;
  }

  /** From now on it is a listener like others. */
  putToUse(): Listener {
    const reports = this.#heldBack ?? [];
    this.#heldBack = undefined;
    for (const report of reports) report();
    return this.#listener;
  }

  /** Nobody wants it. */
  close(): Promise<void> {
    return this.#listener.close();
  }

  accepted(
    transport: Transport,
    origin: ConnectionOrigin,
    listener: Listener,
  ): boolean | void {
    if (this.#heldBack === undefined) return this.#host.accepted(transport, origin, listener);
    transport.close();
    return false;
  }

  listening(endpoint: string, carries: string): void {
    this.#report(() => this.#host.listening(endpoint, carries));
  }

  listenFailed(endpoint: string, error: Error, willRetry: boolean): void {
    this.#report(() => this.#host.listenFailed(endpoint, error, willRetry));
  }

  acceptFailed(endpoint: string, error: Error): void {
    this.#report(() => this.#host.acceptFailed(endpoint, error));
  }

  tlsNotice(endpoint: string, level: "info" | "warning" | "error", text: string): void {
    this.#report(() => this.#host.tlsNotice?.(endpoint, level, text));
  }

  #report(report: () => void): void {
    if (this.#heldBack === undefined) report();
    else this.#heldBack.push(report);
  }
}
