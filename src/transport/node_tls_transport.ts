/**
 * TLS by `node:tls` on top of any other transport: with client certificates, with TLS 1.3 only, or
 * behind the PROXY protocol.
 *
 * Owns the TLS socket of one connection. Every connection has a TLS server of its own, so that it
 * takes the files of the moment, and so that a failed handshake is known to be its own; that costs no
 * more, since the platform reads the files for each connection anyway. Invariant: with
 * "require", and with any certificate at all, nobody gets through whose certificate was not verified.
 */

import { messageOf } from "../error_text.ts";
import type { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import { createServer, type TLSSocket } from "node:tls";
import type { ClientCertificate } from "../access/login_method.ts";
import { NodeStream } from "./node_stream.ts";
import { explainTlsFailure } from "./socket_transport.ts";
import type { TlsFiles } from "./tls_files.ts";
import type { TlsOptions } from "./tls_options.ts";
import { HandshakeError, openInner, type Peer, type Transport } from "./transport.ts";
import { TransportDuplex } from "./transport_duplex.ts";

/** What a TLS listener demands now; the files may be others for the next connection. */
export interface NodeTlsTerms {
  readonly files: TlsFiles;
  readonly options: Pick<TlsOptions, "minVersion" | "clientCertificate">;
  /** The time of the wall, for the CRL. */
  readonly nowMs: () => number;
}

/** The largest certificate that is read to say whom it claims to be of, though nobody vouches for it. */
const MAX_UNVERIFIED_BYTES = 4096;

export class NodeTlsTransport implements Transport {
  readonly #inner: Transport;
  readonly #accepted: Peer;
  readonly #terms: NodeTlsTerms;
  #duplex: TransportDuplex | undefined;
  #stream: NodeStream | undefined;
  #isClosed = false;

  constructor(inner: Transport, accepted: Peer, terms: NodeTlsTerms) {
    this.#inner = inner;
    this.#accepted = accepted;
    this.#terms = terms;
  }

  get remoteAddress(): string {
    return this.#inner.remoteAddress;
  }

  async open(): Promise<Peer> {
    const peer = await openInner(this.#inner, this.#accepted);
    if (this.#isClosed) throw new HandshakeError("TLS handshake failed: closed");
    const socket = await this.#handshake();
    this.#stream = new NodeStream(socket, this.#duplex);
    return { ...peer, isEncrypted: true, certificate: await this.#certificateOf(socket) };
  }

  #handshake(): Promise<TLSSocket> {
    const { files, options } = this.#terms;
    const duplex = this.#duplex = new TransportDuplex(this.#inner);
    return new Promise((resolve, reject) => {
      const fail = (reason: string) =>
        reject(new HandshakeError(`TLS handshake failed: ${explainTlsFailure(reason)}`));
      const server = createServer({
        cert: files.certificate,
        key: files.key,
        ...(files.clientCa === undefined ? {} : { ca: files.clientCa }),
        requestCert: options.clientCertificate !== "none",
        // It is judged below: here the reason would be lost, and no alert is sent in either case.
        rejectUnauthorized: false,
        minVersion: options.minVersion === "1.3" ? "TLSv1.3" : "TLSv1.2",
        handshakeTimeout: 0,
      }, (socket) => {
        duplex.isHeld = true;
        resolve(socket);
      });
      server.on("tlsClientError", (error) => fail(messageOf(error)));
      duplex.on("error", (error) => fail(messageOf(error)));
      duplex.on("end", () => fail("tls handshake eof"));
      duplex.on("close", () => fail("it was ended"));
      server.emit("connection", duplex);
    });
  }

  /** Undefined: it has none. Throws when it must not be believed. */
  async #certificateOf(socket: TLSSocket): Promise<ClientCertificate | undefined> {
    const { options, files, nowMs } = this.#terms;
    if (options.clientCertificate === "none") return undefined;
    const raw: Buffer | undefined = socket.getPeerCertificate().raw;
    if (raw === undefined) {
      if (options.clientCertificate === "request") return undefined;
      throw new HandshakeError("TLS handshake failed: the client has no certificate");
    }
    // Whoever is not known yet must not make us read, or log, whatever fits into a certificate.
    if (!socket.authorized && raw.length > MAX_UNVERIFIED_BYTES) {
      throw new HandshakeError(
        `TLS handshake failed: the client's certificate is refused: ${
          certificateFailure(raw, nowMs())
        }`,
      );
    }
    const names = await readNames(raw);
    const reason = socket.authorized
      ? files.revocationList?.refusal(raw, nowMs())
      : certificateFailure(raw, nowMs());
    if (reason === undefined) return names;
    throw new HandshakeError(
      `TLS handshake failed: the client's certificate '${names.subject}' is refused: ${reason}`,
    );
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return (this.#stream as NodeStream).read(buffer);
  }

  write(bytes: Uint8Array): Promise<number> {
    return (this.#stream as NodeStream).write(bytes);
  }

  closeWrite(): Promise<void> {
    return (this.#stream as NodeStream).closeWrite();
  }

  close(): void {
    this.#isClosed = true;
    this.#stream?.close();
    if (this.#duplex === undefined) this.#inner.close();
    else this.#duplex.destroy();
  }
}

/** The ASN.1 library is loaded with the first certificate. */
async function readNames(certificate: Uint8Array): Promise<ClientCertificate> {
  const { namesOf } = await import("./certificate_names.ts");
  try {
    return namesOf(certificate);
  } catch (error) {
    throw new HandshakeError(
      `TLS handshake failed: cannot read the client's certificate: ${messageOf(error)}`,
    );
  }
}

/** Why a certificate was not verified; the platform has one word for most reasons. */
function certificateFailure(der: Buffer, nowMs: number): string {
  const { validFrom, validTo } = new X509Certificate(der);
  if (Date.parse(validTo) <= nowMs) return "it has expired";
  if (Date.parse(validFrom) > nowMs) return "it is not valid yet; are the clocks right?";
  return "no CA of client_ca has signed it, or not for clients";
}
