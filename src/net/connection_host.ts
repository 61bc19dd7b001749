/**
 * What a connection needs from the server. Owns the types and nothing else.
 */

import type { Broker } from "../broker/broker.ts";
import type { LinkLimits } from "./client_link.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionEvents } from "./connection_events.ts";
import type { LoginService } from "./login_service.ts";

export interface ConnectionLimits extends LinkLimits {
  /** Milliseconds from accept to the end of the login, handshakes before MQTT included. */
  readonly connectTimeoutMs: number;
  /** Bytes of a packet before CONNECT is accepted. */
  readonly maximumConnectPacketSize: number;
}

/** What a connection needs from the server. */
export interface ConnectionHost {
  readonly broker: Broker;
  readonly limits: ConnectionLimits;
  readonly events: ConnectionEvents;
  readonly login: LoginService;
  /** A coarse clock, read once a batch. */
  nowMs(): number;
  /**
   * The handshakes before MQTT are done, and the origin of `connection` is final. Returns why it is
   * to be closed, if it is; that is told already.
   */
  opened(connection: Connection): string | undefined;
  /** `connection` has output: flush it when the batch of input is handled. */
  outputPending(connection: Connection): void;
  /**
   * A batch of input is handled: flush soon. True when a reader of it fell behind, and whoever
   * sent the input should wait for `relief` before it sends more.
   */
  flushSoon(): boolean;
  relief(): Promise<void>;
  outputTaken(connection: Connection): void;
  /** Output of `connection` waits for commits. */
  outputGated(connection: Connection): void;
  closed(connection: Connection): void;
}
