/**
 * What goes between the threads of a load: which method of `LoadThread` is to run, and its outcome.
 *
 * Owns the types only.
 */

import type { LoadPhase, LoadSettings } from "./load_settings.ts";

/** A method that is answered; one call goes on at a time. */
export type LoadCall =
  | { readonly kind: "connect" }
  | { readonly kind: "begin"; readonly phase: LoadPhase }
  | { readonly kind: "publish" }
  | { readonly kind: "figures" }
  | { readonly kind: "close" };

/** "start" makes the engine and comes first. It and "stop" are not answered. */
export type ToLoadWorker =
  | {
    readonly kind: "start";
    readonly settings: LoadSettings;
    readonly counters: SharedArrayBuffer;
    readonly thread: number;
    readonly threads: number;
  }
  | { readonly kind: "stop" }
  | LoadCall;

/** The outcome of a call; `value` is what the method resolves with. */
export type FromLoadWorker =
  | { readonly kind: "done"; readonly value: unknown }
  | { readonly kind: "failed"; readonly reason: string };
