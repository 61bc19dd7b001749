/**
 * A host of listeners that writes down what it is told and closes what is accepted.
 */

import type { Listener, ListenerHost, ListenerOptions } from "../../src/net/listener.ts";
import type { ConnectionOrigin } from "../../src/net/origin.ts";
import type { Transport } from "../../src/net/transport.ts";

export class RecordingHost implements ListenerHost {
  readonly lines: string[] = [];
  #wake: () => void = () => {};

  accepted(transport: Transport, { listener: { name } }: ConnectionOrigin): void {
    transport.close();
    this.#note(`accepted on ${name}`);
  }
  listening(_endpoint: string, carries: string): void {
    this.#note(`listening (${carries})`);
  }
  listenFailed(_endpoint: string, error: Error, willRetry: boolean): void {
    this.#note(`failed: ${error.name}, ${willRetry ? "retry" : "final"}`);
  }
  acceptFailed(_endpoint: string, error: Error): void {
    this.#note(`accept failed: ${error.message}`);
  }
  tlsNotice(_endpoint: string, level: string): void {
    this.#note(`tls ${level}`);
  }

  /** The lines so far, which are forgotten. */
  take(): string[] {
    return this.lines.splice(0);
  }

  /** The next line, when it has come. */
  async next(): Promise<string> {
    while (this.lines.length === 0) await new Promise<void>((wake) => this.#wake = wake);
    return this.lines.shift() as string;
  }

  #note(line: string): void {
    this.lines.push(line);
    this.#wake();
  }
}

/** A listener on loopback. */
export function listenerOptions(
  name: string,
  more: Partial<ListenerOptions> = {},
): ListenerOptions {
  return {
    name,
    address: "127.0.0.1",
    port: 0,
    path: undefined,
    maxConnections: Infinity,
    allowAnonymous: "always",
    ...more,
  };
}

/** The port that it listens on. */
export function portOf(listener: Listener | undefined): number {
  return (listener?.addresses[0] as Deno.NetAddr | undefined)?.port ?? 0;
}

/** Connects and waits until the connection is closed. */
export async function visit(port: number): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.read(new Uint8Array(1)).catch(() => null);
}
