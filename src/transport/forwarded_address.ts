/**
 * The client's address by the word of reverse proxies (X-Forwarded-For).
 *
 * Owns which of its addresses counts: every proxy appends the one it was called from, so the list is
 * read from its end, and ends at the first address that is not one of ours. Whatever stands before
 * that was claimed by the client itself.
 */

import { isIP } from "node:net";
import type { Network } from "../access/network.ts";
import { oneSpelling } from "./address_text.ts";
import { listItems } from "./http_head.ts";
import { isInNetworks } from "./networks.ts";

/**
 * `peer`: whom the connection comes from, empty for a Unix socket; `trusted`: the proxies that are
 * believed. Undefined when the header is not believed, or says nothing.
 */
export function forwardedAddress(
  header: string | undefined,
  peer: string,
  trusted: readonly Network[],
): string | undefined {
  if (trusted.length === 0 || !isInNetworks(trusted, peer)) return undefined;
  let client: string | undefined;
  for (const item of listItems(header).reverse()) {
    const address = addressOf(item);
    if (address === undefined) break;
    client = address;
    if (!isInNetworks(trusted, address)) break;
  }
  return client;
}

/** Some proxies add the port. */
function addressOf(item: string): string | undefined {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(item)?.[1];
  const host = bracketed ?? (/^([\d.]+):\d+$/.exec(item)?.[1] ?? item);
  if (isIP(host) === 0 || host.includes("%")) return undefined;
  return oneSpelling(host);
}
