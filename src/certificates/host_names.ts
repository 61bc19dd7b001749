/**
 * The names and addresses that clients reach this host by.
 *
 * Owns the spelling of names in certificates: lower case, ASCII, IPv6 in its short form. Asks nobody
 * on the network. Invariant: a name that stands in the result is one that TLS libraries accept.
 */

import { isIP, isIPv6 } from "node:net";
import { domainToASCII } from "node:url";

/** What is asked of the operating system. */
export interface HostSystem {
  hostname(): string;
  /** The addresses of all interfaces. */
  addresses(): readonly string[];
}

export const thisHost: HostSystem = {
  hostname: () => Deno.hostname(),
  addresses: () => Deno.networkInterfaces().map(({ address }) => address),
};

const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;
const MAX_NAME_LENGTH = 253;

/** Addresses that say nothing without an interface, or lead to no single host. */
const NOT_FOR_OTHERS = /^(?:127\.|169\.254\.|0\.0\.0\.0$|fe[89ab][0-9a-f]:|::1?$)/;

/** The host's own names, `localhost`, and its addresses; those of loopback are there always. */
export function hostNames(system: HostSystem = thisHost): string[] {
  const hostname = normalizeName(system.hostname());
  const found: string[] = [];
  if (hostname !== undefined && isIP(hostname) === 0 && hostname !== "localhost") {
    const first = hostname.replace(/\..*$/, "");
    // Multicast DNS (RFC 6762) knows the first label only.
    found.push(hostname, first, `${first}.local`);
  }
  const addresses = system.addresses()
    .map((address) => normalizeName(address.replace(/%.*$/, "")))
    .filter((address) => address !== undefined && !NOT_FOR_OTHERS.test(address));
  return mergeNames(found, ["localhost"], addresses, ["127.0.0.1", "::1"]);
}

/** All names once, in order, with the DNS names before the addresses. */
export function mergeNames(...lists: readonly (readonly (string | undefined)[])[]): string[] {
  const names = [...new Set(lists.flat())].filter((name) => name !== undefined);
  return names.sort((a, b) => isIP(a) - isIP(b));
}

/** The spelling for a certificate; undefined when it is neither a DNS name nor an address. */
export function normalizeName(text: string): string | undefined {
  const bare = text.replace(/^\[(.*)\]$/, "$1");
  if (isIPv6(bare)) {
    return URL.canParse(`http://[${bare}]`)
      ? new URL(`http://[${bare}]`).hostname.slice(1, -1)
      : undefined;
  }
  if (isIP(text) !== 0) return text;
  const name = domainToASCII(text.replace(/\.$/, "")).toLowerCase();
  const labels = name.replace(/^\*\./, "").split(".");
  // "192.168.1.300" is a mistake, not a name.
  const isName = labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? "");
  return isName && name.length <= MAX_NAME_LENGTH ? name : undefined;
}

/**
 * What is wanted and missing, so that a certificate should be made anew. An IPv6 address that was
 * only found is no reason: many hosts have another one each day.
 */
export function missingNames(
  certified: readonly string[],
  found: readonly string[],
  added: readonly string[],
): string[] {
  const lasting = found.filter((name) => !isIPv6(name));
  return mergeNames(lasting, added).filter((name) => !certified.includes(name));
}
