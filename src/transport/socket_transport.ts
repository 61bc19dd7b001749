/**
 * A socket of the operating system as a transport, with or without the TLS of `Deno.listenTls`.
 *
 * Owns the socket. Classes and not closures: ten thousand idle connections have one each.
 */

import { messageOf } from "../error_text.ts";
import { HandshakeError, type Peer, type Transport } from "./transport.ts";

/** TCP or a Unix socket as it is. */
export class SocketTransport implements Transport {
  readonly remoteAddress: string;
  readonly #conn: Deno.Conn;

  constructor(conn: Deno.Conn, remoteAddress: string) {
    this.#conn = conn;
    this.remoteAddress = remoteAddress;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return this.#conn.read(buffer);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  close(): void {
    this.#conn.close();
  }
}

/** Told of the handshakes of one listener. */
export interface HandshakeWatch {
  begun(): void;
  /** `isStalled`: the connection was closed in the middle of it. */
  ended(isStalled: boolean): void;
}

/**
 * What a `Deno.listenTls` accepted; the handshake is still to be done. Closed before it is over, Deno
 * keeps the socket open for as long as the client does (tried with 2.4 and 2.9): `watch` is told.
 */
export class TlsSocketTransport extends SocketTransport {
  readonly #conn: Deno.TlsConn;
  readonly #peer: Peer;
  readonly #watch: HandshakeWatch;
  #isShakingHands = true;

  constructor(conn: Deno.TlsConn, accepted: Peer, watch: HandshakeWatch) {
    super(conn, accepted.remoteAddress);
    this.#conn = conn;
    this.#peer = { ...accepted, isEncrypted: true };
    this.#watch = watch;
    watch.begun();
  }

  async open(): Promise<Peer> {
    try {
      await this.#conn.handshake();
    } catch (error) {
      throw new HandshakeError(`TLS handshake failed: ${explainTlsFailure(messageOf(error))}`);
    } finally {
      this.#end(false);
    }
    return this.#peer;
  }

  override close(): void {
    this.#end(true);
    super.close();
  }

  #end(isStalled: boolean): void {
    if (this.#isShakingHands) this.#watch.ended(isStalled);
    this.#isShakingHands = false;
  }

  /** Devices that just go away do not say so; MQTT knows by itself whether a packet is whole. */
  override read(buffer: Uint8Array): Promise<number | null> {
    return super.read(buffer).catch(endWithoutNotice);
  }
}

/** For `catch` after reading: the end of a stream that TLS did not announce is an end all the same. */
export function endWithoutNotice(error: unknown): null {
  if (error instanceof Deno.errors.UnexpectedEof) return null;
  throw error;
}

/** Says what the usual failures mean for somebody who sets up a device. */
export function explainTlsFailure(message: string): string {
  if (/InvalidContentType|wrong version number/i.test(message)) {
    return "the client does not speak TLS; does it use the right port?";
  }
  if (/UnknownCA|unknown ca\b|BadCertificate|CertificateUnknown/i.test(message)) {
    return `the client does not trust the server's certificate (${message}); ` +
      "does it know the CA, and is its name in the certificate?";
  }
  if (/protocol version|Tls12NotOffered|Tls13NotOffered|NotOfferedOrEnabled/i.test(message)) {
    return `no version of TLS that both speak (${message})`;
  }
  if (/^(unexpected end of file|tls handshake eof)/i.test(message)) {
    return "the client closed the connection during the handshake";
  }
  return message;
}
