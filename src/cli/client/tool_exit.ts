/**
 * How a client tool ends: the exit codes, which are those of Mosquitto's tools, and what is said.
 *
 * Owns the codes and the first reason for ending; later ones do not count.
 */

import { pause } from "../../client/pause.ts";
import { toConnectReturnCode } from "../../protocol/legal_reason_code.ts";
import type { ProtocolVersion } from "../../protocol/packet.ts";
import type { ReasonCode } from "../../protocol/reason_code.ts";
import type { Interrupt } from "./client_terminal.ts";

/** Beside these there are the Reason Codes of CONNACK. */
export const ToolExit = {
  Ok: 0,
  /** The command line, a file, the network, or the server's answer. */
  Failure: 1,
  /** The connection ended before the tool was done. */
  ConnectionLost: 7,
  /** `-W` is over. */
  TimedOut: 27,
  /** What a shell says of a program that was ended by SIGINT and SIGTERM. */
  Interrupted: 130,
  Terminated: 143,
} as const;

/** Something that ends the tool; the message is for people, empty when all is said. */
export class ToolFailure extends Error {
  override readonly name = "ToolFailure";
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Why a tool stops that could go on. */
export interface Stop {
  readonly exitCode: number;
  /** For standard error; undefined: nothing is said. */
  readonly message?: string;
  /** The server is to publish the Will (MQTT 5), as Mosquitto asks for after Ctrl-C and `-W`. */
  readonly withWill?: boolean;
}

/** The exit code of a refused CONNECT: the Reason Code, before MQTT 5 the Return Code. */
export function refusalExitCode(version: ProtocolVersion, reasonCode: ReasonCode): number {
  return version === 5 ? reasonCode : toConnectReturnCode(reasonCode);
}

/** The exit code of a tool that Ctrl-C or a service manager has ended. */
export function interruptExitCode(signal: Interrupt): number {
  return signal === "SIGINT" ? ToolExit.Interrupted : ToolExit.Terminated;
}

/** Asked from many sides to stop: the first one counts. */
export class StopRequest {
  readonly #controller = new AbortController();
  #stop: Stop | undefined;

  /** Aborted as soon as somebody asks. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get reason(): Stop | undefined {
    return this.#stop;
  }

  ask(stop: Stop): void {
    if (this.#stop !== undefined) return;
    this.#stop = stop;
    this.#controller.abort();
  }

  /** Resolves as soon as somebody asks. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      if (this.signal.aborted) resolve();
      else this.signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  /** Resolves after the time, or as soon as somebody asks. */
  sleep(ms: number): Promise<void> {
    return pause(ms, this.signal);
  }
}
