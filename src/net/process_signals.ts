/**
 * What signals ask a broker for: SIGINT and SIGTERM to stop, SIGHUP to read its configuration again.
 *
 * Owns the handlers until it is closed. They are there before anything else is, so that no signal ends
 * a broker that has just said that it listens. Windows has no SIGHUP, and SIGBREAK for SIGTERM.
 */

import { getLogger } from "../log/logger.ts";

/** Exit code of systemd and shells: 128 and the number of the signal that ended it. */
const EXIT_SECOND_SIGNAL = 130;

const IS_WINDOWS = Deno.build.os === "windows";
const STOP_SIGNALS: readonly Deno.Signal[] = IS_WINDOWS
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];
const RELOAD_SIGNALS: readonly Deno.Signal[] = IS_WINDOWS ? [] : ["SIGHUP"];

export class ProcessSignals {
  /** Resolves at the first signal to stop; the second one ends the process at once. */
  readonly stopped: Promise<void>;
  readonly #stop = Promise.withResolvers<void>();
  readonly #handlers: readonly (readonly [Deno.Signal, () => void])[];
  #stopCount = 0;
  #reload: (() => void) | undefined;
  #reloadWaits = false;

  constructor() {
    this.stopped = this.#stop.promise;
    this.#handlers = [
      ...STOP_SIGNALS.map((signal) => [signal, () => this.#stopNow(signal)] as const),
      ...RELOAD_SIGNALS.map((signal) => [signal, () => this.#reloadNow()] as const),
    ];
    for (const [signal, handler] of this.#handlers) Deno.addSignalListener(signal, handler);
  }

  /** What a reload is, from now on; it is done at once when one was asked for before. */
  onReload(reload: () => void): void {
    this.#reload = reload;
    if (this.#reloadWaits) reload();
    this.#reloadWaits = false;
  }

  close(): void {
    for (const [signal, handler] of this.#handlers) Deno.removeSignalListener(signal, handler);
  }

  #stopNow(signal: Deno.Signal): void {
    if (++this.#stopCount > 1) Deno.exit(EXIT_SECOND_SIGNAL);
    getLogger("server").info("{signal} received: stopping; a second one ends at once", { signal });
    this.#stop.resolve();
  }

  #reloadNow(): void {
    if (this.#reload === undefined) this.#reloadWaits = true;
    else this.#reload();
  }
}
