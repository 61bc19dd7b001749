/**
 * Signals, sent to this process itself.
 */

import assert from "node:assert/strict";
import { ProcessSignals } from "../../src/net/process_signals.ts";

const ignore = Deno.build.os === "windows";

Deno.test({
  name: "ProcessSignals resolves at SIGTERM, whoever waits for it then or later",
  ignore,
  fn: async () => {
    using _busy = busy();
    const signals = new ProcessSignals();
    Deno.kill(Deno.pid, "SIGTERM");
    await signals.stopped;
    await signals.stopped;
    signals.close();
  },
});

Deno.test({
  name: "ProcessSignals reloads at SIGHUP, also for one that came before it was known how",
  ignore,
  fn: async () => {
    using _busy = busy();
    const signals = new ProcessSignals();
    const early = nextSignal("SIGHUP");
    Deno.kill(Deno.pid, "SIGHUP");
    await early;
    let reloads = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    signals.onReload(() => ++reloads > 1 && resolve());
    assert.equal(reloads, 1);
    Deno.kill(Deno.pid, "SIGHUP");
    await promise;
    assert.equal(reloads, 2);
    signals.close();
  },
});

/** A process that waits for nothing but signals is at its end. */
function busy(): Disposable {
  const timer = setInterval(() => {}, 1000);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Listens after the one that is tested, so it is called after it. */
function nextSignal(name: Deno.Signal): Promise<void> {
  return new Promise((resolve) => {
    const handler = () => {
      Deno.removeSignalListener(name, handler);
      // Handlers of one signal are called in the same turn or in the next ones.
      setTimeout(resolve);
    };
    Deno.addSignalListener(name, handler);
  });
}
