/**
 * Addresses of peers as text.
 *
 * Owns their spelling, for people and for rules. An IPv4 client on an IPv6 socket is shown, and
 * counted, by its IPv4 address.
 */

/** The address without the "::ffff:" of an IPv4-mapped one. */
export function plainAddress(hostname: string): string {
  return hostname.startsWith("::ffff:") && hostname.includes(".") ? hostname.slice(7) : hostname;
}

/** "127.0.0.1:1883" or "[::1]:1883"; without a port "127.0.0.1" or "[::1]". */
export function hostAndPort(hostname: string, port?: number): string {
  const plain = plainAddress(hostname);
  const host = plain.includes(":") ? `[${plain}]` : plain;
  return port === undefined ? host : `${host}:${port}`;
}

/**
 * An IP address, without zone, in the shortest spelling, and of an IPv4-mapped one the IPv4 address:
 * addresses are compared, counted and shown, and others may write them as they like.
 */
export function oneSpelling(address: string): string {
  if (!address.includes(":")) return address;
  const hostname = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(hostname);
  if (mapped === null) return hostname;
  const [high, low] = [parseInt(mapped[1] as string, 16), parseInt(mapped[2] as string, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
