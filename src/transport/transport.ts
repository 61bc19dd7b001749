/**
 * A stream of bytes to one peer, whatever carries it: TCP, TLS, a Unix socket, WebSocket, each with
 * or without the PROXY protocol before it.
 *
 * Owns the types that all transports share. Transports wrap each other; each does its own handshake
 * in `open`, after that of the one within. Invariant: nothing but `open` waits for a handshake.
 */

import type { ClientCertificate } from "../access/login_method.ts";

/** Who is at the other end, as far as the handshakes before MQTT tell. */
export interface Peer {
  /** For people: "192.168.1.7:51234", "[fe80::1]:51234" or "unix:/run/broker.sock". */
  readonly remoteAddress: string;
  /** IP address without port; empty for a Unix socket. */
  readonly address: string;
  /** Of the client, verified; undefined when it has none. */
  readonly certificate: ClientCertificate | undefined;
  readonly isEncrypted: boolean;
}

export interface Transport {
  /** For people, as in `Peer`. The handshakes may change it; final after `open`. */
  readonly remoteAddress: string;
  /**
   * Does the handshakes before MQTT; to be called once, before anything else but `close`. Resolves
   * with undefined when there is nothing to add to what accept said. Rejects with `HandshakeError`;
   * the transport is then good for `close` only. Absent: there are no handshakes.
   */
  open?(): Promise<Peer | undefined>;
  /** Bytes read into the start of `buffer`; null at the end of the stream. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Bytes taken, which may be fewer than were given. */
  write(bytes: Uint8Array): Promise<number>;
  /** Says that nothing more will be written. */
  closeWrite(): Promise<void>;
  /** Ends everything at once; a handshake, read or write that waits rejects. To be called once. */
  close(): void;
}

/** What came before MQTT went wrong; the message is for the log. */
export class HandshakeError extends Error {
  override name = "HandshakeError";
}

/** Does the handshakes of the transport within; `accepted` is the peer if they add nothing. */
export async function openInner(inner: Transport, accepted: Peer): Promise<Peer> {
  return await inner.open?.() ?? accepted;
}

/** Writes all of `bytes`. */
export async function writeAll(
  transport: Pick<Transport, "write">,
  bytes: Uint8Array,
): Promise<void> {
  for (let sent = 0; sent < bytes.length;) {
    sent += await transport.write(sent === 0 ? bytes : bytes.subarray(sent));
  }
}
