/**
 * Which addresses belong to the local network: loopback, private and link-local ranges
 * (RFC 1918, RFC 4193, RFC 3927, RFC 4291, RFC 6598 is not one of them).
 */

/** True for a loopback, private or link-local IPv4 or IPv6 address, IPv4-mapped ones included. */
export function isLocalAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  const text = mapped?.[1] ?? address;
  return text.includes(":") ? isLocalIPv6(text) : isLocalIPv4(text);
}

function isLocalIPv4(address: string): boolean {
  const bytes = address.split(".").map(Number);
  if (bytes.length !== 4 || !bytes.every((byte) => byte >= 0 && byte <= 255)) return false;
  const [first = 0, second = 0] = bytes;
  return first === 127 || first === 10 || (first === 192 && second === 168) ||
    (first === 172 && second >= 16 && second <= 31) || (first === 169 && second === 254);
}

function isLocalIPv6(address: string): boolean {
  if (address === "::1") return true;
  const first = parseInt(address.split(":")[0] ?? "", 16);
  // fc00::/7 is private, fe80::/10 link-local.
  return (first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfe80;
}
