/**
 * Lists of networks from the configuration, and whether a peer is in one of them.
 *
 * Owns the meaning of a peer without an address: it came by a Unix socket, whose permissions say who
 * may connect, so it belongs to every list.
 */

import { type Network, networkContains, parseNetwork } from "../access/network.ts";

/** Reads CIDR notations and single addresses. Throws an Error that names the first bad one. */
export function parseNetworks(texts: readonly string[]): readonly Network[] {
  return texts.map((text) => {
    const network = parseNetwork(text);
    if (network === undefined) throw new Error(`Cannot read the network '${text}'`);
    return network;
  });
}

/** `address` is empty for a Unix socket. */
export function isInNetworks(networks: readonly Network[], address: string): boolean {
  return address === "" || networks.some((network) => networkContains(network, address));
}
