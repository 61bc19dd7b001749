/**
 * What may stand behind `address:`: an IP address, a host name, or "all"; and which addresses get
 * in each other's way.
 *
 * Owns the form of addresses only. Does not resolve names: whether the machine has the address is
 * found out when the listener is opened.
 */

const HOST_NAME = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*\.?$/;

/**
 * Whether the text is "all", an IPv4 address, an IPv6 address (with or without a zone) or a host
 * name.
 */
export function isAddress(value: string): boolean {
  if (isIpv6Address(value)) return true;
  if (/^[\d.]+$/.test(value)) return isIpv4Address(value);
  return value.length <= 253 && HOST_NAME.test(value);
}

/** Whether listeners on the two addresses and one port would take it away from each other. */
export function addressesOverlap(one: string, other: string): boolean {
  const a = covers(one);
  const b = covers(other);
  if (one.toLowerCase() === other.toLowerCase()) return true;
  const sameFamily = a.families.some((family) => b.families.includes(family));
  return sameFamily && (a.everything || b.everything);
}

function isIpv4Address(value: string): boolean {
  const octets = value.split(".");
  return octets.length === 4 && octets.every((octet) => /^\d{1,3}$/.test(octet) && +octet <= 255);
}

function isIpv6Address(value: string): boolean {
  const [address, zone, ...rest] = value.split("%");
  if (address === undefined || !address.includes(":") || rest.length > 0) return false;
  if (zone !== undefined && !/^[\w.-]+$/.test(zone)) return false;
  return /^[\da-fA-F:.]+$/.test(address) && URL.canParse(`http://[${address}]/`);
}

/** A host name may turn out to be of either family; it covers one address of each. */
function covers(address: string): { everything: boolean; families: readonly ("4" | "6")[] } {
  if (address === "all") return { everything: true, families: ["4", "6"] };
  if (address.includes(":")) return { everything: /^[0:]+$/.test(address), families: ["6"] };
  if (isIpv4Address(address)) return { everything: address === "0.0.0.0", families: ["4"] };
  return { everything: false, families: ["4", "6"] };
}
