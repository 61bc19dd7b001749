/**
 * A transport that begins with the PROXY protocol.
 *
 * Owns what was read behind the header. Believes only those that the configuration names: everybody
 * else could claim any address.
 */

import type { Network } from "../access/network.ts";
import { hostAndPort } from "./address_text.ts";
import { LeadBuffer } from "./lead_buffer.ts";
import { isInNetworks } from "./networks.ts";
import { MAX_V2_BYTES, parseProxyHeader, type ProxyHeader } from "./proxy_header.ts";
import { HandshakeError, openInner, type Peer, type Transport } from "./transport.ts";

export class ProxyTransport implements Transport {
  readonly #inner: Transport;
  readonly #accepted: Peer;
  readonly #networks: readonly Network[];
  #lead: LeadBuffer | undefined = new LeadBuffer(MAX_V2_BYTES);
  #remoteAddress: string;

  /** `networks`: those whose header is believed; none: everybody's. */
  constructor(inner: Transport, accepted: Peer, networks: readonly Network[]) {
    this.#inner = inner;
    this.#accepted = accepted;
    this.#networks = networks;
    this.#remoteAddress = inner.remoteAddress;
  }

  get remoteAddress(): string {
    return this.#remoteAddress;
  }

  async open(): Promise<Peer> {
    const peer = await openInner(this.#inner, this.#accepted);
    if (this.#networks.length > 0 && !isInNetworks(this.#networks, peer.address)) {
      throw new HandshakeError(
        `Refused the PROXY protocol: ${peer.address} is not in proxy_networks`,
      );
    }
    const { source } = await this.#readHeader();
    if (source === undefined) return peer;
    const { address, port } = source;
    this.#remoteAddress = address === "" ? "unix" : hostAndPort(address, port);
    return { ...peer, address, remoteAddress: this.#remoteAddress };
  }

  async #readHeader(): Promise<ProxyHeader> {
    const lead = this.#lead as LeadBuffer;
    while (await lead.readMore(this.#inner)) {
      const header = parseProxyHeader(lead.bytes);
      if (header === undefined) continue;
      lead.drop(header.length);
      return header;
    }
    throw new HandshakeError("Cannot decode PROXY header: the connection ended before it");
  }

  read(buffer: Uint8Array): Promise<number | null> {
    if (this.#lead !== undefined) {
      const count = this.#lead.take(buffer);
      if (count > 0) return Promise.resolve(count);
      this.#lead = undefined;
    }
    return this.#inner.read(buffer);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#inner.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#inner.closeWrite();
  }

  close(): void {
    this.#inner.close();
  }
}
